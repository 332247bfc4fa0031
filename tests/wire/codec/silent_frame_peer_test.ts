import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { joinBytes } from "../../../src/base/bytes.ts";
import type { AudioTrack } from "../../../src/media/track.ts";
import { encodeAudioSpecificConfig } from "../../../src/wire/codec/aac/audio_specific_config.ts";
import { describeOpus } from "../../../src/wire/codec/opus/opus.ts";
import { silentFrame } from "../../../src/wire/codec/silent_frame.ts";
import { fragmentSize, writeFragment } from "../../../src/wire/container/mp4/fragment.ts";
import { encodeInit } from "../../../src/wire/container/mp4/init.ts";

const FRAMES = 50;
const BASE = { id: 0, kind: "audio", language: "und", codecString: "" } as const;

function aac(sampleRate: number, channelConfiguration: number, channels: number): AudioTrack {
  const config = encodeAudioSpecificConfig({ objectType: 2, sampleRate, channelConfiguration });
  return { ...BASE, codec: "aac", timescale: sampleRate, sampleRate, channels, config };
}

function opus(channels: number): AudioTrack {
  const described = describeOpus(channels);
  if (described.kind !== "ok") throw new Error("no Opus");
  return { ...BASE, ...described.value, codec: "opus", timescale: 48_000 };
}

/** What ffmpeg hears of silent frames in an MP4, and what it complains of. */
function decode(track: AudioTrack): { samples: Int16Array; complaints: string; frame: number } {
  const frame = silentFrame(track);
  if (frame === undefined) throw new Error("no silent frame");
  const samples = Array.from({ length: FRAMES }, () => {
    return { data: frame.data, duration: frame.ticks, ptsOffset: 0, key: true };
  });
  const runs = [{ id: 1, baseDts: 0, samples }];
  const media = new Uint8Array(fragmentSize(runs));
  writeFragment(media, 0, 1, runs);
  const input = joinBytes([encodeInit([{ id: 1, track }]), media]);
  const done = spawnSync("ffmpeg", ["-v", "warning", "-xerror", "-i", "-", "-f", "s16le", "-"], {
    input,
    maxBuffer: 1 << 28,
  });
  const bytes = new Uint8Array(done.stdout);
  return {
    samples: new Int16Array(bytes.slice().buffer),
    complaints: done.stderr.toString(),
    frame: frame.ticks,
  };
}

const LAYOUTS = [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [6, 6], [7, 8]] as const;
const tracks = [
  ...LAYOUTS.map(([layout, channels]) =>
    [`AAC of ${channels} channels`, aac(48_000, layout, channels)] as const
  ),
  ["AAC at 8 kHz", aac(8000, 1, 1)] as const,
  ["Opus of one channel", opus(1)] as const,
  ["Opus of two channels", opus(2)] as const,
];

for (const [name, track] of tracks) {
  test(`ffmpeg hears nothing in silent frames of ${name}, for as long as they say`, () => {
    const { samples, complaints, frame } = decode(track);
    expect(complaints).toBe("");
    // the decoder's start is left out: RFC 7845, 4.2
    const skipped = track.codec === "opus" ? 312 : 0;
    expect(samples.length / track.channels).toBe(frame * FRAMES - skipped);
    expect(samples.findIndex((s) => s !== 0)).toBe(-1);
  });
}
