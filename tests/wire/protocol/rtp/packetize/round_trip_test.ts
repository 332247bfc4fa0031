import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../../src/base/bytes.ts";
import type { Codec } from "../../../../../src/media/codec.ts";
import type { Track } from "../../../../../src/media/track.ts";
import { ticks } from "../../../../../src/base/units.ts";
import { encodeHevcConfig } from "../../../../../src/wire/codec/h265/hvcc.ts";
import { encodeObu } from "../../../../../src/wire/codec/av1/obu.ts";
import { describeOpus } from "../../../../../src/wire/codec/opus/opus.ts";
import { writeJpegHeaders } from "../../../../../src/wire/protocol/rtp/depacketize/jpeg_headers.ts";
import { quantTables } from "../../../../../src/wire/protocol/rtp/depacketize/jpeg_tables.ts";
import { DEPACKETIZERS } from "../../../../../src/wire/protocol/rtp/depacketize/table.ts";
import { emptyRtpPacket, readRtp } from "../../../../../src/wire/protocol/rtp/packet.ts";
import { PacketBatch } from "../../../../../src/wire/protocol/rtp/packetize/packet_place.ts";
import { PACKETIZERS } from "../../../../../src/wire/protocol/rtp/packetize/table.ts";
import { TrackSender } from "../../../../../src/wire/protocol/rtp/packetize/track_sender.ts";
import { printSdp } from "../../../../../src/wire/protocol/sdp/print.ts";
import { parseSdp } from "../../../../../src/wire/protocol/sdp/sdp.ts";
import { describeMedia, trackFormat } from "../../../../../src/wire/protocol/sdp/track_format.ts";
import { CODECS } from "../../../../../src/media/codec.ts";
import { h264ParameterSets, h265ParameterSets } from "../../../../../src/wire/protocol/rtp/parameter_sets.ts";
import { X265_PPS, X265_SPS, X265_VPS } from "../../../codec/h265_cases.ts";
import { Random as Generator } from "../../../../fuzz/random.ts";
import { Collect } from "../depacketize/collect.ts";

type Random = (below: number) => number;
function seeded(seed: number): Random {
  const random = new Generator(seed);
  return (below) => random.below(below);
}

const filled = (random: Random, length: number, head: readonly number[]) => {
  const out = new Uint8Array(Math.max(length, head.length));
  for (let i = 0; i < out.length; i++) out[i] = head[i] ?? 1 + random(255);
  return out;
};
const prefixed = (units: readonly Uint8Array[]) =>
  joinBytes(units.flatMap((u) => [Uint8Array.from([0, 0, u.length >> 8, u.length & 255]), u]));
const bytesOf = (...values: number[]) => Uint8Array.from(values);

const SPS = bytesOf(0x67, 0x42, 0xc0, 0x0c, 0xd9, 0x05, 0x06, 0x7e, 0x5c, 0x04, 0x40);
const PPS = bytesOf(0x68, 0xcb, 0x8c, 0xb2);
const AVCC = bytesOf(1, 0x42, 0xc0, 0x0c, 0xff, 0xe1, 0, SPS.length, ...SPS, 1, 0, PPS.length, ...PPS);
const SEQUENCE = encodeObu({ type: 1, extension: -1, payload: bytesOf(8, 0, 0, 0, 4) });

/** Bytes that the access unit must come out as, and what goes in. */
interface Made {
  readonly frame: Uint8Array;
  readonly units: readonly Uint8Array[];
}

interface Case {
  readonly codec: Codec;
  readonly config?: Uint8Array;
  readonly channels?: number;
  readonly rate?: number;
  make(random: Random, size: number, key: boolean): Made;
}

const whole = (frame: Uint8Array): Made => ({ frame, units: [frame] });
/** An OBU as it is in packets: without its size field. */
const bare = (type: number, payload: Uint8Array) => joinBytes([bytesOf(type << 3), payload]);

const cases: readonly Case[] = [
  {
    codec: "h264",
    config: AVCC,
    make(random, size, key) {
      const units = [filled(random, 9, [6, 5]), filled(random, size, [key ? 0x65 : 0x41, 0x88])];
      return { frame: prefixed(units), units: key ? [SPS, PPS, ...units] : units };
    },
  },
  {
    codec: "h265",
    config: encodeHevcConfig([X265_VPS], [X265_SPS], [X265_PPS]),
    make(random, size, key) {
      const units = [
        filled(random, size, [key ? 0x26 : 0x02, 1, 0x80]),
        filled(random, 200, [key ? 0x26 : 2, 1, 0x40]),
      ];
      return { frame: prefixed(units), units: key ? [X265_VPS, X265_SPS, X265_PPS, ...units] : units };
    },
  },
  {
    codec: "av1",
    config: joinBytes([bytesOf(0x81, 0x04, 0x0c, 0), SEQUENCE]),
    make(random, size, key) {
      const metadata = filled(random, random(200), []);
      const payload = filled(random, size, []);
      const last = filled(random, random(90), []);
      const obu = (type: number, body: Uint8Array) => encodeObu({ type, extension: -1, payload: body });
      return {
        frame: joinBytes([obu(2, bytesOf()), obu(5, metadata), obu(6, payload), obu(5, last)]),
        units: [
          ...(key ? [bytesOf(8, 8, 0, 0, 0, 4)] : []),
          bare(5, metadata),
          bare(6, payload),
          bare(5, last),
        ],
      };
    },
  },
  { codec: "vp8", make: (random, size) => whole(filled(random, size, [0x10])) },
  { codec: "vp9", config: bytesOf(0, 10, 0x80), make: (random, size) => whole(filled(random, size, [0x82])) },
  {
    codec: "jpeg",
    make(random, size) {
      const tables = quantTables(1 + random(99));
      const shape = { type: random(2), width: 8 * (1 + random(255)), height: 8, restart: random(2) * 5 };
      const headers = writeJpegHeaders(shape, tables, 0);
      return whole(joinBytes([headers ?? bytesOf(), filled(random, size, []), bytesOf(0xff, 0xd9)]));
    },
  },
  {
    codec: "aac",
    config: bytesOf(0x11, 0x90),
    channels: 2,
    make: (random, size) => whole(filled(random, Math.min(size, 8191), [0x21])),
  },
  {
    codec: "opus",
    config: ((d) => d.kind === "ok" ? d.value.config : bytesOf())(describeOpus(2)),
    channels: 2,
    make: (random, size) => whole(filled(random, 1 + size % 180, [0xfc])),
  },
  {
    // Layer III, 128 kbit/s, 44.1 kHz: 417 bytes.
    codec: "mp3",
    rate: 44_100,
    channels: 2,
    make: (random) => whole(filled(random, 417, [0xff, 0xfb, 0x90, 0xc0])),
  },
  {
    // 192 kbit/s at 48 kHz: 768 bytes.
    codec: "ac3",
    channels: 2,
    make: (random) => whole(filled(random, 768, [0x0b, 0x77, 0x11, 0x22, 0x14, 0x40, 0x40])),
  },
  {
    // 6 blocks, 48 kHz, stereo, bsid 16: 2 * (frmsiz + 1) bytes.
    codec: "eac3",
    channels: 2,
    make(random, size) {
      const words = Math.max(4, Math.min(2048, size >> 1));
      const head = [0x0b, 0x77, (words - 1) >> 8, (words - 1) & 255, 0x34, 0x80];
      return whole(filled(random, words * 2, head));
    },
  },
  { codec: "onvif", make: (random, size) => whole(filled(random, size, [0x3c])) },
  { codec: "klv", make: (random, size) => whole(filled(random, size, [0x06, 0x0e])) },
];

function trackOf(c: Case): Track {
  const base = {
    id: 0,
    codec: c.codec,
    config: c.config ?? bytesOf(),
    codecString: "",
    language: "und",
  };
  const { kind } = CODECS[c.codec];
  const rate = c.rate ?? 48_000;
  if (kind === "video") return { ...base, kind, timescale: 90_000, width: 320, height: 180, frameRate: 25 };
  if (kind === "data") return { ...base, kind, timescale: 90_000 };
  return { ...base, kind, timescale: rate, sampleRate: rate, channels: c.channels ?? 1 };
}

/** Bytes of packets up to and with `n`, framed. */
const lengthOf = (packets: readonly Uint8Array[], n: number) =>
  packets.slice(0, n + 1).reduce((sum, p) => sum + p.length + 4, 0);

/** Sends frames through a packetizer, and what comes out, by the printed SDP, through a depacketizer. */
function roundTrip(c: Case, packetMax: number, sizes: readonly number[], seed: number): void {
  const track = trackOf(c);
  const media = describeMedia(track, { payloadType: 96, control: "0" });
  if (media === undefined) throw new Error(`${c.codec} has no format`);
  const text = printSdp({ name: "t", id: 1, origin: "::1", address: "::", control: "*", medias: [media] });
  const format = parseSdp(text).medias[0]!.formats[0]!;
  const sink = new Collect();
  const depacketizer = DEPACKETIZERS[format.encoding]!(format, sink, 1 << 22);
  const batch = new PacketBatch(packetMax);
  const sender = new TrackSender(track, format, {
    ssrc: 0xfeedbeef,
    sequence: 65_530,
    timestampOffset: 0xffffff00,
    packetMax,
  }, batch);
  const random = seeded(seed);
  const packet = emptyRtpPacket();
  const want: { units: readonly Uint8Array[]; timestamp: number }[] = [];
  let next = 65_530;
  sizes.forEach((size, i) => {
    const key = i % 3 === 0;
    const made = c.make(random, Math.max(1, size), key);
    const pts = ticks(i * 3600 + 2 ** 33);
    sender.frame(made.frame, pts, key);
    want.push({ units: made.units, timestamp: sender.timestamp(pts) });
    const packets = batch.packets();
    expect(packets.length).toBe(batch.count);
    // What TCP gets is the same packets, framed.
    const interleaved = batch.interleaved(4);
    let at = 0;
    expect(batch.head(0)).toEqual({ sequence: next, timestamp: want[i]!.timestamp });
    const half = batch.within(0, interleaved.length >> 1);
    expect(half).toBe(
      Math.max(1, packets.findLastIndex((_, n) => batch.bytes / 2 >= lengthOf(packets, n)) + 1),
    );
    for (const bytes of packets) {
      expect(bytes.length).toBeLessThanOrEqual(packetMax);
      expect([...interleaved.subarray(at, at + 4)]).toEqual([0x24, 4, bytes.length >> 8, bytes.length & 255]);
      at += 4 + bytes.length;
      expect(readRtp(bytes, packet)).toBeUndefined();
      expect(packet.sequence).toBe(next);
      next = (next + 1) & 0xffff;
      depacketizer.packet(packet, false);
    }
    expect(at).toBe(interleaved.length);
    batch.clear();
  });
  depacketizer.flush();
  expect(sink.damages).toEqual([]);
  expect(sink.out.length).toBe(want.length);
  sink.out.forEach((out, i) => {
    expect(out.timestamp).toBe(want[i]!.timestamp);
    expect(out.units.length).toBe(want[i]!.units.length);
    out.units.forEach((unit, n) => expect(unit).toEqual(want[i]!.units[n]!));
  });
}

describe("what is sent comes back", () => {
  for (const c of cases) {
    test(`${c.codec}: sizes around the edges of packets`, () => {
      // 700 bytes hold the tables of a JPEG image; the edges of one, two and three packets, whatever the headers.
      const sizes = [1, 2, 3, ...Array.from({ length: 40 }, (_, i) => 660 + i), 1320, 1380, 2010, 2100];
      roundTrip(c, 700, sizes, 12_345);
    });
    test(`${c.codec}: random sizes and packets`, () => {
      const random = seeded(c.codec.length * 7919);
      for (let round = 0; round < 8; round++) {
        const packetMax = 500 + random(1000);
        roundTrip(c, packetMax, Array.from({ length: 12 }, () => random(1 << random(16))), round + 1);
      }
    });
  }
});

test("every codec that is sent has a format, and the depacketizer of it reads it", () => {
  const tested = new Set<string>([...cases.map((c) => c.codec), "mp2", "alaw", "ulaw", "l16"]);
  expect(new Set(Object.keys(PACKETIZERS))).toEqual(tested);
});

test("samples are cut between two samples, and time goes on in a frame", () => {
  for (const [codec, channels, bytes] of [["alaw", 1, 1], ["ulaw", 2, 2], ["l16", 2, 4]] as const) {
    const track = trackOf({ codec, channels, rate: 8000, make: () => whole(bytesOf()) });
    const sent: number[][] = [];
    const packet = emptyRtpPacket();
    const o = { ssrc: 1, sequence: 0, timestampOffset: 0, packetMax: 12 + 101 };
    const sender = new TrackSender(track, trackFormat(track, 97)!, o, (bytes) => {
      expect(readRtp(bytes, packet)).toBeUndefined();
      sent.push([packet.timestamp, packet.payload.length]);
    });
    sender.frame(new Uint8Array(240), ticks(1000), true);
    const each = 101 - 101 % bytes;
    expect(sent).toEqual([[1000, each], [1000 + each / bytes, each], [
      1000 + 2 * each / bytes,
      240 - 2 * each,
    ]]);
  }
});

test("what RTP cannot carry is refused, and nothing of it is sent", () => {
  const send = (codec: Codec, frame: Uint8Array) => {
    let packets = 0;
    const track = trackOf({ codec, make: () => whole(frame) });
    const o = { ssrc: 1, sequence: 0, timestampOffset: 0 };
    const sender = new TrackSender(track, trackFormat(track, 97)!, o, () => packets++);
    expect(() => sender.frame(frame, ticks(0), true)).toThrow(RangeError);
    expect(packets).toBe(0);
  };
  const image = writeJpegHeaders({ type: 1, width: 320, height: 8, restart: 0 }, quantTables(50), 0)!;
  const changed = (marker: number, offset: number, value: number) => {
    const copy = image.slice();
    const at = copy.findIndex((b, i) => b === 0xff && copy[i + 1] === marker);
    copy[at + offset] = value;
    return copy;
  };
  send("jpeg", changed(0xc0, 1, 0xc2)); // progressive
  send("jpeg", changed(0xc0, 11, 0x11)); // 4:4:4
  send("jpeg", changed(0xc0, 7, 0x20)); // 8192 pixels wide
  send("jpeg", changed(0xc4, 6, 2)); // Huffman tables of its own
  send("jpeg", image.subarray(0, 40));
  send("opus", new Uint8Array(1500));
  send("eac3", new Uint8Array(255 * 1472));
});

describe("trackFormat()", () => {
  const of = (codec: Codec, more: Partial<Case> = {}) => {
    const c = cases.find((one) => one.codec === codec) ?? { codec, make: () => whole(bytesOf()) };
    return trackFormat(trackOf({ ...c, ...more }), 96);
  };
  test("parameter sets are those of the track", () => {
    expect(h264ParameterSets(of("h264")!)).toEqual([SPS, PPS]);
    expect(h265ParameterSets(of("h265")!)).toEqual([X265_VPS, X265_SPS, X265_PPS]);
    expect(of("h264")!.fmtp.get("profile-level-id")).toBe("42C00C");
  });
  test("payload types that never change", () => {
    const types = (codec: Codec, rate: number, channels: number) =>
      of(codec, { rate, channels })!.payloadType;
    expect(types("ulaw", 8000, 1)).toBe(0);
    expect(types("alaw", 8000, 1)).toBe(8);
    expect(types("alaw", 16_000, 1)).toBe(96);
    expect(types("l16", 44_100, 2)).toBe(10);
    expect(types("mp2", 32_000, 2)).toBe(14);
    expect(types("jpeg", 0, 0)).toBe(26);
  });
  test("Opus is 48 kHz and two channels, whatever it is; the rest is in sprop-stereo", () => {
    const opus = of("opus")!;
    expect([opus.clockRate, opus.channels, opus.fmtp.get("sprop-stereo")]).toEqual([48_000, 2, "1"]);
    const surround = describeOpus(6);
    expect(of("opus", { config: surround.kind === "ok" ? surround.value.config : bytesOf() }))
      .toBeUndefined();
  });
  test("nothing for what RTP does not carry", () => {
    for (const codec of ["flac", "id3", "scte35", "json"] as const) expect(of(codec)).toBeUndefined();
  });
});
