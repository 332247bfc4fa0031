import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import type { AudioTrack, DataTrack, VideoTrack } from "../../../../src/media/track.ts";
import { CODECS } from "../../../../src/media/codec.ts";
import type { Codec } from "../../../../src/media/codec.ts";
import { TsConstantRate } from "../../../../src/wire/container/ts/mux/constant_rate.ts";
import type { TsFrame } from "../../../../src/wire/container/ts/mux/frame.ts";
import { NotInTs } from "../../../../src/wire/container/ts/mux/not_in_ts.ts";
import { packingOf, tsCarries } from "../../../../src/wire/container/ts/mux/packing.ts";
import { openProgram } from "../../../../src/wire/container/ts/mux/program.ts";
import { TsStreamWriter } from "../../../../src/wire/container/ts/mux/stream.ts";
import { TsUnitWriter } from "../../../../src/wire/container/ts/mux/unit.ts";
import { decodeTsHeader } from "../../../../src/wire/container/ts/packet.ts";
import { encodeAvcConfig } from "../../../../src/wire/codec/h264/avcc.ts";
import { checkTr101290 } from "../../../peers/tr101290.ts";
import { hex } from "../../codec/hex.ts";
import { demux, mark } from "./ts_media.ts";

const SPS = hex("6764001eacd940a02ff970110000030001000003003c8f162d96");
const PPS = hex("68ebe3cb22c0");
const BASE = { id: 0, codecString: "", language: "und", config: new Uint8Array(0) };

const video: VideoTrack = {
  ...BASE,
  kind: "video",
  codec: "h264",
  timescale: 90_000,
  config: encodeAvcConfig([SPS], [PPS]),
  width: 640,
  height: 360,
  frameRate: 25,
};
const audio: AudioTrack = {
  ...BASE,
  kind: "audio",
  codec: "aac",
  timescale: 48_000,
  config: hex("1190"),
  sampleRate: 48_000,
  channels: 2,
};
const klv: DataTrack = { ...BASE, kind: "data", codec: "klv", timescale: 90_000 };

/** A picture of one NAL unit of `size` bytes. */
function picture(dts: number, size: number, key: boolean, duration = 3600): TsFrame {
  const data = new Uint8Array(4 + size).fill(0x55);
  data.set([size >>> 24, size >>> 16, size >>> 8, size, key ? 0x65 : 0x41, 0x88, 0x84]);
  return { track: 0, dts, ptsOffset: 0, duration, key, data };
}

function sound(dts: number, size: number, track = 1): TsFrame {
  return { track, dts, ptsOffset: 0, duration: 1024, key: true, data: new Uint8Array(size).fill(0x33) };
}

function write(writer: TsUnitWriter, frames: readonly TsFrame[], tables?: number): Uint8Array {
  const out = new Uint8Array(writer.size(frames, tables));
  expect(writer.write(out, 0, frames, tables)).toBe(out.length);
  return out;
}

function headers(ts: Uint8Array) {
  return Array.from({ length: ts.length / 188 }, (_, i) => {
    const header = decodeTsHeader(ts.subarray(i * 188));
    if (header.kind !== "ok") throw new Error(`packet ${i}: ${header.kind}`);
    return header.value;
  });
}

test("a key frame is, byte for byte, tables, clock, times, delimiter, parameter sets and slice", () => {
  const writer = new TsStreamWriter(openProgram([video]));
  const frame = picture(0, 10, true);
  const out = new Uint8Array(writer.size([frame]));
  writer.write(out, 0, [frame]);
  const stuffing = 188 - 4 - 8 - 14 - 6 - 4 - SPS.length - 4 - PPS.length - 14;
  const start = hex("00000001");
  expect(out).toEqual(joinBytes([
    hex("47400010 00 00b00d0001c100000001f0002ab104b2"),
    new Uint8Array(188 - 5 - 16).fill(0xff),
    hex("47500010 00 02b0120001c10000e100f0001be100f00015bd4d56"),
    new Uint8Array(188 - 5 - 21).fill(0xff),
    Uint8Array.of(0x47, 0x41, 0, 0x30, 7 + stuffing, 0x50),
    hex("00007b0c7e00"),
    new Uint8Array(stuffing).fill(0xff),
    hex("000001e0"),
    Uint8Array.of(0, 8 + 6 + 4 + SPS.length + 4 + PPS.length + 14),
    hex("848005 210007d861 00000001 09f0"),
    start,
    SPS,
    start,
    PPS,
    start,
    frame.data.subarray(4),
  ]) as Uint8Array<ArrayBuffer>);
});

describe("TsUnitWriter", () => {
  const frames = Array.from({ length: 25 }, (_, i) => [picture(i * 3600, 900 + i * 101, i % 25 === 0)])
    .flat();
  const sounds = Array.from({ length: 46 }, (_, i) => sound(i * 1024, 150 + ((i * 31) % 50)));
  const merged = [...frames, ...sounds].sort((a, b) =>
    a.dts / (a.track === 0 ? 90_000 : 48_000) - b.dts / (b.track === 0 ? 90_000 : 48_000)
  );

  test("ends every counter where it began, for any count of packets", () => {
    const writer = new TsUnitWriter(openProgram([video, audio, klv]));
    for (let size = 8; size < 3200; size += 91) {
      const data: TsFrame = { ...sound(0, size % 40, 2), duration: 0 };
      const ts = write(writer, [picture(0, size, true), sound(0, size % 700 + 1), data], undefined);
      const packets = new Map<number, number>();
      for (const h of headers(ts)) {
        expect(h.counter).toBe((packets.get(h.pid) ?? 0) & 15);
        packets.set(h.pid, (packets.get(h.pid) ?? 0) + 1);
      }
      for (const n of packets.values()) expect(n % 16).toBe(0);
      const back = demux(joinBytes([write(writer, [picture(0, size, true)], 0), ts, ts]));
      expect(back.counters.continuityErrors).toBe(0);
    }
  });

  test("writes the same bytes whatever it wrote before", () => {
    const program = openProgram([video, audio]);
    const used = new TsUnitWriter(program);
    write(used, merged.slice(0, 30), 3);
    expect(write(used, merged.slice(20), 7)).toEqual(write(new TsUnitWriter(program), merged.slice(20), 7));
  });

  test("counts tables on from unit to unit", () => {
    const writer = new TsUnitWriter(openProgram([video, audio]));
    const counters = [15, 16, 17].map((n) =>
      headers(write(writer, merged, n)).slice(0, 2).map((h) => [h.pid, h.counter])
    );
    expect(counters).toEqual([[[0, 15], [4096, 15]], [[0, 0], [4096, 0]], [[0, 1], [4096, 1]]]);
  });

  test("puts start codes where lengths were, wherever packets end", () => {
    const program = openProgram([video]);
    for (let first = 100; first < 300; first++) {
      const unit = (size: number) =>
        joinBytes([
          Uint8Array.of(0, 0, size >> 8, size),
          Uint8Array.of(0x41, 0x9a),
          new Uint8Array(size - 2).fill(7),
        ]);
      const data = joinBytes([unit(first), unit(3), unit(200)]);
      const key = picture(0, 10, true);
      const ts = write(new TsUnitWriter(program), [key, { ...key, dts: 3600, key: false, data }], 0);
      expect(demux(ts).of("h264").map((f) => mark(f.data))).toEqual([key, { data }].map((f) => mark(f.data)));
    }
  });

  test("shares PES packets between frames of audio, and gives them their times back", () => {
    const ts = write(new TsUnitWriter(openProgram([audio])), sounds.map((f) => ({ ...f, track: 0 })), 0);
    expect(headers(ts).filter((h) => h.unitStart && h.pid === 256).length).toBe(12);
    const kept = demux(ts).of("aac");
    expect(kept.map((f) => f.dts - 67_200)).toEqual(sounds.map((f) => f.dts));
  });

  test("refuses to write over the end, and what no PES packet holds", () => {
    const writer = new TsUnitWriter(openProgram([klv]));
    const frame = sound(0, 500, 0);
    expect(() => writer.write(new Uint8Array(writer.size([frame], 0) - 1), 0, [frame], 0)).toThrow(
      RangeError,
    );
    expect(writer.size([sound(0, 65_471, 0)], 0)).toBeGreaterThan(65_471);
    expect(() => writer.size([sound(0, 65_472, 0)], 0)).toThrow(RangeError);
  });

  test("does not fail on lengths that make no sense, as frames being overwritten have them", () => {
    const frame = picture(0, 500, true);
    frame.data.set([0xff, 0xff, 0xff, 0xff]);
    expect(write(new TsUnitWriter(openProgram([video])), [frame], 0).length).toBeGreaterThan(500);
  });
});

describe("the clock", () => {
  for (const rate of [1, 2, 5, 12.5, 25, 60]) {
    test(`goes on every 40 ms at ${rate} frames/s, in any size of frame`, () => {
      const duration = 90_000 / rate;
      for (const size of [20, 1500, 60_000]) {
        const frames = Array.from(
          { length: Math.ceil(rate * 2) },
          (_, i) => picture(i * duration, size, i === 0, duration),
        );
        const writer = new TsStreamWriter(openProgram([video]));
        const ts = joinBytes(frames.map((f) => {
          const out = new Uint8Array(writer.size([f]));
          writer.write(out, 0, [f]);
          return out;
        }));
        const report = checkTr101290(ts, { ptsMillis: 1100, tablesMillis: 1100 });
        expect([...report.first]).toEqual([]);
        expect(report.pcrInterval).toBeLessThanOrEqual(40.001);
      }
    });
  }
});

test("the clock does not go back where frames turn out shorter than was said", () => {
  const writer = new TsStreamWriter(openProgram([video]));
  const ts = joinBytes(Array.from({ length: 25 }, (_, i) => {
    const frame = picture(i * 3600, 3000, i === 0, i % 5 === 4 ? 18_000 : 3600);
    const out = new Uint8Array(writer.size([frame]));
    writer.write(out, 0, [frame]);
    return out;
  }));
  expect(headers(ts).filter((h) => h.pcr >= 0).length).toBe(25 + 5 * 4);
  expect([...checkTr101290(ts).first.keys()]).toEqual([]);
});

describe("TsConstantRate", () => {
  test("keeps its rate to the packet, and its clock to 500 ns, across the wrap", () => {
    const program = openProgram([video, audio], { origin: 2 ** 33 - 90_000 });
    let bytes = 0;
    const pieces: Uint8Array[] = [];
    const rate = new TsConstantRate(program, {
      bitsPerSecond: 1_000_000,
      send: (b) => {
        bytes += b.length;
        pieces.push(b.slice());
      },
    });
    for (let i = 0; i < 125; i++) rate.write(picture(i * 3600, i % 25 === 0 ? 9000 : 3000, i % 25 === 0));
    rate.idle(125 * 3600);
    expect(Math.abs(bytes * 8 - 5_000_000)).toBeLessThanOrEqual(188 * 8);
    const report = checkTr101290(joinBytes(pieces), { accuracyNanos: 500 });
    expect([...report.first].filter(([name]) => name !== "1.6 PID_error")).toEqual([]);
    expect(report.pcrInterval).toBeLessThanOrEqual(40);
    expect(rate.lateMillis).toBeLessThanOrEqual(0);
    expect(rate.nullPackets).toBeGreaterThan(0);
  });

  test("says how late frames are when its rate is too low, and loses none", () => {
    const pieces: Uint8Array[] = [];
    const rate = new TsConstantRate(openProgram([video]), {
      bitsPerSecond: 300_000,
      send: (b) => pieces.push(b.slice()),
    });
    for (let i = 0; i < 100; i++) rate.write(picture(i * 3600, 3000, i === 0));
    expect(rate.lateMillis).toBeGreaterThan(1000);
    expect(demux(joinBytes(pieces)).of("h264").length).toBe(100);
  });

  test("begins anew, marked, where time jumps", () => {
    const pieces: Uint8Array[] = [];
    const rate = new TsConstantRate(openProgram([klv]), {
      bitsPerSecond: 500_000,
      send: (b) => pieces.push(b.slice()),
    });
    for (const start of [0, 90_000_000]) {
      for (let i = 0; i < 10; i++) rate.write({ ...sound(start + i * 3600, 100, 0), duration: 3600 });
    }
    const ts = joinBytes(pieces);
    expect(ts.length).toBeLessThan(100_000);
    expect([...checkTr101290(ts).first.keys()]).toEqual([]);
    expect(demux(ts).of("klv").map((f) => f.discontinuity).indexOf(true)).toBe(10);
  });
});

test("openProgram() numbers tracks, and says languages and what metadata needs", () => {
  const id3: DataTrack = { ...klv, codec: "id3" };
  const program = openProgram([audio, { ...audio, language: "deu" }, id3], { firstPid: 500 });
  expect(program.tracks.map((t) => t.pid)).toEqual([500, 501, 502]);
  expect(program.clock).toBe(0);
  expect(Buffer.from(program.pmt).toString("hex")).toContain("0a0464657500");
  expect(Buffer.from(program.pmt).toString("latin1").split("ID3 ").length).toBe(5);
});

test("packingOf() refuses what MPEG-TS cannot say, and says why", () => {
  expect(() => packingOf({ ...video, codec: "vp9" })).toThrow(NotInTs);
  expect(() => packingOf({ ...video, config: new Uint8Array(3) })).toThrow("parameter sets are not known");
  expect(() => packingOf({ ...audio, config: hex("f8e85000") })).toThrow(NotInTs);
  expect((Object.keys(CODECS) as Codec[]).filter((c) => !tsCarries(c)).toSorted()).toEqual(
    ["alaw", "av1", "flac", "jpeg", "l16", "onvif", "subtitle", "ulaw", "vp8", "vp9"],
  );
});
