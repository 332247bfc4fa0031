import { expect, test } from "bun:test";
import type { AudioTrack } from "../../../src/media/track.ts";
import { expandAlaw, expandUlaw } from "../../../src/wire/codec/g711/expand.ts";
import { silentFrame } from "../../../src/wire/codec/silent_frame.ts";
import { hex } from "./hex.ts";

const AAC: AudioTrack = {
  id: 0,
  kind: "audio",
  codec: "aac",
  timescale: 48_000,
  config: Uint8Array.of(0x11, 0x90),
  codecString: "mp4a.40.2",
  language: "und",
  sampleRate: 48_000,
  channels: 2,
};

// bits by ISO/IEC 14496-3, tables 4.3, 4.4, 4.5, 4.6, 4.7 and 4.50
const cases = [
  {
    name: "one channel: SCE 0, gain, window, END",
    track: { ...AAC, config: Uint8Array.of(0x11, 0x88), channels: 1 },
    bits: "000 0000 00000000 00000000000 000 111",
    ticks: 1024,
  },
  {
    name: "two channels with a common window",
    track: AAC,
    bits: "001 0000 1 00000000000 00 00000000 000 00000000 000 111",
    ticks: 1024,
  },
  {
    name: "frames of 960 samples",
    track: { ...AAC, config: Uint8Array.of(0x11, 0x94) },
    bits: "001 0000 1 00000000000 00 00000000 000 00000000 000 111",
    ticks: 960,
  },
  {
    name: "5.1 channels: SCE, two CPEs with tags of their own, LFE",
    track: { ...AAC, config: Uint8Array.of(0x11, 0xb0), channels: 6 },
    bits: "000 0000 00000000 00000000000 000 " +
      "001 0000 1 00000000000 00 00000000 000 00000000 000 " +
      "001 0001 1 00000000000 00 00000000 000 00000000 000 " +
      "011 0000 00000000 00000000000 000 111",
    ticks: 1024,
  },
  {
    name: "HE-AAC, whose core runs at half the rate",
    track: { ...AAC, config: Uint8Array.of(0x2b, 0x11, 0x88, 0x00), channels: 2 },
    bits: "001 0000 1 00000000000 00 00000000 000 00000000 000 111",
    ticks: 2048,
  },
];

for (const { name, track, bits, ticks } of cases) {
  test(`silentFrame() of AAC: ${name}`, () => {
    const frame = silentFrame(track);
    expect(frame?.ticks).toBe(ticks);
    const plain = bits.replaceAll(" ", "");
    const written = [...frame?.data ?? []].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    expect(written).toBe(plain.padEnd(Math.ceil(plain.length / 8) * 8, "0"));
  });
}

test("silentFrame() of Opus is 20 ms of what libopus writes", () => {
  const opus = { ...AAC, codec: "opus", config: new Uint8Array(0) } as const;
  expect(silentFrame(opus)).toEqual({ data: hex("fcfffe"), ticks: 960 });
  expect(silentFrame({ ...opus, channels: 1 })?.data).toEqual(hex("f8fffe"));
  expect(silentFrame({ ...opus, channels: 6 })).toBeUndefined();
});

test("silentFrame() of G.711 and L16 is as many samples of every channel as are wanted", () => {
  const pcm = { ...AAC, config: new Uint8Array(0), timescale: 8000, sampleRate: 8000 } as const;
  expect(silentFrame({ ...pcm, codec: "alaw" })).toEqual({ data: hex("d5d5"), ticks: 1 });
  expect(silentFrame({ ...pcm, codec: "ulaw", channels: 1 }, 3)).toEqual({ data: hex("ffffff"), ticks: 3 });
  expect(silentFrame({ ...pcm, codec: "l16" }, 2)).toEqual({ data: new Uint8Array(8), ticks: 2 });
  const heard = new Int16Array(2);
  expandAlaw(hex("d555"), heard);
  expect([...heard]).toEqual([8, -8]);
  expandUlaw(hex("ff7f"), heard);
  expect(heard.every((sample) => sample === 0)).toBe(true);
});

test("silentFrame() knows none of other codecs, of broken and of unusual configurations", () => {
  expect(silentFrame({ ...AAC, codec: "ac3" })).toBeUndefined();
  expect(silentFrame({ ...AAC, config: new Uint8Array(0) })).toBeUndefined();
  // channelConfiguration 0: a program config element says what is there
  expect(silentFrame({ ...AAC, config: Uint8Array.of(0x11, 0x80) })).toBeUndefined();
  // ER AAC-LD
  expect(silentFrame({ ...AAC, config: Uint8Array.of(0xb9, 0x90, 0x00) })).toBeUndefined();
});
