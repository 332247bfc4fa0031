import { expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import { encodeAvcConfig } from "../../../src/wire/codec/h264/avcc.ts";
import type { LiveMuxer, MuxFrame } from "../../../src/wire/container/live_muxer.ts";
import { MP4_FORMAT } from "../../../src/wire/container/mp4/live.ts";
import { TS_FORMAT } from "../../../src/wire/container/ts/live.ts";
import { hex } from "../codec/hex.ts";
import { writeGuarded } from "./live_media.ts";
import { sampleTrack } from "./random_frames.ts";

const SETS = [hex("6764001eacd940a02ff970110000030001000003003c8f162d96"), hex("68ebe3cb22c0")] as const;
/** Another picture parameter set. */
const OTHER = hex("68ebe3cb22c1");
const TRACKS = [sampleTrack("h264"), sampleTrack("aac", { id: 1 })];
const CHANGED = sampleTrack("h264", { config: encodeAvcConfig([SETS[0]], [OTHER]) });

/** Second `n`: a picture and the sound of it. */
function second(n: number): MuxFrame[] {
  const common = { ptsOffset: 0, key: true, discontinuity: false };
  return [
    {
      ...common,
      track: 0,
      data: hex("00000004 65888040".replaceAll(" ", "")),
      dts: n * 90_000,
      duration: 90_000,
    },
    { ...common, track: 1, data: new Uint8Array(300).fill(n), dts: n * 48_000, duration: 1024 },
  ];
}

/** What is written before a change, for it, and after it. */
function changed(muxer: LiveMuxer) {
  const before = writeGuarded(muxer, second(0));
  const change = muxer.change?.(0, CHANGED);
  return { before, change, after: writeGuarded(muxer, second(1)) };
}

interface Packet {
  readonly pid: number;
  readonly counter: number;
  readonly payload: boolean;
  readonly bytes: Uint8Array;
}

function packetsOf(ts: Uint8Array): Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < ts.length; at += 188) {
    const bytes = ts.subarray(at, at + 188);
    expect(bytes[0]).toBe(0x47);
    const [, high = 0, low = 0, flags = 0] = bytes;
    packets.push({ pid: (high & 31) << 8 | low, counter: flags & 15, payload: (flags & 16) !== 0, bytes });
  }
  return packets;
}

test("a transport stream says what changed with the next version of its tables, and its counters go on", () => {
  const muxer = TS_FORMAT.open(TRACKS);
  const { before, change, after } = changed(muxer);
  expect(change).toHaveLength(0);
  const versions = [before, after].map((part) => {
    const pmt = packetsOf(part).find((p) => p.pid === 0x1000) as Packet;
    // Pointer field, table id, 2 bytes of length, 2 of the program's number.
    return ((pmt.bytes[4 + 1 + 5] as number) >> 1) & 31;
  });
  expect(versions).toEqual([0, 1]);
  const last = new Map<number, number>();
  for (const { pid, counter, payload } of packetsOf(joinBytes([before, after]))) {
    const expected = last.get(pid);
    if (expected !== undefined && payload) expect([pid, counter]).toEqual([pid, (expected + 1) & 15]);
    last.set(pid, counter);
  }
  expect([...last.keys()].sort()).toEqual([0, 0x100, 0x101, 0x1000]);
  // The new picture set goes with the key frame.
  expect(Buffer.from(after).includes(Buffer.from(OTHER))).toBe(true);
  expect(Buffer.from(before).includes(Buffer.from(OTHER))).toBe(false);
  expect(muxer.change?.(0, sampleTrack("flac", { config: new Uint8Array(0) }))).toBeUndefined();
});

test("fragmented MP4 gets another init section, which those who come later begin with", () => {
  const muxer = MP4_FORMAT.open(TRACKS);
  const header = muxer.header();
  const { change } = changed(muxer);
  expect(change).toEqual(muxer.header());
  expect(change).not.toEqual(header);
  expect(Buffer.from(change as Uint8Array).includes(Buffer.from(OTHER))).toBe(true);
  expect(change).toEqual(MP4_FORMAT.open([CHANGED, TRACKS[1] as typeof CHANGED]).header());
  expect(muxer.change?.(0, sampleTrack("h265"))).toBeUndefined();
});
