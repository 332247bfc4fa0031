/**
 * Every container on one core: 4 Mbit/s of H.264 and 128 kbit/s of AAC (sound alone: AAC or Opus; images: JPEG) that lie
 * in shared memory, written frame by frame and in groups of 200 ms into one array. ffmpeg copies the same clip, repeated
 * for ten minutes, into the same container in the same run. One line of JSON each.
 */
import type { Track } from "../src/media/track.ts";
import { describeOpus } from "../src/wire/codec/opus/opus.ts";
import { findBoxes } from "../src/wire/container/mp4/boxes.ts";
import { CONTAINER_FORMATS, type ContainerName } from "../src/wire/container/formats.ts";
import { type MuxFrame, writeGroup } from "../src/wire/container/live_muxer.ts";
import { readFileSync } from "node:fs";
import { AV_LOAD, ffmpegSpeed, measure, readSamples, repeatSamples, withInput } from "./media_load.ts";
import { printMeasurement } from "./measurement.ts";

const SECONDS = 60;

interface Row {
  readonly format: ContainerName;
  readonly ffmpeg: readonly string[];
  readonly bar?: true;
}

/** Bytes of the box that follows `marker` inside a sample entry, found by its name. */
function configOf(file: Uint8Array, marker: string): Uint8Array {
  for (const { payload } of findBoxes(file, ["moov", "trak", "mdia", "minf", "stbl", "stsd"])) {
    const at = Buffer.from(payload).indexOf(marker, 0, "latin1");
    if (at < 4) continue;
    const size = new DataView(payload.buffer, payload.byteOffset).getUint32(at - 4);
    return payload.slice(at + 4, at - 4 + size);
  }
  throw new Error(`No ${marker}`);
}

const base = { codecString: "", language: "und" } as const;
const video = (config: Uint8Array): Track => ({
  ...{ ...base, kind: "video", id: 0, codec: "h264", timescale: 12_800, config, width: 640, height: 360 },
  frameRate: 25,
});
const audio = (codec: "aac" | "opus", config: Uint8Array): Track => ({
  ...{ ...base, kind: "audio", id: 1, codec, timescale: 48_000, config, sampleRate: 48_000, channels: 2 },
});

/** Frames of tracks, merged by time. */
function mergeFrames(path: string, tracks: readonly Track[]): MuxFrame[] {
  const frames: (MuxFrame & { seconds: number })[] = [];
  readSamples(path).forEach((samples, track) => {
    const { timescale } = tracks[track] as Track;
    for (const s of repeatSamples(samples, SECONDS / 4)) {
      frames.push({ ...s, track, discontinuity: false, seconds: s.dts / timescale });
    }
  });
  return frames.sort((a, b) => a.seconds - b.seconds).map(({ seconds: _, ...frame }) => frame);
}

/** Frames cut at key frames of video and every 200 ms. */
function cut(frames: readonly MuxFrame[], tracks: readonly Track[]): MuxFrame[][] {
  const groups: MuxFrame[][] = [];
  let begins = Number.NEGATIVE_INFINITY;
  for (const frame of frames) {
    const track = tracks[frame.track] as Track;
    const seconds = frame.dts / track.timescale;
    if (seconds - begins >= 0.2 || (frame.key && track.kind === "video")) {
      groups.push([]);
      begins = seconds;
    }
    groups.at(-1)?.push(frame);
  }
  return groups;
}

function run(path: string, long: string, tracks: readonly Track[], rows: readonly Row[]): void {
  const frames = mergeFrames(path, tracks);
  const groups = cut(frames, tracks);
  const input = frames.reduce((n, f) => n + f.data.length, 0);
  const out = new Uint8Array(8 << 20);
  for (const { format, ffmpeg, bar } of rows) {
    const theirs = ffmpegSpeed(long, ffmpeg);
    for (const way of ["frame by frame", "groups of 200 ms"] as const) {
      const muxer = CONTAINER_FORMATS[format].open(tracks);
      let bytes = 0;
      const MBps = measure(() => {
        bytes = 0;
        if (way === "frame by frame") { for (const frame of frames) bytes += muxer.write(out, 0, frame); }
        else for (const group of groups) bytes += writeGroup(muxer, out, 0, group);
        return input;
      });
      printMeasurement("mux", `${format}, ${way}`, {
        ...{
          MBps,
          ffmpegMBps: theirs,
          timesFfmpeg: MBps / theirs,
          overheadPercent: (bytes / input - 1) * 100,
        },
      }, bar === true ? { timesFfmpeg: { min: 1 } } : {});
    }
  }
}

withInput(AV_LOAD, "mp4", (short, long) => {
  const tracks = [
    video(configOf(new Uint8Array(readFileSync(short)), "avcC")),
    audio("aac", Uint8Array.of(0x11, 0x90)),
  ];
  run(short, long, tracks, [
    { format: "ts", ffmpeg: ["-f", "mpegts"], bar: true },
    {
      format: "mp4",
      ffmpeg: ["-movflags", "empty_moov+default_base_moof", "-frag_duration", "200000", "-f", "mp4"],
      bar: true,
    },
    { format: "flv", ffmpeg: ["-f", "flv"], bar: true },
    { format: "matroska", ffmpeg: ["-live", "1", "-f", "matroska"], bar: true },
  ]);
});

const TONE = ["-f", "lavfi", "-i", "sine=f=440:r=48000", "-ac", "2", "-b:a", "128k"];
withInput([...TONE, "-c:a", "aac"], "mp4", (short, long) => {
  run(short, long, [audio("aac", Uint8Array.of(0x11, 0x90))], [{ format: "aac", ffmpeg: ["-f", "adts"] }]);
});
withInput([...TONE, "-c:a", "libopus"], "mp4", (short, long) => {
  const opus = describeOpus(2);
  if (opus.kind !== "ok") throw new Error("Opus");
  run(short, long, [audio("opus", opus.value.config)], [{ format: "ogg", ffmpeg: ["-f", "ogg"] }]);
});
