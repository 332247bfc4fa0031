import { describe, expect, test } from "bun:test";
import { ByteWriter } from "../../../../src/base/bytes.ts";
import type { Track } from "../../../../src/media/track.ts";
import { writeAmf0 } from "../../../../src/wire/container/flv/amf0.ts";
import { FLV_FORMAT } from "../../../../src/wire/container/flv/live.ts";
import { encodeOnMetaData } from "../../../../src/wire/container/flv/script.ts";
import type { MuxFrame } from "../../../../src/wire/container/live_muxer.ts";
import { hex } from "../../codec/hex.ts";
import { writeGuarded } from "../live_media.ts";
import { sampleTrack, STREAM_INFO } from "../random_frames.ts";
import { readFlv, readFlvMedia } from "./read_flv.ts";

const frame = (more: Partial<MuxFrame> = {}): MuxFrame => ({
  ...{ track: 0, dts: 0, ptsOffset: 0, duration: 3600, key: true, discontinuity: false },
  data: hex("00000002 6588"),
  ...more,
});

/** The tag of one frame of a track alone. */
function tagOf(track: Track, more: Partial<MuxFrame> = {}): string {
  return Buffer.from(writeGuarded(FLV_FORMAT.open([track]), [frame(more)])).toString("hex");
}

/** Bodies of the tags before the first frame, but for the metadata. */
function headersOf(track: Track): string[] {
  return readFlv(FLV_FORMAT.open([track]).header()).tags.slice(1).map((t) =>
    Buffer.from(t.body).toString("hex")
  );
}

const spaceless = (text: string) => text.replaceAll(" ", "");

describe("a frame is, byte for byte", () => {
  const video = hex("0a0b0c");
  const cases: readonly [name: string, track: Track, more: Partial<MuxFrame>, tag: string][] = [
    // Adobe FLV 10.1, E.4.1: type, size, time, its upper byte, stream; E.4.3.1: frame type and codec, packet, offset.
    [
      "a key frame of H.264",
      sampleTrack("h264"),
      {},
      "09 00000b 000000 00 000000 17 01 000000 000000026588 00000016",
    ],
    [
      "a frame of H.264 that is shown 80 ms after its decoding",
      sampleTrack("h264"),
      { key: false, dts: 90_000, ptsOffset: 7200 },
      "09 00000b 0003e8 00 000000 27 01 000050 000000026588 00000016",
    ],
    [
      "a frame that is shown before its decoding time",
      sampleTrack("h264"),
      { key: false, dts: 90_000, ptsOffset: -3600 },
      "09 00000b 0003e8 00 000000 27 01 ffffd8 000000026588 00000016",
    ],
    [
      "a time of more than 24 bits",
      sampleTrack("h264"),
      { key: false, dts: 90 * 0x1234567 },
      "09 00000b 234567 01 000000 27 01 000000 000000026588 00000016",
    ],
    [
      "a time of more than 32 bits, wrapped",
      sampleTrack("h264"),
      { key: false, dts: 90 * (2 ** 32 + 40) },
      "09 00000b 000028 00 000000 27 01 000000 000000026588 00000016",
    ],
    [
      "the last time before the wrap",
      sampleTrack("h264"),
      { key: false, dts: 90 * (2 ** 32 - 1) },
      "09 00000b ffffff ff 000000 27 01 000000 000000026588 00000016",
    ],
    // E.4.2.1: sound format, rate, size, type.
    ["AAC", sampleTrack("aac"), { data: hex("2110") }, "08 000004 000000 00 000000 af 01 2110 0000000f"],
    ["MP3 of 48 kHz", sampleTrack("mp3"), { data: video }, "08 000004 000000 00 000000 2f 0a0b0c 0000000f"],
    [
      "MP3 of 8 kHz, which has a format of its own",
      sampleTrack("mp3", { sampleRate: 8000, timescale: 8000, channels: 1 }),
      { data: video },
      "08 000004 000000 00 000000 e2 0a0b0c 0000000f",
    ],
    [
      "A-law",
      sampleTrack("alaw"),
      { data: video, dts: 160 },
      "08 000004 000014 00 000000 72 0a0b0c 0000000f",
    ],
    ["µ-law", sampleTrack("ulaw"), { data: video }, "08 000004 000000 00 000000 82 0a0b0c 0000000f"],
    [
      "L16 of 44.1 kHz, its bytes swapped",
      sampleTrack("l16", { sampleRate: 44_100, timescale: 44_100 }),
      { data: hex("12345678") },
      "08 000005 000000 00 000000 3f 34127856 00000010",
    ],
    // Enhanced RTMP v2, ExVideoTagHeader: 1, frame type, packet type; FourCC.
    [
      "a key frame of H.265 without offset: CodedFramesX",
      sampleTrack("h265"),
      { data: video },
      "09 000008 000000 00 000000 93 68766331 0a0b0c 00000013",
    ],
    [
      "a frame of H.265 with an offset: CodedFrames",
      sampleTrack("h265"),
      { data: video, key: false, ptsOffset: 3600 },
      "09 00000b 000000 00 000000 a1 68766331 000028 0a0b0c 00000016",
    ],
    ["AV1", sampleTrack("av1"), { data: video }, "09 000008 000000 00 000000 91 61763031 0a0b0c 00000013"],
    [
      "VP9",
      sampleTrack("vp9"),
      { data: video, key: false },
      "09 000008 000000 00 000000 a1 76703039 0a0b0c 00000013",
    ],
    ["VP8", sampleTrack("vp8"), { data: video }, "09 000008 000000 00 000000 91 76703038 0a0b0c 00000013"],
    // ExAudioTagHeader: sound format 9, packet type; FourCC.
    ["Opus", sampleTrack("opus"), { data: video }, "08 000008 000000 00 000000 91 4f707573 0a0b0c 00000013"],
    ["FLAC", sampleTrack("flac"), { data: video }, "08 000008 000000 00 000000 91 664c6143 0a0b0c 00000013"],
    ["AC-3", sampleTrack("ac3"), { data: video }, "08 000008 000000 00 000000 91 61632d33 0a0b0c 00000013"],
    [
      "E-AC-3",
      sampleTrack("eac3"),
      { data: video },
      "08 000008 000000 00 000000 91 65632d33 0a0b0c 00000013",
    ],
  ];
  for (const [name, track, more, tag] of cases) {
    test(name, () => expect(tagOf(track, more)).toBe(spaceless(tag)));
  }
});

describe("what a decoder has to have first", () => {
  const h264 = sampleTrack("h264");
  const cases: readonly [name: string, track: Track, bodies: readonly string[]][] = [
    ["H.264: AVCDecoderConfigurationRecord", h264, [`1700000000${Buffer.from(h264.config).toString("hex")}`]],
    ["AAC: AudioSpecificConfig", sampleTrack("aac"), ["af001190"]],
    ["AV1: its configuration record", sampleTrack("av1"), [
      "9061763031 81004c000a0b0000000442abbfc3700be001",
    ]],
    ["VP8: nothing", sampleTrack("vp8"), []],
    // RFC 7845, 5.1: version, channels, pre-skip, rate, gain, family, the least significant byte first.
    ["Opus: OpusHead", sampleTrack("opus"), ["904f707573 4f70757348656164 01 02 3801 80bb0000 0000 00"]],
    [
      "FLAC: fLaC and STREAMINFO, of a stream that does not end",
      sampleTrack("flac"),
      ["90664c6143 664c6143 80000022 1000 1000 000010 001000 0bb802f0 00000000 00000000000000000000000000000000"],
    ],
    ["AC-3, MP3 and G.711: nothing", sampleTrack("ac3"), []],
    ["", sampleTrack("mp3"), []],
    ["", sampleTrack("alaw"), []],
  ];
  for (const [name, track, bodies] of cases) {
    test(name === "" ? track.codec : name, () => expect(headersOf(track)).toEqual(bodies.map(spaceless)));
  }

  test("STREAMINFO's own bytes are untouched", () => expect(STREAM_INFO[17]).toBe(0xf1));

  test("it is said again when it changes, at the time of the last frame", () => {
    const muxer = FLV_FORMAT.open([h264, sampleTrack("aac")]);
    writeGuarded(muxer, [frame({ dts: 90_000 })]);
    const changed = muxer.change?.(0, { ...h264, config: hex("0142") }) ?? new Uint8Array(0);
    expect(Buffer.from(changed).toString("hex")).toBe(
      spaceless("09 000007 0003e8 00 000000 17 00 000000 0142 00000012"),
    );
    expect(readFlvMedia(muxer.header()).map((m) => m.data)).toEqual([hex("0142"), hex("1190")]);
    expect(muxer.change?.(0, sampleTrack("h265"))).toBeUndefined();
  });
});

describe("the file's header", () => {
  test("says which kinds of tags follow", () => {
    const flags = (...tracks: Track[]) => readFlv(FLV_FORMAT.open(tracks).header()).flags;
    expect(flags(sampleTrack("h264"), sampleTrack("aac"))).toBe(5);
    expect(flags(sampleTrack("h264"))).toBe(1);
    expect(flags(sampleTrack("opus"))).toBe(4);
  });

  test("is followed by metadata, an ECMA array of AMF 0", () => {
    const body = encodeOnMetaData([sampleTrack("h265")]);
    const expected = [
      "02 000a", // a string: onMetaData
      Buffer.from("onMetaData").toString("hex"),
      "08 00000005",
      `0005 ${Buffer.from("width").toString("hex")} 00 4084000000000000`,
      `0006 ${Buffer.from("height").toString("hex")} 00 4076800000000000`,
      `0009 ${Buffer.from("framerate").toString("hex")} 00 4039000000000000`,
      `000c ${Buffer.from("videocodecid").toString("hex")} 00 41da1d98cc400000`, // hvc1
      `0007 ${Buffer.from("encoder").toString("hex")} 02 0007 ${Buffer.from("fogcast").toString("hex")}`,
      "0000 09",
    ];
    expect(Buffer.from(body).toString("hex")).toBe(spaceless(expected.join("")));
  });
});

describe("writeAmf0()", () => {
  const cases: readonly [name: string, value: Parameters<typeof writeAmf0>[1], bytes: string][] = [
    ["a number", 1.5, "00 3ff8000000000000"],
    ["a boolean", true, "01 01"],
    ["a string of UTF-8", "µ", "02 0002 c2b5"],
    [
      "an array in an array",
      { a: { b: false } },
      "08 00000001 0001 61 08 00000001 0001 62 01 00 000009 000009",
    ],
  ];
  for (const [name, value, bytes] of cases) {
    test(name, () => {
      const w = new ByteWriter();
      writeAmf0(w, value);
      expect(Buffer.from(w.take()).toString("hex")).toBe(spaceless(bytes));
    });
  }

  test("a string of more than 65 535 bytes is a long one", () => {
    const w = new ByteWriter();
    writeAmf0(w, "x".repeat(65_536));
    expect(Buffer.from(w.take().subarray(0, 6)).toString("hex")).toBe("0c0001000078");
  });
});

describe("tracks that do not go together", () => {
  const h264 = sampleTrack("h264");
  const cases: readonly [why: string, tracks: readonly Track[]][] = [
    ["FLV has room for one video track", [h264, sampleTrack("h265")]],
    ["FLV has room for one audio track", [h264, sampleTrack("aac"), sampleTrack("opus")]],
    ["JPEG has no form in FLV", [sampleTrack("jpeg")]],
    ["G.711 in FLV is mono of 8000 Hz, not 2 channels of 8000 Hz", [sampleTrack("alaw", { channels: 2 })]],
    ["FLV cannot say PCM of 2 channels of 48000 Hz", [sampleTrack("l16")]],
    ["there is neither video nor audio", [sampleTrack("json")]],
  ];
  for (const [why, tracks] of cases) {
    test(why, () => expect(FLV_FORMAT.refuse(tracks)).toBe(why));
  }
});

test("JSON and captions are script data", () => {
  const muxer = FLV_FORMAT.open([sampleTrack("h264"), sampleTrack("json", { language: "fra" })]);
  const bytes = writeGuarded(muxer, [frame({ track: 1, dts: 45_000, data: new TextEncoder().encode("{}") })]);
  const [tag] = readFlv(new Uint8Array([...muxer.header().subarray(0, 13), ...bytes])).tags;
  expect([tag?.type, tag?.millis]).toEqual([18, 500]);
  expect(new TextDecoder().decode(tag?.body)).toMatch(/onTextData.*type.*Text.*text.*\{\}.*language.*fra/s);
});

test("a frame that a tag cannot hold is refused", () => {
  const muxer = FLV_FORMAT.open([sampleTrack("vp8")]);
  const large = frame({ data: new Uint8Array(0xffffff) });
  expect(() => muxer.write(new Uint8Array(muxer.size(large)), 0, large)).toThrow(RangeError);
});
