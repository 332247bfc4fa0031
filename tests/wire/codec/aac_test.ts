import { describe, expect, test } from "bun:test";
import { BitWriter } from "../../../src/base/bits.ts";
import { joinBytes } from "../../../src/base/bytes.ts";
import * as adts from "../../../src/wire/codec/aac/adts.ts";
import * as asc from "../../../src/wire/codec/aac/audio_specific_config.ts";
import * as latm from "../../../src/wire/codec/aac/latm.ts";
import { ADTS_FRAMES, ascCases, LATM_ELEMENTS } from "./aac_cases.ts";
import { hex } from "./hex.ts";

describe("AudioSpecificConfig", () => {
  for (const c of ascCases) {
    test(`describeAac() reads ${c.name}`, () => {
      expect(asc.describeAac(c.bytes)).toMatchObject({
        kind: "ok",
        value: {
          config: c.bytes,
          codecString: c.codecString,
          sampleRate: c.sampleRate,
          channels: c.channels,
        },
      });
      const decoded = asc.decodeAudioSpecificConfig(c.bytes);
      expect(decoded.kind === "ok" && asc.aacFrameSamples(decoded.value)).toBe(c.samples);
    });
    if (c.canonical) {
      test(`encodeAudioSpecificConfig() writes ${c.name}`, () => {
        const decoded = asc.decodeAudioSpecificConfig(c.bytes);
        expect(decoded.kind === "ok" && asc.encodeAudioSpecificConfig(decoded.value)).toEqual(
          c.bytes.slice(),
        );
      });
    }
  }

  test("is read again as it was written, in every form", () => {
    const base = { objectType: 2, channelConfiguration: 1, channels: 1, frameSamples: 1024 as const };
    for (const sampleRate of [7350, 12345, 44100, 96000]) {
      for (
        const [sbrSampleRate, sbrInFront, ps] of [[0, false, false], [48000, true, false], [
          48000,
          false,
          true,
        ]] as const
      ) {
        const value = { ...base, sampleRate, sbrSampleRate, sbrInFront, ps };
        expect(asc.decodeAudioSpecificConfig(asc.encodeAudioSpecificConfig(value))).toMatchObject({
          kind: "ok",
          value,
        });
      }
    }
  });

  test("reads channels from a program config element", () => {
    const w = new BitWriter().bits(2, 5).bits(4, 4).bits(0, 4).bits(0, 3);
    w.bits(0, 4 + 2).bits(4, 4).bits(1, 4).bits(0, 4).bits(1, 4).bits(1, 2).bits(0, 3 + 4 + 3);
    w.bits(0b10000, 5).bits(0b10001, 5).bits(0, 4);
    const bytes = joinBytes([w.take(), hex("02 6162")]);
    expect(asc.describeAac(bytes)).toMatchObject({ kind: "ok", value: { channels: 5, sampleRate: 44100 } });
    expect(asc.describeAac(bytes.subarray(0, bytes.length - 1)).kind).toBe("bad");
  });

  const refused: [string, string][] = [
    ["nothing", ""],
    ["one byte", "12"],
    ["a reserved rate", "1690"],
    ["an object type that is not AAC (ALS)", "f9421000"],
    ["a rate of 0 Hz", "1780000008"],
    ["channels that nobody tells", "1240"],
  ];
  for (const [name, bytes] of refused) {
    test(`refuses ${name}`, () => expect(asc.describeAac(hex(bytes)).kind).toBe("bad"));
  }

  test(`refuses more than ${asc.ASC_MAX} bytes`, () => {
    expect(asc.describeAac(new Uint8Array(asc.ASC_MAX + 1).fill(0x12)).kind).toBe("bad");
  });
});

describe("ADTS", () => {
  test("decodeAdts() reads frame after frame", () => {
    const first = adts.decodeAdts(ADTS_FRAMES);
    if (first.kind !== "ok") throw new Error(first.kind);
    expect(first).toMatchObject({
      used: 30,
      value: { objectType: 2, sampleRate: 44100, channelConfiguration: 2, blocks: 1 },
    });
    expect(first.value.payload.length).toBe(23);
    expect(adts.decodeAdts(ADTS_FRAMES.subarray(30))).toMatchObject({ kind: "ok", used: 13 });
  });

  test("encodeAdts() writes what a decoder reads back", () => {
    const config = { objectType: 2, sampleRate: 48000, channelConfiguration: 6 };
    const unit = Uint8Array.from({ length: 700 }, (_, i) => i & 255);
    expect(adts.decodeAdts(adts.encodeAdts(config, unit))).toEqual({
      kind: "ok",
      used: 707,
      value: { ...config, blocks: 1, payload: unit },
    });
  });

  test("a check sum is passed over", () => {
    const frame = hex("fff05080013ffc abcd 21");
    frame[4] = (10 >> 3) & 255;
    frame[5] = ((10 & 7) << 5) | 0x1f;
    frame[3] = 0x80;
    const decoded = adts.decodeAdts(frame);
    expect(decoded.kind === "ok" && decoded.value.payload).toEqual(hex("21"));
  });

  test("asks for the missing bytes, and for no more", () => {
    expect(adts.decodeAdts(ADTS_FRAMES.subarray(0, 3))).toEqual({ kind: "more", need: 7 });
    expect(adts.decodeAdts(ADTS_FRAMES.subarray(0, 29))).toEqual({ kind: "more", need: 30 });
  });

  test("refuses other sync words, reserved rates, and lengths below the header's", () => {
    expect(adts.decodeAdts(hex("fffb5080")).kind).toBe("bad");
    expect(adts.decodeAdts(hex("fff17c8003dffc")).kind).toBe("bad");
    expect(adts.decodeAdts(hex("fff1508000bffc")).kind).toBe("bad");
  });

  test("describeAdts() gives the configuration", () => {
    const config = { objectType: 2, sampleRate: 44100, channelConfiguration: 2 };
    expect(adts.describeAdts(config)).toMatchObject({
      kind: "ok",
      value: { config: hex("1210"), channels: 2 },
    });
    expect(adts.describeAdts({ ...config, channelConfiguration: 0 }).kind).toBe("bad");
  });

  test("what ADTS cannot say is refused", () => {
    const config = { objectType: 2, sampleRate: 44100, channelConfiguration: 2 };
    expect(() => adts.encodeAdts(config, new Uint8Array(adts.ADTS_FRAME_MAX - 6))).toThrow(RangeError);
    expect(() => adts.encodeAdts({ ...config, sampleRate: 12345 }, hex("00"))).toThrow(RangeError);
  });
});

describe("LATM", () => {
  const unit = (n: number): Uint8Array => {
    const frames = [ADTS_FRAMES.subarray(7, 30), ADTS_FRAMES.subarray(37)];
    return frames[n] as Uint8Array;
  };

  test("decodeLatm() moves access units to byte boundaries, and keeps the configuration", () => {
    const first = latm.decodeLatm(LATM_ELEMENTS[0] as Uint8Array, undefined, true);
    if (first.kind !== "ok") throw new Error(JSON.stringify(first));
    expect(first.value.config.asc).toEqual(hex("1210"));
    expect(first.value.accessUnits.length).toBe(1);
    const second = latm.decodeLatm(LATM_ELEMENTS[1] as Uint8Array, first.value.config, true);
    if (second.kind !== "ok") throw new Error(JSON.stringify(second));
    expect(second.value.config).toBe(first.value.config);
    expect(second.value.accessUnits).toEqual([unit(1)]);
    const again = latm.decodeLatm(LATM_ELEMENTS[0] as Uint8Array, first.value.config, true);
    expect(again.kind === "ok" && again.value.config).toBe(first.value.config);
  });

  test("decodeLatm() refuses an element before any configuration", () => {
    expect(latm.decodeLatm(LATM_ELEMENTS[1] as Uint8Array, undefined, true).kind).toBe("bad");
    expect(latm.decodeLatm(hex("01 aa"), undefined, false).kind).toBe("bad");
  });

  test("the configuration of an SDP serves elements without one, several access units each", () => {
    const config = latm.decodeStreamMuxConfig(latm.encodeStreamMuxConfig(hex("1210"), 16, 2));
    if (config.kind !== "ok") throw new Error(JSON.stringify(config));
    expect(config.value).toEqual({ asc: hex("1210"), subFrames: 2, frameBits: 0, otherDataBits: 0 });
    const element = hex("02 aabb 01 cc");
    expect(latm.decodeLatm(element, config.value, false)).toMatchObject({
      kind: "ok",
      used: 5,
      value: { accessUnits: [hex("aabb"), hex("cc")] },
    });
  });

  test("decodeStreamMuxConfig() reads RFC 6416's examples and VLC's", () => {
    // RFC 6416, 5.1: 24 kHz mono; 44.1 kHz stereo as live555 and GStreamer send it.
    for (const [bytes, asc] of [["400026103fc0", "1308"], ["400024203fc0", "1210"]] as const) {
      expect(latm.decodeStreamMuxConfig(hex(bytes))).toMatchObject({
        kind: "ok",
        value: { asc: hex(asc), subFrames: 1 },
      });
    }
  });

  test("lengths of 255 and more are added up", () => {
    const config = { asc: hex("1210"), subFrames: 1, frameBits: 0, otherDataBits: 0 };
    const element = new Uint8Array(2 + 300).fill(7);
    element.set([255, 45]);
    expect(latm.decodeLatm(element, config, false)).toMatchObject({ kind: "ok", used: 302 });
    expect(latm.decodeLatm(element.subarray(0, 301), config, false).kind).toBe("bad");
  });

  test("several programs or layers, and streams with different framing, are refused", () => {
    for (const bytes of ["000024203fc0", "401024203fc0", "400424203fc0", "c00024203fc0"]) {
      expect(latm.decodeStreamMuxConfig(hex(bytes)).kind).toBe("bad");
    }
  });
});
