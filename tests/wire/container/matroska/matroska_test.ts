import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import type { Codec } from "../../../../src/media/codec.ts";
import type { Track } from "../../../../src/media/track.ts";
import type { MuxFrame } from "../../../../src/wire/container/live_muxer.ts";
import {
  float,
  master,
  putSize,
  sizeLength,
  text,
  uint,
} from "../../../../src/wire/container/matroska/element.ts";
import { MATROSKA_FORMAT, WEBM_FORMAT } from "../../../../src/wire/container/matroska/live.ts";
import { hex } from "../../codec/hex.ts";
import { writeGuarded } from "../live_media.ts";
import { sampleTrack } from "../random_frames.ts";
import { readElements, readMatroska, textOf, uintOf } from "./read_matroska.ts";

const frame = (more: Partial<MuxFrame> = {}): MuxFrame => ({
  ...{ track: 0, dts: 0, ptsOffset: 0, duration: 3600, key: true, discontinuity: false },
  data: hex("0a0b0c"),
  ...more,
});
const spaceless = (s: string) => s.replaceAll(/\s/g, "");
const ascii = (s: string) => Buffer.from(s).toString("hex");
const shown = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("EBML elements, byte for byte", () => {
  // RFC 8794, 4.4: the same value in its shortest form, and where the next length begins.
  const sizes: readonly [number, string][] = [
    [0, "80"],
    [2, "82"],
    [126, "fe"],
    [127, "407f"],
    [16_382, "7ffe"],
    [16_383, "203fff"],
    [2 ** 21 - 2, "3ffffe"],
    [2 ** 21 - 1, "101fffff"],
    [2 ** 28 - 2, "1ffffffe"],
    [2 ** 28 - 1, "080fffffff"],
  ];
  for (const [size, bytes] of sizes) {
    test(`a size of ${size}`, () => {
      const out = new Uint8Array(8);
      const end = putSize(out, 0, size);
      expect(shown(out.subarray(0, end))).toBe(bytes);
      expect(sizeLength(size)).toBe(end);
    });
  }

  const cases: readonly [string, Uint8Array, string][] = [
    ["an unsigned integer of 0", uint(0x9c, 0), "9c 81 00"],
    ["one of three bytes", uint(0x2ad7b1, 1_000_000), "2ad7b1 83 0f4240"],
    ["one of more than 32 bits", uint(0xe7, 2 ** 40), "e7 86 010000000000"],
    ["a float", float(0xb5, 48_000), "b5 88 40e7700000000000"],
    ["a text", text(0x4282, "webm"), "4282 84 7765626d"],
    ["a master element", master(0xae, [uint(0xd7, 1), undefined, uint(0x83, 2)]), "ae 86 d78101 838102"],
  ];
  for (const [name, element, bytes] of cases) {
    test(name, () => expect(shown(element)).toBe(spaceless(bytes)));
  }
});

describe("the header", () => {
  test("of WebM with Opus is, byte for byte, as RFC 9559 has it", () => {
    const expected = `
      1a45dfa3 9f 4286 8101 42f7 8101 42f2 8104 42f3 8108 4282 84 ${ascii("webm")} 4287 8104 4285 8102
      18538067 01ffffffffffffff
      1549a966 9b 2ad7b1 83 0f4240 4d80 87 ${ascii("fogcast")} 5741 87 ${ascii("fogcast")}
      1654ae6b d0 ae ce
        d7 8101 73c5 8101 83 8102 9c 8100 22b59c 83 ${ascii("fra")} 86 86 ${ascii("A_OPUS")}
        63a2 93 ${ascii("OpusHead")} 01 02 3801 80bb0000 0000 00
        56aa 83 632ea0 56bb 84 04c4b400
        e1 8d b5 88 40e7700000000000 9f 8102`;
    const muxer = WEBM_FORMAT.open([sampleTrack("opus", { language: "fra" })]);
    expect(shown(muxer.header())).toBe(spaceless(expected));
  });

  test("says of each codec what its decoder must know", () => {
    const of = (codec: Codec, more: Partial<Track> = {}) => {
      const track = sampleTrack(codec, more);
      const [read] = readMatroska(MATROSKA_FORMAT.open([track]).header()).tracks;
      return [
        textOf(read?.get(0x86)),
        uintOf(read?.get(0x83)),
        shown(read?.get(0x63a2) ?? new Uint8Array(0)),
      ];
    };
    const h264 = sampleTrack("h264");
    expect(of("h264")).toEqual(["V_MPEG4/ISO/AVC", 1, shown(h264.config)]);
    expect(of("h265")).toEqual(["V_MPEGH/ISO/HEVC", 1, shown(sampleTrack("h265").config)]);
    expect(of("av1")).toEqual(["V_AV1", 1, shown(sampleTrack("av1").config)]);
    expect(of("vp8")).toEqual(["V_VP8", 1, ""]);
    expect(of("vp9")).toEqual(["V_VP9", 1, ""]);
    expect(of("jpeg")).toEqual(["V_MJPEG", 1, ""]);
    expect(of("aac")).toEqual(["A_AAC", 2, "1190"]);
    expect(of("mp3")).toEqual(["A_MPEG/L3", 2, ""]);
    expect(of("mp2")).toEqual(["A_MPEG/L2", 2, ""]);
    expect(of("ac3")).toEqual(["A_AC3", 2, ""]);
    expect(of("eac3")).toEqual(["A_EAC3", 2, ""]);
    expect(of("flac")[0]).toBe("A_FLAC");
    expect(of("flac")[2]).toMatch(/^664c614380000022/);
    // WAVEFORMATEX: tag, channels, rate, bytes a second, bytes a sample, bits, no more.
    expect(of("alaw")).toEqual(["A_MS/ACM", 2, spaceless("0600 0100 401f0000 401f0000 0100 0800 0000")]);
    expect(of("ulaw")).toEqual(["A_MS/ACM", 2, spaceless("0700 0100 401f0000 401f0000 0100 0800 0000")]);
    expect(of("l16")).toEqual(["A_PCM/INT/BIG", 2, ""]);
    expect(of("subtitle")).toEqual(["S_TEXT/UTF8", 17, ""]);
    expect(of("json")).toEqual(["M_JSON", 33, ""]);
  });

  test("has size, frame rate and language, each only where it is known", () => {
    const track = sampleTrack("vp8", { language: "x", frameRate: 0, width: 0, height: 0 });
    const [read] = readMatroska(WEBM_FORMAT.open([track]).header()).tracks;
    expect(textOf(read?.get(0x22b59c))).toBe("und");
    expect(read?.has(0x23e383)).toBe(false);
    const [known] = readMatroska(WEBM_FORMAT.open([sampleTrack("vp8")]).header()).tracks;
    expect(uintOf(known?.get(0x23e383))).toBe(40_000_000);
    const video = readElements(known?.get(0xe0) ?? new Uint8Array(0));
    expect(video.map(({ id, body }) => [id, uintOf(body)])).toEqual([[0xb0, 640], [0xba, 360]]);
  });
});

describe("frames are, byte for byte", () => {
  const write = (muxer: ReturnType<typeof MATROSKA_FORMAT.open>, more: Partial<MuxFrame>) =>
    shown(writeGuarded(muxer, [frame(more)]));

  test("clusters of unknown size at key frames, SimpleBlocks, reordered ones before their cluster's time", () => {
    const muxer = MATROSKA_FORMAT.open([sampleTrack("h264"), sampleTrack("aac")]);
    const cluster = (time: string, block: string) =>
      spaceless(`1f43b675 01ffffffffffffff e7 88 ${time} ${block}`);
    expect(write(muxer, {})).toBe(cluster("0000000000000000", "a3 87 81 0000 80 0a0b0c"));
    expect(write(muxer, { dts: 3600, ptsOffset: 7200, key: false })).toBe(
      spaceless("a3 87 81 0078 00 0a0b0c"),
    );
    expect(write(muxer, { track: 1, dts: 1024 })).toBe(spaceless("a3 87 82 0015 80 0a0b0c"));
    const late = { dts: 90_000 * 4_294_968, ptsOffset: 7200 };
    expect(write(muxer, late)).toBe(cluster("0000000100000310", "a3 87 81 0000 80 0a0b0c"));
    const before = { dts: 90_000 * 4_294_968 + 3600, ptsOffset: 0, key: false };
    expect(write(muxer, before)).toBe(spaceless("a3 87 81 ffd8 00 0a0b0c"));
  });

  test("captions with their durations", () => {
    const muxer = MATROSKA_FORMAT.open([sampleTrack("subtitle")]);
    const bytes = write(muxer, { dts: 90_000, duration: 180_000 });
    expect(bytes.slice(2 * 22)).toBe(spaceless("a0 8f a1 87 81 0000 00 0a0b0c 9b 84 000007d0"));
  });

  test("a new cluster before times leave the 16 bits of a block, and where time goes back", () => {
    const muxer = MATROSKA_FORMAT.open([sampleTrack("h264"), sampleTrack("aac")]);
    const times = [0, 4.9, 5.1, 60, 59.5, 40].map((seconds, i) =>
      writeGuarded(muxer, [frame({ dts: seconds * 90_000, key: i === 0 })])
    );
    const read = readMatroska(joinBytes([muxer.header(), ...times]));
    expect(read.clusters.map((c) => [c.millis, c.blocks])).toEqual([[0, 2], [5100, 1], [60_000, 2], [
      40_000,
      1,
    ]]);
    expect(read.blocks.map((b) => b.millis)).toEqual([0, 4900, 5100, 60_000, 59_500, 40_000]);
  });

  test("one cluster for JPEG images that are close, and every half second without video", () => {
    const jpeg = MATROSKA_FORMAT.open([sampleTrack("jpeg")]);
    const images = Array.from({ length: 25 }, (_, i) => writeGuarded(jpeg, [frame({ dts: i * 3600 })]));
    expect(readMatroska(joinBytes([jpeg.header(), ...images])).clusters.length).toBe(5);
    const aac = MATROSKA_FORMAT.open([sampleTrack("aac")]);
    const sounds = Array.from({ length: 94 }, (_, i) => writeGuarded(aac, [frame({ dts: i * 1024 })]));
    expect(readMatroska(joinBytes([aac.header(), ...sounds])).clusters.length).toBe(4);
  });
});

test("WebM is VP8, VP9, AV1 and Opus; browsers know VP8 by a short name", () => {
  expect(WEBM_FORMAT.codecs.toSorted()).toEqual(["av1", "opus", "vp8", "vp9"]);
  expect(WEBM_FORMAT.refuse([sampleTrack("h264")])).toBe("H.264 has no form in WebM");
  expect(MATROSKA_FORMAT.refuse([sampleTrack("klv")])).toBe("KLV has no form in Matroska");
  expect(WEBM_FORMAT.mimeType([sampleTrack("vp8", { codecString: "vp08.00.10.08" })])).toBe(
    'video/webm; codecs="vp8"',
  );
  const tracks = [
    sampleTrack("vp9", { codecString: "vp09.00.10.08" }),
    sampleTrack("opus", { codecString: "opus" }),
  ];
  expect(WEBM_FORMAT.mimeType(tracks)).toBe('video/webm; codecs="vp09.00.10.08,opus"');
  expect(MATROSKA_FORMAT.mimeType([sampleTrack("aac")])).toBe("audio/x-matroska");
});
