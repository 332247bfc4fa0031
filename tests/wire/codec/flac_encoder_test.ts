import { describe, expect, test } from "bun:test";
import { flacCrc16, flacCrc8 } from "../../../src/wire/codec/flac/crc.ts";
import { FlacEncoder } from "../../../src/wire/codec/flac/encoder.ts";
import {
  FRAME_HEADER_MAX,
  writeCodedNumber,
  writeFrameHeader,
} from "../../../src/wire/codec/flac/frame_header.ts";
import { readFlacFrame } from "./flac_reader.ts";
import { noise, pcmCases } from "./pcm_cases.ts";

const hex = (text: string) =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

/** RFC 9639, appendix D.1: the one frame of the first example, 1 sample of two channels. */
const EXAMPLE_1 = hex("fff869180000bf0358fd03128baa9a");

describe("checksums", () => {
  test("CRC-8 is that of the frame header in RFC 9639, D.1", () =>
    expect(flacCrc8(EXAMPLE_1, 0, 6)).toBe(0xbf));
  test("CRC-16 is that of the frame in RFC 9639, D.1", () =>
    expect(flacCrc16(EXAMPLE_1, 0, 13)).toBe(0xaa9a));
});

describe("writeFrameHeader()", () => {
  const header = (
    sampleRate: number,
    channels: number,
    variable: boolean,
    blockSize: number,
    position: number,
  ) => {
    const out = new Uint8Array(FRAME_HEADER_MAX + 1);
    const end = writeFrameHeader(out, 1, { sampleRate, channels, variable }, blockSize, position);
    expect(out[end - 1]).toBe(flacCrc8(out, 1, end - 1));
    return out.subarray(1, end - 1).toHex();
  };

  test("writes the header in RFC 9639, D.1", () =>
    expect(header(44100, 2, false, 1, 0)).toBe("fff869180000"));

  const cases: [name: string, header: string, hex: string][] = [
    ["a block size with a code", header(48000, 1, false, 4096, 1), "fff8ca0801"],
    ["192 samples", header(48000, 1, false, 192, 1), "fff81a0801"],
    ["1152 samples", header(48000, 1, false, 1152, 1), "fff83a0801"],
    ["160 samples of 8 kHz, as G.711 comes", header(8000, 1, false, 160, 1), "fff86408019f"],
    ["a block size of two bytes", header(8000, 1, false, 1000, 1), "fff874080103e7"],
    ["the largest block", header(8000, 1, false, 65535, 1), "fff8740801fffe"],
    ["whole kilohertz", header(12000, 1, false, 256, 1), "fff88c08010c"],
    ["odd hertz", header(11025, 1, false, 256, 1), "fff88d08012b11"],
    ["tens of hertz", header(100_100, 1, false, 256, 1), "fff88e0801271a"],
    ["a rate that only STREAMINFO holds", header(100_101, 1, false, 256, 1), "fff8800801"],
    ["eight channels", header(8000, 8, false, 256, 1), "fff8847801"],
    ["a sample number", header(8000, 1, true, 256, 2 ** 36 - 1), "fff98408febfbfbfbfbfbf"],
    ["a frame number that wraps", header(8000, 1, false, 256, 2 ** 31 + 5), "fff8840805"],
    ["a sample number that wraps", header(8000, 1, true, 256, 2 ** 36 + 5), "fff9840805"],
  ];
  for (const [name, written, wanted] of cases) test(`writes ${name}`, () => expect(written).toBe(wanted));
});

describe("writeCodedNumber()", () => {
  const cases: [number, string][] = [
    [0x7f, "7f"],
    [0x80, "c280"],
    [0x7ff, "dfbf"],
    [0x800, "e0a080"],
    [0xffff, "efbfbf"],
    [0x10000, "f0908080"],
    [0x1fffff, "f7bfbfbf"],
    [0x200000, "f888808080"],
    [0x3ffffff, "fbbfbfbfbf"],
    [0x4000000, "fc8480808080"],
    [0x7fffffff, "fdbfbfbfbfbf"],
    [0x80000000, "fe828080808080"],
  ];
  for (const [value, wanted] of cases) {
    test(`writes ${value} in ${wanted.length / 2} bytes`, () => {
      const out = new Uint8Array(8);
      expect(out.subarray(0, writeCodedNumber(out, 0, value)).toHex()).toBe(wanted);
    });
  }
});

/** Encodes in blocks, reads each frame, and answers the frames with all their samples in one. */
function roundTrip(encoder: FlacEncoder, samples: Int16Array, step: number) {
  const frames = [];
  const back = new Int16Array(samples.length);
  for (let at = 0; at < samples.length; at += step) {
    const block = samples.subarray(at, at + step);
    const bytes = encoder.encode(block);
    const frame = readFlacFrame(bytes);
    back.set(frame.samples, at);
    frames.push({ ...frame, bytes: bytes.length });
  }
  return { frames, back };
}

describe("FlacEncoder", () => {
  for (const { name, sampleRate, channels, samples } of pcmCases) {
    for (const blockSize of [160, 1024, 4096]) {
      test(`gives ${name} back in blocks of ${blockSize}`, () => {
        const encoder = new FlacEncoder({ sampleRate, channels, blockSize });
        const { frames, back } = roundTrip(encoder, samples, blockSize * channels);
        expect(back).toEqual(samples);
        expect(frames.map((f) => f.position)).toEqual(frames.map((_, i) => i));
        for (const f of frames) expect(f.bytes).toBeLessThanOrEqual(encoder.maxFrameBytes(f.blockSize));
      });
    }
  }

  test("gives random blocks of every size up to 70, of every loudness, back", () => {
    const random = noise(99);
    const encoder = new FlacEncoder({ sampleRate: 8000, channels: 2, blockSize: 70, blocks: "variable" });
    let position = 0;
    for (let round = 0; round < 40; round++) {
      for (let size = 1; size <= 70; size++) {
        const shift = 16 + ((random() >>> 8) % 16);
        const zeros = (random() >>> 8) % 12;
        const samples = Int16Array.from({ length: size * 2 }, () => (random() >> shift) << zeros);
        const frame = readFlacFrame(encoder.encode(samples));
        expect(frame.samples).toEqual(samples);
        expect(frame.position).toBe(position);
        position += size;
      }
    }
  });

  test("chooses the predictor by the signal", () => {
    const encoder = new FlacEncoder({ sampleRate: 8000, channels: 1, blockSize: 256 });
    const typeOf = (value: (i: number) => number) =>
      readFlacFrame(encoder.encode(Int16Array.from({ length: 256 }, (_, i) => value(i)))).types[0];
    const random = noise(3);
    expect(typeOf(() => -5)).toBe(0);
    expect(typeOf(() => random() >> 16)).toBe(1);
    expect(typeOf(() => random() >> 28)).toBe(8);
    expect(typeOf((i) => 3 * i + 1)).toBe(10);
    expect(typeOf((i) => i * i - 32768)).toBe(11);
  });

  test("leaves out low bits that are zero in the whole block", () => {
    const alaw = pcmCases.find((c) => c.name.startsWith("A-law"))?.samples.subarray(0, 160) as Int16Array<
      ArrayBuffer
    >;
    const ulaw = pcmCases.find((c) => c.name.startsWith("µ-law"))?.samples.subarray(0, 160) as Int16Array<
      ArrayBuffer
    >;
    const encoder = new FlacEncoder({ sampleRate: 8000, channels: 1, blockSize: 160 });
    expect(readFlacFrame(encoder.encode(alaw)).wasted).toEqual([3]);
    expect(readFlacFrame(encoder.encode(ulaw)).wasted).toEqual([2]);
    expect(readFlacFrame(encoder.encode(new Int16Array(160).map((_, i) => i % 2 ? -32768 : 0))).wasted)
      .toEqual([15]);
  });

  test("writes a constant block in 11 bytes", () => {
    const encoder = new FlacEncoder({ sampleRate: 48000, channels: 1, blockSize: 4096 });
    expect(encoder.encode(new Int16Array(4096).fill(258)).subarray(0, 9).toHex()).toBe(
      "fff8ca0800" + "28" + "000102",
    );
    expect(encoder.encode(new Int16Array(4096)).length).toBe(11);
  });

  test("makes the same frame of the same block and position, whatever came before", () => {
    const { samples } = pcmCases[0] as (typeof pcmCases)[0];
    const make = () =>
      new FlacEncoder({ sampleRate: 48000, channels: 1, blockSize: 960, blocks: "variable" });
    const one = make();
    one.encode(samples.subarray(0, 960));
    one.encode(samples.subarray(960, 1500));
    const a = one.encode(samples.subarray(1500, 2400)).slice();
    expect(make().encode(samples.subarray(1500, 2400), 1500)).toEqual(a);
    expect(readFlacFrame(a)).toMatchObject({ variable: true, position: 1500, blockSize: 900 });
  });

  test("encodes several frames into one array", () => {
    const encoder = new FlacEncoder({ sampleRate: 8000, channels: 1, blockSize: 160 });
    const samples = pcmCases[10]?.samples as Int16Array<ArrayBuffer>;
    const out = new Uint8Array(3 * encoder.maxFrameBytes()).fill(0xee);
    const ends = [0];
    for (let i = 0; i < 3; i++) {
      const at = ends[i] as number;
      ends.push(at + encoder.encodeInto(samples.subarray(i * 160, (i + 1) * 160), out, at));
    }
    for (let i = 0; i < 3; i++) {
      const frame = readFlacFrame(out.subarray(ends[i], ends[i + 1]));
      expect(frame.samples).toEqual(samples.slice(i * 160, (i + 1) * 160));
    }
    expect(out[ends[3] as number]).toBe(0xee);
  });

  test("describes itself in STREAMINFO, the last block, MD5 unknown", () => {
    const { streamInfo } = new FlacEncoder({ sampleRate: 8000, channels: 1, blockSize: 160 });
    expect(streamInfo.toHex()).toBe("80000022" + "00a000a0" + "000000000000" + "01f400f0" + "0".repeat(40));
    const variable = new FlacEncoder({ sampleRate: 48000, channels: 2, blockSize: 4096, blocks: "variable" });
    expect(variable.streamInfo.toHex().slice(8, 36)).toBe("00101000" + "000000000000" + "0bb802f0");
  });

  const wrong: [name: string, make: () => unknown][] = [
    ["9 channels", () => new FlacEncoder({ sampleRate: 8000, channels: 9, blockSize: 160 })],
    ["no channel", () => new FlacEncoder({ sampleRate: 8000, channels: 0, blockSize: 160 })],
    ["a rate of 21 bits", () => new FlacEncoder({ sampleRate: 2 ** 20, channels: 1, blockSize: 160 })],
    ["blocks of 15", () => new FlacEncoder({ sampleRate: 8000, channels: 1, blockSize: 15 })],
    ["blocks of 65 536", () => new FlacEncoder({ sampleRate: 8000, channels: 1, blockSize: 65536 })],
  ];
  for (const [name, make] of wrong) test(`refuses ${name}`, () => expect(make).toThrow(RangeError));

  test("refuses a block that is empty, too long or not whole, an odd position, or too little room", () => {
    const encoder = new FlacEncoder({ sampleRate: 8000, channels: 2, blockSize: 160 });
    for (const length of [0, 3, 322]) {
      expect(() => encoder.encode(new Int16Array(length))).toThrow(RangeError);
    }
    for (const position of [-1, 0.5, NaN]) {
      expect(() => encoder.encode(new Int16Array(320), position)).toThrow(RangeError);
    }
    const room = encoder.maxFrameBytes(160);
    expect(() => encoder.encodeInto(new Int16Array(320), new Uint8Array(room), 1)).toThrow(RangeError);
    expect(encoder.encodeInto(new Int16Array(320), new Uint8Array(room), 0)).toBeGreaterThan(0);
  });
});
