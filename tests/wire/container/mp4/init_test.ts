import { describe, expect, test } from "bun:test";
import type { Codec } from "../../../../src/media/codec.ts";
import { CODECS } from "../../../../src/media/codec.ts";
import type { AudioTrack, Track, VideoTrack } from "../../../../src/media/track.ts";
import { findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { encodeEsds } from "../../../../src/wire/container/mp4/esds.ts";
import { encodeInit } from "../../../../src/wire/container/mp4/init.ts";
import { mp4Carries, NotInMp4 } from "../../../../src/wire/container/mp4/sample_entry.ts";

const hex = (text: string) =>
  Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g) ?? [], (h) => Number.parseInt(h, 16));
const chars = (s: string) => new TextEncoder().encode(s).toHex();
const plain = (text: string) => text.replaceAll(/\s/g, "");

const video = (codec: Codec, config: string, more: Partial<VideoTrack> = {}): VideoTrack => ({
  kind: "video",
  id: 0,
  codec,
  timescale: 90000,
  config: hex(config),
  codecString: "",
  language: "und",
  width: 320,
  height: 180,
  frameRate: 25,
  ...more,
});

const audio = (codec: Codec, config: string, more: Partial<AudioTrack> = {}): AudioTrack => ({
  kind: "audio",
  id: 0,
  codec,
  timescale: 48000,
  config: hex(config),
  codecString: "",
  language: "und",
  sampleRate: 48000,
  channels: 2,
  ...more,
});

/** The one sample entry of an init segment. */
function entryOf(track: Track): string {
  const [stsd] = findBoxes(encodeInit([{ id: 1, track }]), ["moov", "trak", "mdia", "minf", "stbl", "stsd"]);
  expect(stsd?.payload.subarray(0, 8).toHex()).toBe("0000000000000001");
  return stsd?.payload.subarray(8).toHex() ?? "";
}

const visual = (rest: string) => `
  000000000000 0001 0000 0000 000000000000000000000000 0140 00b4 00480000 00480000 00000000 0001
  ${"00".repeat(32)} 0018 ffff ${rest}`;
const sound = (channels: string, rate: string, rest: string) => `
  000000000000 0001 0000000000000000 ${channels} 0010 0000 0000 ${rate}0000 ${rest}`;

const entries: { name: string; track: Track; bytes: string }[] = [
  {
    name: "H.264 as avc1",
    track: video("h264", "0142c00dff"),
    bytes: `00000063 ${chars("avc1")} ${visual(`0000000d ${chars("avcC")} 0142c00dff`)}`,
  },
  {
    name: "H.265 as hvc1, which is all that Apple plays",
    track: video("h265", "0101"),
    bytes: `00000060 ${chars("hvc1")} ${visual(`0000000a ${chars("hvcC")} 0101`)}`,
  },
  {
    name: "AV1",
    track: video("av1", "81000c00"),
    bytes: `00000062 ${chars("av01")} ${visual(`0000000c ${chars("av1C")} 81000c00`)}`,
  },
  {
    name: "VP9 with vpcC of version 1",
    track: video("vp9", "000b820202020000"),
    bytes: `0000006a ${chars("vp09")} ${visual(`00000014 ${chars("vpcC")} 01000000 000b820202020000`)}`,
  },
  {
    name: "VP8, whose configuration never differs",
    track: video("vp8", ""),
    bytes: `0000006a ${chars("vp08")} ${visual(`00000014 ${chars("vpcC")} 01000000 0000820202020000`)}`,
  },
  {
    name: "AAC",
    track: audio("aac", "1190"),
    bytes: `0000004b ${chars("mp4a")} ${
      sound(
        "0002",
        "bb80",
        `00000027 ${chars("esds")} 00000000 0319 000000 0411 40 15 000000 00000000 00000000 0502
        1190 0601 02`,
      )
    }`,
  },
  {
    name: "MP3 as object type 0x6B, without configuration",
    track: audio("mp3", "", { channels: 1, sampleRate: 32000 }),
    bytes: `00000047 ${chars("mp4a")} ${
      sound(
        "0001",
        "7d00",
        `00000023 ${chars("esds")} 00000000 0315 000000 040d 6b 15 000000 00000000 00000000
        0601 02`,
      )
    }`,
  },
  {
    name: "MP3 of a low rate as object type 0x69",
    track: audio("mp3", "", { channels: 1, sampleRate: 16000 }),
    bytes: `00000047 ${chars("mp4a")} ${
      sound(
        "0001",
        "3e80",
        `00000023 ${chars("esds")} 00000000 0315 000000 040d 69 15 000000 00000000 00000000
        0601 02`,
      )
    }`,
  },
  {
    name: "Opus",
    track: audio("opus", "0002013800003e80000000"),
    bytes: `00000037 ${chars("Opus")} ${
      sound("0002", "bb80", `00000013 ${chars("dOps")} 0002013800003e80000000`)
    }`,
  },
  {
    name: "AC-3",
    track: audio("ac3", "100b40"),
    bytes: `0000002f ${chars("ac-3")} ${sound("0002", "bb80", `0000000b ${chars("dac3")} 100b40`)}`,
  },
  {
    name: "E-AC-3",
    track: audio("eac3", "0600200f00"),
    bytes: `00000031 ${chars("ec-3")} ${sound("0002", "bb80", `0000000d ${chars("dec3")} 0600200f00`)}`,
  },
  {
    name: "FLAC, its block marked as the last whatever the track says, a rate of 96 kHz halved in the field",
    track: audio("flac", `00000022 ${"11".repeat(34)}`, { sampleRate: 96000, timescale: 96000 }),
    bytes: `00000056 ${chars("fLaC")} ${
      sound("0002", "bb80", `00000032 ${chars("dfLa")} 00000000 80000022 ${"11".repeat(34)}`)
    }`,
  },
];

describe("encodeInit() writes the sample entry of", () => {
  for (const c of entries) test(c.name, () => expect(entryOf(c.track)).toBe(plain(c.bytes)));
});

describe("encodeEsds()", () => {
  test("spreads sizes of 128 and more over several bytes", () => {
    const written = encodeEsds(0x40, "audio", new Uint8Array(200));
    expect(written.subarray(0, 13).toHex()).toBe("0381" + "61" + "000000" + "0481" + "58" + "4015" + "0000");
    expect(encodeEsds(0x6c, "video", new Uint8Array(0)).subarray(7, 9).toHex()).toBe("6c11");
  });
});

describe("encodeInit()", () => {
  const one = encodeInit([{ id: 1, track: video("h264", "01") }]);
  const both = encodeInit([
    { id: 1, track: video("av1", "81000c00") },
    { id: 7, track: audio("aac", "1190", { language: "eng" }) },
  ]);
  const payloads = (file: Uint8Array, ...path: string[]) =>
    findBoxes(file, path).map((b) => b.payload.toHex());

  test("says in ftyp what players must know", () => {
    const ftyp = (file: Uint8Array) => new TextDecoder().decode(findBoxes(file, ["ftyp"])[0]?.payload);
    expect(ftyp(one)).toBe("iso6\0\0\0\0iso6mp41cmf2");
    expect(ftyp(both)).toBe("iso6\0\0\0\0iso6mp41av01");
  });

  test("gives the movie no duration, and a next track number behind all others", () => {
    expect(payloads(both, "moov", "mvhd")).toEqual([
      plain(`00000000 00000000 00000000 000003e8 00000000 00010000 0100 00000000000000000000
        00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000
        ${"00".repeat(24)} 00000008`),
    ]);
  });

  test("writes each track's number, size, loudness and language", () => {
    const [picture, sound] = payloads(both, "moov", "trak", "tkhd");
    const matrix = plain("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000");
    const zeros = "00".repeat(8);
    expect(picture).toBe(
      plain(`00000007 ${zeros} 00000001 ${zeros} ${zeros} 00000000 00000000`) + matrix + "0140000000b40000",
    );
    expect(sound).toBe(
      plain(`00000007 ${zeros} 00000007 ${zeros} ${zeros} 00000000 01000000`) + matrix + zeros,
    );
    expect(payloads(both, "moov", "trak", "mdia", "mdhd")).toEqual([
      plain("00000000 00000000 00000000 00015f90 00000000 55c4 0000"),
      plain("00000000 00000000 00000000 0000bb80 00000000 15c7 0000"),
    ]);
    expect(payloads(both, "moov", "trak", "mdia", "minf", "vmhd")).toEqual(["00000001" + zeros]);
    expect(payloads(both, "moov", "trak", "mdia", "minf", "smhd")).toEqual([zeros]);
  });

  test("has one trex a track, and empty sample tables", () => {
    const rest = "00000001" + "00".repeat(12);
    expect(payloads(both, "moov", "mvex", "trex")).toEqual([
      "0000000000000001" + rest,
      "0000000000000007" + rest,
    ]);
    for (const [type, zeros] of [["stts", 8], ["stsc", 8], ["stsz", 12], ["stco", 8]] as const) {
      const empty = "00".repeat(zeros);
      expect(payloads(both, "moov", "trak", "mdia", "minf", "stbl", type)).toEqual([empty, empty]);
    }
  });

  test("takes a language that is no ISO 639-2 code for unknown", () => {
    const mdhd = (language: string) =>
      payloads(
        encodeInit([{ id: 1, track: audio("aac", "1190", { language }) }]),
        "moov",
        "trak",
        "mdia",
        "mdhd",
      )[0];
    for (const language of ["", "en", "de-CH", "DEU"]) expect(mdhd(language)).toBe(mdhd("und"));
    expect(mdhd("deu")).not.toBe(mdhd("und"));
  });

  test("can be looked into down to the sample entries", () => {
    const table = ["moov", "trak", "mdia", "minf", "stbl", "stsd"];
    expect(findBoxes(both, [...table, "av01"]).length).toBe(1);
    expect(findBoxes(both, [...table, "mp4a"]).length).toBe(1);
    expect(payloads(both, "moov", "trak", "mdia", "minf", "dinf", "dref", "url ")).toEqual([
      "00000001",
      "00000001",
    ]);
  });

  test("takes sets of parameters larger than its first guess", () => {
    const config = "ab".repeat(5000);
    expect(entryOf(video("h264", config))).toContain(config);
  });

  test("refuses track numbers that are 0, broken or there twice", () => {
    const track = video("h264", "01");
    for (const ids of [[0], [-1], [1.5], [2 ** 32 - 1], [1, 2, 1]]) {
      expect(() => encodeInit(ids.map((id) => ({ id, track })))).toThrow(RangeError);
    }
  });

  test("refuses what MP4 does not carry, and says so beforehand", () => {
    const carried = (Object.keys(CODECS) as Codec[]).filter(mp4Carries).toSorted();
    expect(carried).toEqual(
      ["aac", "ac3", "av1", "eac3", "flac", "h264", "h265", "jpeg", "mp3", "opus", "vp8", "vp9"],
    );
    for (const codec of ["alaw", "ulaw", "l16"] as const) {
      expect(() => encodeInit([{ id: 1, track: audio(codec, "") }])).toThrow(NotInMp4);
    }
    const data: Track = {
      kind: "data",
      id: 0,
      codec: "onvif",
      timescale: 90000,
      config: hex(""),
      codecString: "",
      language: "und",
    };
    expect(() => encodeInit([{ id: 1, track: data }])).toThrow("Cannot write onvif into MP4");
  });
});
