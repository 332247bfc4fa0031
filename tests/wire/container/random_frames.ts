import { encodeAvcConfig } from "../../../src/wire/codec/h264/avcc.ts";
import { describeOpus } from "../../../src/wire/codec/opus/opus.ts";
import type { Codec } from "../../../src/media/codec.ts";
import type { Track } from "../../../src/media/track.ts";
import type { MuxFrame } from "../../../src/wire/container/live_muxer.ts";
import { hex } from "../codec/hex.ts";

/** Sets of a 640 × 360 picture, as x264 writes them. */
const SPS = hex("6764001eacd940a02ff970110000030001000003003c8f162d96");
const PPS = hex("68ebe3cb22c0");
/** STREAMINFO of 48 kHz stereo with 16 bits, blocks of 4096, a length and a checksum. */
export const STREAM_INFO = hex(
  "80000022 1000 1000 000010 001000 0bb802f1 00001234 00112233445566778899aabbccddeeff",
);

const CONFIGS: Partial<Record<Codec, Uint8Array>> = {
  h264: encodeAvcConfig([SPS], [PPS]),
  h265: hex("01016000000090000000000078f000fcfdf8f800000f00"),
  av1: hex("81004c000a0b0000000442abbfc3700be001"),
  vp9: hex("000a82020202 0000".replaceAll(" ", "")),
  aac: hex("1190"),
  ac3: hex("100000"),
  eac3: hex("0c00200f00"),
  flac: STREAM_INFO,
};

/** A track as cameras and encoders have it. */
export function sampleTrack(codec: Codec, more: Partial<Track> = {}): Track {
  const opus = describeOpus(2);
  const config = codec === "opus" && opus.kind === "ok" ? opus.value.config : CONFIGS[codec];
  const base = { id: 0, codec, config: config ?? new Uint8Array(0), codecString: "", language: "und" };
  const g711 = codec === "alaw" || codec === "ulaw";
  const video = ["h264", "h265", "av1", "vp8", "vp9", "jpeg"].includes(codec);
  const data = ["json", "subtitle", "klv", "id3", "onvif", "private", "scte35"].includes(codec);
  const track: Track = video
    ? { ...base, kind: "video", timescale: 90_000, width: 640, height: 360, frameRate: 25 }
    : data
    ? { ...base, kind: "data", timescale: 90_000 }
    : {
      ...base,
      kind: "audio",
      ...{ timescale: g711 ? 8000 : 48_000, sampleRate: g711 ? 8000 : 48_000, channels: g711 ? 1 : 2 },
    };
  return { ...track, ...more } as Track;
}

/** A small generator of numbers, the same for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Bytes of a frame; of H.264 and H.265 units with lengths, of Opus packets of 20 ms, of texts letters. */
function randomData(track: Track, size: number, random: (below: number) => number): Uint8Array {
  // In shared memory, as the buffer has them.
  const data = new Uint8Array(new SharedArrayBuffer(size));
  for (let i = 0; i < size; i++) data[i] = track.kind === "data" ? 0x61 + random(26) : random(256);
  if (track.codec === "opus" && size > 0) data[0] = 0xfc;
  if (track.codec === "h264" || track.codec === "h265") {
    for (let at = 0; at < size;) {
      const left = size - at - 4;
      const unit = left < 16 ? left : 4 + random(left - 8);
      const whole = left - unit < 8 ? left : unit;
      new DataView(data.buffer).setUint32(at, whole);
      for (let i = at + 4; i < at + 4 + whole; i++) data[i] = 1 + random(255);
      data[at + 4] = 0x41; // a slice
      at += 4 + whole;
    }
  }
  return data;
}

export interface RandomOptions {
  readonly count: number;
  /** Decoding time of the first frames, seconds. */
  readonly from?: number;
  /** Largest frame, bytes. */
  readonly most?: number;
  /** No frame is without bytes. */
  readonly gapless?: boolean;
}

/** Frames of tracks, merged by decoding time; pictures reordered, some without bytes, sizes of all lengths. */
export function randomFrames(tracks: readonly Track[], seed: number, o: RandomOptions): MuxFrame[] {
  const random = randomFrom(seed);
  const frames: (MuxFrame & { seconds: number })[] = [];
  tracks.forEach((track, index) => {
    const video = track.kind === "video";
    const step = video
      ? 3600
      : track.kind === "data"
      ? 45_000
      : track.codec === "aac"
      ? 1024
      : (track.timescale / 1000) * 20;
    let dts = Math.round((o.from ?? 0) * track.timescale);
    for (let i = 0; i < o.count; i++) {
      const large = random(20) === 0;
      const size = i > 0 && random(15) === 0 && o.gapless !== true
        ? 0
        : 12 + random(large ? (o.most ?? 70_000) : 400);
      const reorder = (video && (track.codec === "h264" || track.codec === "h265")) ? random(3) * 3600 : 0;
      frames.push({
        ...{ track: index, dts, ptsOffset: reorder, duration: step, discontinuity: false },
        key: !video || track.codec === "jpeg" || i % 10 === 0,
        data: randomData(track, i % 10 === 0 ? Math.max(12, size) : size, random),
        seconds: dts / track.timescale,
      });
      dts += step;
    }
  });
  return frames.sort((a, b) => a.seconds - b.seconds).map(({ seconds: _, ...frame }) => frame);
}
