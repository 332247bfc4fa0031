import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { joinBytes } from "../../../../src/base/bytes.ts";
import type { FrameInfo } from "../../../../src/media/frame.ts";
import type { Track } from "../../../../src/media/track.ts";
import {
  type TsCounters,
  TsDemuxer,
  type TsDemuxerOptions,
} from "../../../../src/wire/container/ts/demux/demuxer.ts";
import type { TsProgramInfo, TsSink } from "../../../../src/wire/container/ts/demux/track_sink.ts";
import type { TsFrame } from "../../../../src/wire/container/ts/mux/frame.ts";
import { splitLengthPrefixed } from "../../../../src/wire/codec/nal.ts";
import { type Clip, type ClipName, inFolder, makeClip, run } from "../mp4/peer_media.ts";

export interface KeptTsFrame extends FrameInfo {
  readonly data: Uint8Array;
}

/** A sink that keeps everything. */
export class TsKeeper implements TsSink {
  readonly tracks = new Map<number, Track>();
  readonly announced: Track[] = [];
  readonly frames = new Map<number, KeptTsFrame[]>();
  readonly mishaps: string[] = [];
  readonly programs: TsProgramInfo[] = [];

  track(track: Track): void {
    this.tracks.set(track.id, track);
    this.announced.push(track);
  }

  frame(id: number, info: FrameInfo, data: Uint8Array): void {
    const kept = this.frames.get(id) ?? [];
    if (!this.tracks.has(id)) throw new Error(`Frame of track ${id}, which was not announced`);
    this.frames.set(id, kept);
    kept.push({ ...info, data: data.slice() });
  }

  mishap(name: string, detail: string): void {
    this.mishaps.push(`${name}: ${detail}`);
  }

  program(program: TsProgramInfo): void {
    this.programs.push(program);
  }

  /** Frames of the first track of a codec. */
  of(codec: string): KeptTsFrame[] {
    const track = [...this.tracks.values()].find((t) => t.codec === codec);
    return track === undefined ? [] : this.frames.get(track.id) ?? [];
  }
}

/** Demuxes a whole stream, pushed in pieces of `step` bytes. */
export function demux(
  bytes: Uint8Array,
  step = bytes.length,
  options: TsDemuxerOptions = {},
): TsKeeper & { counters: TsCounters } {
  const keeper = new TsKeeper();
  const demuxer = new TsDemuxer(keeper, options);
  for (let at = 0; at < bytes.length; at += step) demuxer.push(bytes.subarray(at, at + step));
  demuxer.flush();
  return Object.assign(keeper, { counters: demuxer.counters });
}

/** What ffmpeg makes of clips when it copies them into a transport stream. */
export function ffmpegTs(names: readonly ClipName[], options: readonly string[] = []): Uint8Array {
  return inFolder((folder) => {
    const inputs: string[] = [];
    names.forEach((name, i) => {
      const path = join(folder, `${i}.mp4`);
      writeFileSync(path, makeClip(name).file);
      inputs.push("-i", path);
    });
    const maps = names.flatMap((_, i) => ["-map", `${i}`]);
    const out = join(folder, "out.ts");
    run("ffmpeg", ["-v", "error", ...inputs, ...maps, "-c", "copy", ...options, "-f", "mpegts", out]);
    return new Uint8Array(readFileSync(out));
  });
}

/** What tells a frame from others in few letters. */
export function mark(data: Uint8Array): string {
  return `${data.length}:${Bun.hash.crc32(data).toString(16)}`;
}

/** A sample of H.265 without parameter sets and prefix SEI: ffmpeg moves x265's between the two. */
export function slicesOf(sample: Uint8Array): Uint8Array {
  const typeOf = (unit: Uint8Array) => (unit[0] as number) >> 1;
  const kept = splitLengthPrefixed(sample).filter((unit) => typeOf(unit) < 32 || typeOf(unit) > 39);
  return joinBytes(kept.flatMap((unit) => [Uint8Array.of(0, 0, unit.length >> 8, unit.length), unit]));
}

/** Frames of clips, all from time 0, in the order in which they are to be sent. Presentation is never before decoding. */
export function framesOf(clips: readonly Clip[]): TsFrame[] {
  const frames: (TsFrame & { seconds: number })[] = [];
  clips.forEach((clip, track) => {
    const late = Math.max(0, ...clip.samples.map((s) => -s.ptsOffset));
    let dts = 0;
    for (const { data, duration, ptsOffset, key } of clip.samples) {
      const seconds = dts / clip.track.timescale;
      frames.push({ track, dts, ptsOffset: ptsOffset + late, duration, key, data, seconds });
      dts += duration;
    }
  });
  return frames.sort((a, b) => a.seconds - b.seconds).map(({ seconds: _, ...frame }) => frame);
}

/** A packet as ffprobe tells it. */
export interface TsPacketInfo {
  readonly codec_type: string;
  readonly stream_index: number;
  readonly pts: number;
  readonly dts: number;
  readonly flags: string;
  readonly size: string;
}

/** What ffprobe says of the packets of a stream. Throws when it complains. */
export function probeTs(bytes: Uint8Array): TsPacketInfo[] {
  return inFolder((folder) => {
    const path = join(folder, "in.ts");
    writeFileSync(path, bytes);
    const args = [
      "-v",
      "warning",
      "-show_packets",
      "-show_entries",
      "packet=codec_type,stream_index,pts,dts,flags,size",
    ];
    const { stdout, stderr } = run("ffprobe", [...args, "-of", "json", path]);
    // KLV has no decoder there, which it always says.
    const complaints = stderr.split("\n").filter((l) => l !== "" && !l.startsWith("Unsupported codec"));
    if (complaints.length > 0) throw new Error(`ffprobe said ${stderr}`);
    return (JSON.parse(stdout) as { packets: TsPacketInfo[] }).packets;
  });
}
