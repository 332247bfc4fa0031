import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { joinBytes } from "../../../src/base/bytes.ts";
import type { Codec } from "../../../src/media/codec.ts";
import type { AudioTrack, DataTrack } from "../../../src/media/track.ts";
import {
  type ContainerFormat,
  groupSize,
  type LiveMuxer,
  type MuxFrame,
  writeGroup,
} from "../../../src/wire/container/live_muxer.ts";
import { pcmCases } from "../codec/pcm_cases.ts";
import { type Clip, inFolder, run } from "./mp4/peer_media.ts";
import { framesOf } from "./ts/ts_media.ts";

/** Frames of clips, all from time 0, merged. */
export function muxFrames(clips: readonly Clip[]): MuxFrame[] {
  return framesOf(clips).map((frame) => ({ ...frame, discontinuity: false }));
}

/** Frames cut into groups: of `millis` each, a new one at each key frame of a video track. */
export function groupsOf(frames: readonly MuxFrame[], clips: readonly Clip[], millis: number): MuxFrame[][] {
  const groups: MuxFrame[][] = [];
  let begins = Number.NEGATIVE_INFINITY;
  for (const frame of frames) {
    const { track } = clips[frame.track] as Clip;
    const at = (frame.dts * 1000) / track.timescale;
    if (at - begins >= millis || (frame.key && track.kind === "video")) {
      groups.push([]);
      begins = at;
    }
    groups.at(-1)?.push(frame);
  }
  return groups;
}

/** What a muxer writes, between guard bytes; fails when it writes elsewhere or more than it said. */
export function writeGuarded(muxer: LiveMuxer, frames: readonly MuxFrame[]): Uint8Array {
  const size = groupSize(muxer, frames);
  const out = new Uint8Array(size + 16).fill(0xa5);
  const written = frames.length === 1
    ? muxer.write(out, 8, frames[0] as MuxFrame)
    : writeGroup(muxer, out, 8, frames);
  if (written > size) throw new Error(`${written} bytes written, ${size} said`);
  for (let i = 0; i < out.length; i++) {
    if ((i < 8 || i >= 8 + size) && out[i] !== 0xa5) throw new Error(`Byte ${i - 8} of ${size} overwritten`);
  }
  return out.subarray(8, 8 + written);
}

/** A whole file of frames in groups. */
export function muxGroups(
  format: ContainerFormat,
  clips: readonly Clip[],
  groups: readonly (readonly MuxFrame[])[],
): Uint8Array {
  const tracks = clips.map((c) => c.track);
  const why = format.refuse(tracks);
  if (why !== undefined) throw new Error(`${format.name}: ${why}`);
  const muxer = format.open(tracks);
  return joinBytes([muxer.header(), ...groups.map((g) => writeGuarded(muxer, g)), muxer.trailer()]);
}

/** A whole file of clips, written frame by frame. */
export function muxClips(format: ContainerFormat, clips: readonly Clip[]): Uint8Array {
  return muxGroups(format, clips, muxFrames(clips).map((f) => [f]));
}

/** A second of a tone as a camera's microphone has it: G.711 or L16, packets of 20 ms. */
export function makePcmClip(codec: "alaw" | "ulaw" | "l16"): Clip {
  const name = { alaw: "A-law of 8 kHz", ulaw: "µ-law of 8 kHz", l16: "A-law of 8 kHz" }[codec];
  const found = pcmCases.find((c) => c.name === name);
  const pcm = found?.samples ?? pcmCases[0]?.samples ?? new Int16Array(0);
  const bytes = new Uint8Array(pcm.length * (codec === "l16" ? 2 : 1));
  const view = new DataView(bytes.buffer);
  pcm.forEach((s, i) => codec === "l16" ? view.setInt16(2 * i, s) : view.setUint8(i, s >> 8));
  const step = codec === "l16" ? 320 : 160;
  const samples = Array.from({ length: Math.floor(bytes.length / step) }, (_, i) => ({
    data: bytes.subarray(i * step, (i + 1) * step),
    duration: 160,
    ptsOffset: 0,
    key: true,
  }));
  const base = { id: 0, codec, timescale: 8000, config: new Uint8Array(0), codecString: "", language: "und" };
  const track: AudioTrack = { ...base, kind: "audio", sampleRate: 8000, channels: 1 };
  return { track, samples, file: bytes, name: codec };
}

/** Texts, one second each. */
export function makeTextClip(codec: Codec, texts: readonly string[], language = "und"): Clip {
  const samples = texts.map((text) => ({
    data: new TextEncoder().encode(text),
    duration: 90_000,
    ptsOffset: 0,
    key: true,
  }));
  const base = { id: 0, codec, timescale: 90_000, config: new Uint8Array(0), codecString: "", language };
  const track: DataTrack = { ...base, kind: "data" };
  return { track, samples, file: new Uint8Array(0), name: codec };
}

export interface ProbedFile {
  readonly streams: readonly Record<string, string | number>[];
  readonly packets: readonly {
    readonly stream_index: number;
    readonly pts: number;
    readonly dts: number;
    readonly pts_time: string;
    readonly size: string;
    readonly flags: string;
    readonly data_hash: string;
  }[];
}

/** What ffprobe says of a file; throws when it complains. */
export function probeFile(file: Uint8Array, name: string, options: readonly string[] = []): ProbedFile {
  return inFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    const { stdout, stderr } = run("ffprobe", [
      ...["-v", "warning", ...options, "-show_streams", "-show_packets", "-show_data_hash", "md5"],
      ...["-of", "json", path],
    ]);
    const complaints = stderr.split("\n").filter((l) => l !== "" && !l.includes("Estimating duration"));
    if (complaints.length > 0) throw new Error(`ffprobe said ${stderr}`);
    return JSON.parse(stdout) as ProbedFile;
  });
}

/** Hash of a frame's bytes as ffprobe tells it. */
export function hashOf(data: Uint8Array): string {
  return `MD5:${new Bun.CryptoHasher("md5").update(data).digest("hex")}`;
}
