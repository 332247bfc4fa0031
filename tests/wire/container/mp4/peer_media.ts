import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFile, MP4BoxBuffer } from "mp4box";
import type { Codec } from "../../../../src/media/codec.ts";
import type { Track } from "../../../../src/media/track.ts";
import { FlacEncoder } from "../../../../src/wire/codec/flac/encoder.ts";
import { decodeBoxes, findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import {
  type FragmentRun,
  type FragmentSample,
  fragmentSize,
  writeFragment,
} from "../../../../src/wire/container/mp4/fragment.ts";
import { encodeInit } from "../../../../src/wire/container/mp4/init.ts";
import { pcmCases } from "../../codec/pcm_cases.ts";

/** A short clip of one track as ffmpeg encoded it, read with software not written here where there is some. */
export interface Clip {
  readonly track: Track;
  readonly samples: readonly FragmentSample[];
  /** The file that ffmpeg wrote, and its name. */
  readonly file: Uint8Array;
  readonly name: string;
}

const VIDEO_IN = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "2"];
const AUDIO_IN = ["-f", "lavfi", "-i", "sine=f=440:r=48000", "-t", "2"];
const X264 = [
  "-c:v",
  "libx264",
  "-preset",
  "veryfast",
  "-g",
  "25",
  "-keyint_min",
  "25",
  "-sc_threshold",
  "0",
];

/** What ffmpeg is told, by the clip's name; `boxes` names the box that holds the codec's configuration. */
const RECIPES = {
  h264: { codec: "h264", box: "avcC", string: "avc1.42C00D", args: [...X264, "-profile:v", "baseline"] },
  h264b: {
    codec: "h264",
    box: "avcC",
    string: "avc1.64000D",
    args: [...X264, "-profile:v", "high", "-bf", "2"],
  },
  h265: {
    codec: "h265",
    box: "hvcC",
    string: "hvc1.1.6.L60.90",
    args: [
      "-c:v",
      "libx265",
      "-preset",
      "ultrafast",
      "-x265-params",
      "log-level=error:keyint=25",
      "-tag:v",
      "hvc1",
    ],
  },
  av1: {
    codec: "av1",
    box: "av1C",
    string: "av01.0.00M.08",
    args: ["-c:v", "libsvtav1", "-preset", "12", "-g", "25"],
  },
  vp9: {
    codec: "vp9",
    box: "vpcC",
    string: "vp09.00.11.08",
    args: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"],
  },
  jpeg: { codec: "jpeg", box: "", string: "", args: ["-c:v", "mjpeg", "-q:v", "8", "-pix_fmt", "yuvj420p"] },
  aac: { codec: "aac", box: "esds", string: "mp4a.40.2", args: ["-c:a", "aac", "-ac", "2"] },
  mp3: { codec: "mp3", box: "", string: "mp4a.6B", args: ["-c:a", "libmp3lame"] },
  mp3low: { codec: "mp3", box: "", string: "mp4a.69", args: ["-c:a", "libmp3lame", "-ar", "16000"] },
  opus: { codec: "opus", box: "dOps", string: "opus", args: ["-c:a", "libopus", "-ac", "2"] },
  ac3: { codec: "ac3", box: "dac3", string: "ac-3", args: ["-c:a", "ac3", "-ac", "2"] },
  eac3: { codec: "eac3", box: "dec3", string: "ec-3", args: ["-c:a", "eac3", "-ac", "2"] },
  flac: { codec: "flac", box: "dfLa", string: "flac", args: ["-c:a", "flac", "-strict", "-2"] },
} as const satisfies Record<string, { codec: Codec; box: string; string: string; args: readonly string[] }>;

export type ClipName = keyof typeof RECIPES;
export const CLIP_NAMES = Object.keys(RECIPES) as ClipName[];

const clips = new Map<ClipName, Clip>();

/** Encodes a clip with ffmpeg, once in the process. */
export function makeClip(name: ClipName): Clip {
  const made = clips.get(name);
  if (made !== undefined) return made;
  const { codec, box, string, args } = RECIPES[name];
  const isVideo = (args as readonly string[]).includes("-c:v");
  const file = inFolder((folder) => {
    const path = join(folder, "in.mp4");
    const format = isVideo && name !== "jpeg" ? ["-pix_fmt", "yuv420p"] : [];
    const scale = isVideo ? ["-video_track_timescale", "90000"] : [];
    const input = isVideo ? VIDEO_IN : AUDIO_IN;
    run("ffmpeg", [
      "-v",
      "error",
      ...input,
      ...args,
      ...format,
      ...scale,
      "-movflags",
      "negative_cts_offsets",
      path,
    ]);
    return new Uint8Array(readFileSync(path));
  });
  const read = readMp4(file);
  const info = read.info[0];
  if (info === undefined) throw new Error(`No track in the ${name} clip`);
  const base = {
    id: 0,
    codec,
    timescale: info.timescale,
    config: box === "" ? new Uint8Array(0) : configOf(file, box),
    codecString: string,
    language: "und",
  };
  const track: Track = isVideo
    ? { ...base, kind: "video", width: 320, height: 180, frameRate: 25 }
    : { ...base, kind: "audio", sampleRate: info.timescale, channels: info.audio?.channel_count ?? 0 };
  const clip = { track, samples: read.samples.get(info.id) ?? [], file, name };
  clips.set(name, clip);
  return clip;
}

/** VP8, which ffmpeg does not write into MP4, by way of an IVF file. */
export function makeVp8Clip(): Clip {
  const file = inFolder((folder) => {
    const path = join(folder, "in.ivf");
    const vp8 = [
      "-c:v",
      "libvpx",
      "-deadline",
      "realtime",
      "-cpu-used",
      "8",
      "-g",
      "25",
      "-pix_fmt",
      "yuv420p",
    ];
    run("ffmpeg", ["-v", "error", ...VIDEO_IN, ...vp8, path]);
    return new Uint8Array(readFileSync(path));
  });
  const samples: FragmentSample[] = [];
  const view = new DataView(file.buffer);
  for (let at = 32; at < file.length;) {
    const size = view.getUint32(at, true);
    const data = file.subarray(at + 12, at + 12 + size);
    samples.push({ data, duration: 3600, ptsOffset: 0, key: ((data[0] as number) & 1) === 0 });
    at += 12 + size;
  }
  const config = new Uint8Array(0);
  const base = {
    id: 0,
    codec: "vp8",
    timescale: 90000,
    config,
    codecString: "vp08.00.00.08",
    language: "und",
  } as const;
  return {
    track: { ...base, kind: "video", width: 320, height: 180, frameRate: 25 },
    samples,
    file,
    name: "vp8",
  };
}

/** One second of a tone as an 8 kHz camera microphone has it, made FLAC here in packets of 20 ms; and its samples. */
export function makeG711Clip(): Clip & { readonly pcm: Int16Array } {
  const pcm = pcmCases.find((c) => c.name === "A-law of 8 kHz")?.samples ?? new Int16Array(0);
  const encoder = new FlacEncoder({ sampleRate: 8000, channels: 1, blockSize: 160, blocks: "variable" });
  const samples: FragmentSample[] = [];
  for (let at = 0; at < pcm.length; at += 160) {
    const data = encoder.encode(pcm.subarray(at, at + 160), at).slice();
    samples.push({ data, duration: 160, ptsOffset: 0, key: true });
  }
  const config = encoder.streamInfo;
  const base = {
    id: 0,
    codec: "flac",
    timescale: 8000,
    config,
    codecString: "fLaC",
    language: "und",
  } as const;
  const track: Track = { ...base, kind: "audio", sampleRate: 8000, channels: 1 };
  return { track, samples, file: new Uint8Array(0), name: "g711", pcm };
}

/** Runs a program to its end; throws with what it said when it fails. */
export function run(command: string, args: readonly string[]): { stdout: string; stderr: string } {
  const done = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${done.error ?? done.stderr}`);
  return { stdout: done.stdout, stderr: done.stderr };
}

/** Runs `use` with a new folder that is removed afterwards. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-mp4-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface ReadMp4 {
  readonly info: ReturnType<ReturnType<typeof createFile>["getInfo"]>["tracks"];
  readonly samples: ReadonlyMap<number, readonly (FragmentSample & { readonly dts: number })[]>;
}

/** Reads a whole MP4, fragmented or not, with mp4box. */
export function readMp4(file: Uint8Array): ReadMp4 {
  const reader = createFile(true);
  const errors: string[] = [];
  reader.onError = (module, message) => errors.push(`${module}: ${message}`);
  reader.appendBuffer(MP4BoxBuffer.fromArrayBuffer(file.slice().buffer, 0), true);
  reader.flush();
  if (errors.length > 0) throw new Error(errors.join(", "));
  const info = reader.getInfo().tracks;
  const samples = new Map(info.map(({ id }) => [
    id,
    reader.getTrackSamplesInfo(id).map((s, i) => ({
      data: reader.getTrackSample(id, i)?.data ?? new Uint8Array(0),
      dts: s.dts,
      duration: s.duration,
      ptsOffset: s.cts - s.dts,
      key: s.is_sync,
    })),
  ]));
  return { info, samples };
}

/** The codec's configuration out of the first sample entry, in the form that `Track.config` has. */
function configOf(file: Uint8Array, type: string): Uint8Array {
  for (const entry of findBoxes(file, ["moov", "trak", "mdia", "minf", "stbl", "stsd"])) {
    const entries = decodeBoxes(entry.payload.subarray(8));
    if (entries.kind !== "ok") continue;
    for (const { payload } of entries.value) {
      for (const fixed of [28, 78]) {
        const boxes = decodeBoxes(payload.subarray(fixed));
        const config = boxes.kind === "ok" ? boxes.value.find((b) => b.type === type)?.payload : undefined;
        if (config === undefined) continue;
        if (type === "esds") return specificInfo(config);
        return (type === "vpcC" || type === "dfLa" ? config.subarray(4) : config).slice();
      }
    }
  }
  throw new Error(`No ${type} box`);
}

/** The DecoderSpecificInfo inside ffmpeg's `esds`: tag 5, four bytes of size. */
function specificInfo(esds: Uint8Array): Uint8Array {
  for (let i = 0; i + 5 < esds.length; i++) {
    if (esds[i] === 5 && esds[i + 1] === 0x80 && esds[i + 2] === 0x80 && esds[i + 3] === 0x80) {
      return esds.slice(i + 5, i + 5 + (esds[i + 4] as number));
    }
  }
  throw new Error("No DecoderSpecificInfo");
}

/** Writes clips, all from time 0, as one file of init segment and fragments of `count` samples a track. */
export function writeFile(
  parts: readonly Clip[],
  count: number,
): { init: Uint8Array; fragments: Uint8Array[] } {
  const init = encodeInit(parts.map(({ track }, i) => ({ id: i + 1, track })));
  const fragments: Uint8Array[] = [];
  const dts = parts.map(() => 0);
  const most = Math.max(...parts.map((p) => p.samples.length));
  for (let at = 0; at < most; at += count) {
    const runs: FragmentRun[] = parts.map(({ samples }, i) => {
      const taken = samples.slice(at, at + count);
      const baseDts = dts[i] ?? 0;
      dts[i] = taken.reduce((t, s) => t + s.duration, baseDts);
      return { id: i + 1, baseDts, samples: taken };
    });
    const out = new Uint8Array(fragmentSize(runs));
    writeFragment(out, 0, fragments.length + 1, runs);
    fragments.push(out);
  }
  return { init, fragments };
}

/** A packet as ffprobe tells it; its duration is left out, which ffprobe knows of unfragmented files alone. */
export interface ProbedPacket {
  readonly stream_index: number;
  readonly pts: number;
  readonly dts: number;
  readonly size: string;
  readonly flags: string;
  readonly data_hash: string;
}

/** What ffprobe says of every packet of a file, times counted from the first packet's dts. */
export function probePackets(file: Uint8Array, name: string): ProbedPacket[] {
  return inFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    const entries = "packet=stream_index,pts,dts,size,flags,data_hash";
    const args = ["-v", "error", "-ignore_editlist", "1", "-show_packets", "-show_data_hash", "md5"];
    const { stdout, stderr } = run("ffprobe", [...args, "-show_entries", entries, "-of", "json", path]);
    if (stderr !== "") throw new Error(`ffprobe said ${stderr}`);
    const { packets } = JSON.parse(stdout) as { packets: ProbedPacket[] };
    const from = packets[0]?.dts ?? 0;
    return packets.map((p) => ({ ...p, pts: p.pts - from, dts: p.dts - from }));
  });
}

/** Decodes a file with ffmpeg; answers what it complained of and how many frames of a stream it counted. */
export function decodeAll(file: Uint8Array, name: string): { complaints: string; frames: number } {
  return inFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    const { stderr } = run("ffmpeg", [
      "-v",
      "warning",
      "-xerror",
      "-i",
      path,
      "-map",
      "0",
      "-f",
      "null",
      "-",
    ]);
    const count = [
      "-v",
      "error",
      "-select_streams",
      "0",
      "-count_frames",
      "-show_entries",
      "stream=nb_read_frames",
    ];
    const { stdout } = run("ffprobe", [...count, "-of", "csv=p=0", path]);
    return { complaints: stderr, frames: Number.parseInt(stdout) };
  });
}
