import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import type { AudioTrack, Track } from "../../../src/media/track.ts";
import { ADTS_FORMAT } from "../../../src/wire/container/adts/live.ts";
import { ANNEXB_FORMAT } from "../../../src/wire/container/annexb/live.ts";
import { cueLines, printCueTime } from "../../../src/wire/container/cue_times.ts";
import { FLAC_FORMAT } from "../../../src/wire/container/flac/live.ts";
import { JSON_LINES_FORMAT } from "../../../src/wire/container/json_lines/live.ts";
import type { ContainerFormat, MuxFrame } from "../../../src/wire/container/live_muxer.ts";
import { MULTIPART_FORMAT, putDecimal } from "../../../src/wire/container/multipart/live.ts";
import { encodeWaveHeader } from "../../../src/wire/container/riff/live.ts";
import { encodeWaveFormat } from "../../../src/wire/container/riff/wave_format.ts";
import { SUBRIP_FORMAT } from "../../../src/wire/container/subrip/live.ts";
import { WEBVTT_FORMAT } from "../../../src/wire/container/webvtt/live.ts";
import { hex } from "../codec/hex.ts";
import { writeGuarded } from "./live_media.ts";
import { sampleTrack } from "./random_frames.ts";

const frame = (more: Partial<MuxFrame> = {}): MuxFrame => ({
  ...{ track: 0, dts: 0, ptsOffset: 0, duration: 90_000, key: true, discontinuity: false },
  data: hex("00000002 6588"),
  ...more,
});
const utf8 = (text: string) => new TextEncoder().encode(text);
const spaceless = (s: string) => s.replaceAll(/\s/g, "");
const shown = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Header and frames of a text format, as text. */
function textOf(
  format: ContainerFormat,
  tracks: readonly Track[],
  frames: readonly Partial<MuxFrame>[],
): string {
  const muxer = format.open(tracks);
  const pieces = [muxer.header(), ...frames.map((f) => writeGuarded(muxer, [frame(f)])), muxer.trailer()];
  return new TextDecoder().decode(joinBytes(pieces));
}

describe("Annex B is, byte for byte", () => {
  const sets = "00000001 6764001eacd940a02ff970110000030001000003003c8f162d96 00000001 68ebe3cb22c0";
  const muxer = ANNEXB_FORMAT.open([sampleTrack("h264")]);

  test("delimiter, parameter sets and slices at a key frame", () => {
    const bytes = writeGuarded(muxer, [frame({ data: hex("00000002 6588 00000003 658899") })]);
    expect(shown(bytes)).toBe(spaceless(`00000001 09f0 ${sets} 00000001 6588 00000001 658899`));
  });

  test("delimiter and slice at another", () => {
    expect(shown(writeGuarded(muxer, [frame({ key: false, data: hex("00000002 419a") })]))).toBe(
      spaceless("00000001 09f0 00000001 419a"),
    );
  });

  test("bounded where lengths make no sense, as in frames that are being overwritten", () => {
    for (
      const data of ["ffffffff 65", "00000001", "000000", "00000000 00000000 65", "7fffffff 00000001 65"]
    ) {
      const bytes = writeGuarded(muxer, [frame({ key: false, data: hex(data) })]);
      expect(bytes.length).toBe(6 + hex(data).length);
    }
  });

  test("what its parameter sets have become", () => {
    const other = ANNEXB_FORMAT.open([sampleTrack("h264")]);
    expect(other.change?.(0, sampleTrack("h265"))).toBeUndefined();
    expect(other.change?.(0, sampleTrack("h264", { config: hex("00") }))).toBeUndefined();
    expect(other.change?.(0, sampleTrack("h264"))?.length).toBe(0);
    expect(ANNEXB_FORMAT.refuse([sampleTrack("h264", { config: hex("00") })])).toMatch("parameter sets");
    expect(ANNEXB_FORMAT.refuse([sampleTrack("h264"), sampleTrack("h264")])).toMatch("one track");
  });
});

describe("ADTS, ISO/IEC 14496-3, 1.A.2.2", () => {
  test("is seven bytes before each access unit", () => {
    const muxer = ADTS_FORMAT.open([sampleTrack("aac")]);
    expect(shown(writeGuarded(muxer, [frame({ data: hex("210a4e80") })]))).toBe(
      spaceless("fff14c80017ffc 210a4e80"),
    );
  });

  test("leaves out a frame that its 13 bits of length cannot say", () => {
    const muxer = ADTS_FORMAT.open([sampleTrack("aac")]);
    expect(writeGuarded(muxer, [frame({ data: new Uint8Array(8184) })]).length).toBe(8191);
    expect(writeGuarded(muxer, [frame({ data: new Uint8Array(8185) })]).length).toBe(0);
    expect(muxer.entry).toBe(false);
  });

  test("goes on with another configuration", () => {
    const muxer = ADTS_FORMAT.open([sampleTrack("aac")]);
    expect(muxer.change?.(0, sampleTrack("aac", { config: hex("1208") }))?.length).toBe(0);
    expect(shown(writeGuarded(muxer, [frame({ data: hex("21") })])).slice(0, 8)).toBe("fff15040");
    expect(muxer.change?.(0, sampleTrack("opus"))).toBeUndefined();
  });
});

describe("WAV of unknown length is, byte for byte", () => {
  const head = (format: string) => `52494646 ffffffff 57415645 666d7420 ${format} 64617461 ffffffff`;
  const cases: readonly [string, Partial<AudioTrack>, string][] = [
    ["alaw", {}, "12000000 0600 0100 401f0000 401f0000 0100 0800 0000"],
    [
      "ulaw",
      { channels: 2 },
      "12000000 0700 0200 401f0000 803e0000 0200 0800 0000",
    ],
    ["l16", {}, "10000000 0100 0200 80bb0000 00ee0200 0400 1000"],
  ];
  for (const [codec, more, format] of cases) {
    test(codec, () => {
      const track = sampleTrack(codec as "alaw", more) as AudioTrack;
      expect(shown(encodeWaveHeader(track))).toBe(spaceless(head(format)));
    });
  }

  test("and nothing for other codecs", () => {
    expect(() => encodeWaveFormat(sampleTrack("aac") as AudioTrack)).toThrow(RangeError);
  });
});

describe("multipart JPEG is, byte for byte", () => {
  test("a part with its length and time, and the next delimiter at once", () => {
    const text = textOf(MULTIPART_FORMAT, [sampleTrack("jpeg")], [
      { data: utf8("JFIF") },
      { data: utf8("EXIF!"), dts: 90_000 * 3661 + 45_001 },
    ]);
    const part = (length: number, time: string, body: string) =>
      `Content-Type: image/jpeg\r\nContent-Length: ${length}\r\nX-Timestamp: ${time}\r\n\r\n${body}\r\n--fogcast-frame\r\n`;
    expect(text).toBe(`--fogcast-frame\r\n${part(4, "0.000000", "JFIF")}${part(5, "3661.500011", "EXIF!")}`);
    expect(MULTIPART_FORMAT.mimeType([])).toBe("multipart/x-mixed-replace; boundary=fogcast-frame");
  });

  test("putDecimal() writes numbers of any length", () => {
    for (
      const [value, digits, printed] of [[0, 1, "0"], [9, 3, "009"], [10, 1, "10"], [
        123_456_789_012,
        2,
        "123456789012",
      ]] as const
    ) {
      const out = new Uint8Array(20);
      expect(new TextDecoder().decode(out.subarray(0, putDecimal(out, 0, value, digits)))).toBe(printed);
    }
  });
});

describe("captions", () => {
  const track = sampleTrack("subtitle");
  const frames = [
    { data: utf8("Grüß Gott\r\n\r\n<i>twice</i>") },
    { data: utf8(" \n") },
    { data: utf8("a --> b"), dts: 90_000 * 360_000, duration: 0 },
  ];

  test("as WebVTT", () => {
    expect(textOf(WEBVTT_FORMAT, [track], frames)).toBe(
      "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nGrüß Gott\n<i>twice</i>\n\n" +
        "100:00:00.000 --> 100:00:04.000\na --&gt; b\n\n",
    );
  });

  test("as SubRip, numbered without gaps", () => {
    expect(textOf(SUBRIP_FORMAT, [track], frames)).toBe(
      "1\n00:00:00,000 --> 00:00:01,000\nGrüß Gott\n<i>twice</i>\n\n" +
        "2\n100:00:00,000 --> 100:00:04,000\na --> b\n\n",
    );
  });

  test("times and lines", () => {
    expect(printCueTime(3_723_004, ".")).toBe("01:02:03.004");
    expect(cueLines("\n a\r\rb \n\n")).toBe(" a\nb ");
  });

  test("what is no UTF-8 does no harm", () => {
    expect(textOf(WEBVTT_FORMAT, [track], [{ data: hex("61ff62") }])).toContain("a\ufffdb\n\n");
  });
});

describe("JSON Lines", () => {
  test("of one JSON track are its texts, each on one line; what is no JSON is a string", () => {
    const text = textOf(JSON_LINES_FORMAT, [sampleTrack("json")], [
      { data: utf8('{\n  "a": 1\n}\n') },
      { data: utf8("oops") },
    ]);
    expect(text).toBe('{   "a": 1 }\n"oops"\n');
  });

  test("of other data are objects with their times", () => {
    const frames = [{ data: hex("00ff"), dts: 45_000 }];
    expect(textOf(JSON_LINES_FORMAT, [sampleTrack("klv", { id: 3 })], frames)).toBe(
      '{"time":500,"codec":"klv","track":3,"base64":"AP8="}\n',
    );
    expect(textOf(JSON_LINES_FORMAT, [sampleTrack("onvif")], [{ data: utf8('<a b="c"/>') }])).toBe(
      '{"time":0,"codec":"onvif","track":0,"text":"<a b=\\"c\\"/>"}\n',
    );
  });

  test("of several tracks are objects too", () => {
    const tracks = [sampleTrack("json"), sampleTrack("subtitle", { id: 1 })];
    const text = textOf(JSON_LINES_FORMAT, tracks, [{ data: utf8("[1]") }, { track: 1, data: utf8("hi") }]);
    expect(text).toBe(
      '{"time":0,"codec":"json","track":0,"data":[1]}\n{"time":0,"codec":"subtitle","track":1,"text":"hi"}\n',
    );
  });
});

test("FLAC begins with fLaC and a STREAMINFO that does not know the end", () => {
  expect(shown(FLAC_FORMAT.open([sampleTrack("flac")]).header())).toBe(
    spaceless(`664c6143 80000022 10001000 000010001000 0bb802f0 00000000 ${"00".repeat(16)}`),
  );
  expect(FLAC_FORMAT.refuse([sampleTrack("flac", { config: hex("00") })])).toMatch("STREAMINFO");
});
