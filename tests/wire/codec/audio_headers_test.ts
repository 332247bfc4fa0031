import { describe, expect, test } from "bun:test";
import { decodeAc3Header, describeAc3 } from "../../../src/wire/codec/ac3/ac3.ts";
import { decodeEac3Header, describeEac3 } from "../../../src/wire/codec/ac3/eac3.ts";
import { decodeFlacStreamInfo, describeFlac } from "../../../src/wire/codec/flac/stream_info.ts";
import { ALAW, expandAlaw, expandUlaw, ULAW } from "../../../src/wire/codec/g711/expand.ts";
import { decodeMp3Header, describeMp3 } from "../../../src/wire/codec/mpeg_audio/header.ts";
import {
  decodeOpusConfig,
  describeOpus,
  encodeOpusConfig,
  opusPacketSamples,
} from "../../../src/wire/codec/opus/opus.ts";
import * as cases from "./audio_header_cases.ts";
import { hex } from "./hex.ts";

describe("AC-3", () => {
  test("reads ffmpeg's frames", () => {
    expect(decodeAc3Header(cases.AC3_FRAME)).toMatchObject({
      kind: "ok",
      value: { sampleRate: 48000, channels: 2, frameBytes: 768, bsid: 8 },
    });
    expect(decodeAc3Header(cases.AC3_FRAME_441)).toMatchObject({
      kind: "ok",
      value: { sampleRate: 44100, frameBytes: 834 },
    });
  });
  test("writes ffmpeg's dac3", () => {
    expect(describeAc3(cases.AC3_FRAME)).toMatchObject({
      kind: "ok",
      value: { codec: "ac3", config: cases.DAC3, codecString: "ac-3" },
    });
  });
  test("counts 5.1 channels", () => {
    // acmod 7, cmixlev, surmixlev, lfeon
    expect(decodeAc3Header(hex("0b77 0000 1c 40 e1 00"))).toMatchObject({
      value: { acmod: 7, lfe: true, channels: 6 },
    });
  });
  test("asks for its header, refuses what is none", () => {
    expect(decodeAc3Header(hex("0b77")).kind).toBe("more");
    expect(decodeAc3Header(hex("0b76fe95144043e1")).kind).toBe("bad");
    expect(decodeAc3Header(hex("0b77fe95d44043e1")).kind).toBe("bad");
    expect(decodeAc3Header(hex("0b77fe952a4043e1")).kind).toBe("bad");
    expect(decodeAc3Header(cases.EAC3_FRAME).kind).toBe("bad");
  });
});

describe("E-AC-3", () => {
  test("reads ffmpeg's frame and writes its dec3", () => {
    expect(decodeEac3Header(cases.EAC3_FRAME)).toMatchObject({
      kind: "ok",
      value: { streamType: 0, frameBytes: 768, sampleRate: 48000, samples: 1536, channels: 2, bsid: 16 },
    });
    expect(describeEac3(cases.EAC3_FRAME)).toMatchObject({
      kind: "ok",
      value: { codec: "eac3", config: cases.DEC3, codecString: "ec-3" },
    });
  });
  test("refuses plain AC-3 and reserved values", () => {
    expect(decodeEac3Header(cases.AC3_FRAME).kind).toBe("bad");
    expect(decodeEac3Header(hex("0b77c17f3487c000")).kind).toBe("bad");
    expect(decodeEac3Header(hex("0b77")).kind).toBe("more");
  });
});

describe("MPEG audio", () => {
  const frames: [string, Uint8Array, object][] = [
    ["ffmpeg's MP3", cases.MP3_FRAME, {
      version: 1,
      layer: 3,
      sampleRate: 48000,
      channels: 2,
      frameBytes: 384,
      samples: 1152,
    }],
    ["MPEG-2 at 16 kHz", cases.MP3_FRAME_16K, {
      version: 2,
      sampleRate: 16000,
      channels: 1,
      frameBytes: 108,
      samples: 576,
    }],
    ["MPEG-2.5 at 8 kHz", hex("ffe318c4"), {
      version: 2.5,
      sampleRate: 8000,
      bitRate: 8000,
      frameBytes: 72,
      samples: 576,
    }],
    ["layer II at 192 kbit/s", hex("fffda400"), {
      layer: 2,
      sampleRate: 48000,
      frameBytes: 576,
      samples: 1152,
    }],
    ["layer I with padding", hex("ffff2200"), {
      layer: 1,
      sampleRate: 44100,
      bitRate: 64000,
      frameBytes: 72,
      samples: 384,
    }],
    ["44.1 kHz with padding", hex("fffb9200"), { bitRate: 128000, sampleRate: 44100, frameBytes: 418 }],
  ];
  for (const [name, bytes, value] of frames) {
    test(`reads ${name}`, () => expect(decodeMp3Header(bytes)).toMatchObject({ kind: "ok", value }));
  }
  for (const bytes of ["fffb0064", "fffbf464", "fffb9c64", "ffeb9464", "fff99464", "00fb9464"]) {
    test(`refuses ${bytes}`, () => expect(decodeMp3Header(hex(bytes)).kind).toBe("bad"));
  }
  test("describes tracks", () => {
    expect(describeMp3(cases.MP3_FRAME)).toMatchObject({
      value: { codec: "mp3", codecString: "mp4a.6B", channels: 2 },
    });
    expect(describeMp3(cases.MP3_FRAME_16K)).toMatchObject({
      value: { codecString: "mp4a.69", sampleRate: 16000 },
    });
    expect(describeMp3(hex("ff")).kind).toBe("more");
  });
});

describe("Opus", () => {
  const packets: [string, string, number][] = [
    ["libopus, CELT 20 ms", "fcb4", 960],
    ["SILK 60 ms", "18", 2880],
    ["hybrid 10 ms, two frames", "61", 960],
    ["CELT 2.5 ms", "e0", 120],
    ["three frames of 20 ms", "ff 03", 2880],
    ["120 ms", "ff 06", 5760],
    ["above 120 ms", "ff 07", 0],
    ["code 3 without a count", "ff", 0],
    ["nothing", "", 0],
  ];
  for (const [name, packet, samples] of packets) {
    test(`opusPacketSamples() counts ${name}`, () => expect(opusPacketSamples(hex(packet))).toBe(samples));
  }
  test("describes stereo with ffmpeg's dOps", () => {
    expect(describeOpus(2)).toMatchObject({
      kind: "ok",
      value: { config: cases.DOPS, sampleRate: 48000, channels: 2 },
    });
  });
  test("dOps is read again as it was written, mono to 7.1", () => {
    for (let channels = 1; channels <= 8; channels++) {
      const description = describeOpus(channels);
      if (description.kind !== "ok") throw new Error(description.kind);
      const decoded = decodeOpusConfig(description.value.config);
      if (decoded.kind !== "ok") throw new Error(JSON.stringify(decoded));
      expect(decoded.value.channels).toBe(channels);
      expect(encodeOpusConfig(decoded.value)).toEqual(description.value.config as Uint8Array<ArrayBuffer>);
    }
  });
  test("refuses channels that nobody maps, and cut off boxes", () => {
    expect(describeOpus(0).kind).toBe("bad");
    expect(describeOpus(9).kind).toBe("bad");
    expect(decodeOpusConfig(cases.DOPS.subarray(0, 10)).kind).toBe("bad");
    expect(decodeOpusConfig(hex("000301380000bb80000000")).kind).toBe("bad");
  });
});

describe("FLAC", () => {
  test("reads ffmpeg's STREAMINFO", () => {
    expect(decodeFlacStreamInfo(cases.FLAC_STREAM_INFO)).toMatchObject({
      kind: "ok",
      value: { minBlock: 4608, maxBlock: 4608, sampleRate: 48000, channels: 2, bitsPerSample: 16 },
    });
    expect(describeFlac(cases.FLAC_STREAM_INFO)).toMatchObject({
      value: { codec: "flac", codecString: "fLaC" },
    });
  });
  test("refuses other blocks and cut off ones", () => {
    expect(decodeFlacStreamInfo(cases.FLAC_STREAM_INFO.subarray(0, 37)).kind).toBe("bad");
    expect(decodeFlacStreamInfo(Uint8Array.of(4, ...cases.FLAC_STREAM_INFO.subarray(1))).kind).toBe("bad");
  });
});

describe("G.711", () => {
  test("expands the ends and the middle of both laws", () => {
    expect([ULAW[0], ULAW[0x7f], ULAW[0x80], ULAW[0xff]]).toEqual([-32124, 0, 32124, 0]);
    expect([ALAW[0x2a], ALAW[0xaa], ALAW[0x55], ALAW[0xd5]]).toEqual([-32256, 32256, -8, 8]);
  });
  test("expands as much as there is room for", () => {
    const out = new Int16Array(3);
    expect(expandAlaw(hex("2a d5"), out)).toBe(2);
    expect([...out]).toEqual([-32256, 8, 0]);
    expect(expandUlaw(hex("00 80 00 80"), out)).toBe(3);
    expect([...out]).toEqual([-32124, 32124, -32124]);
  });
});
