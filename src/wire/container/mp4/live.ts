import { CODECS } from "../../../media/codec.ts";
import type { Codec } from "../../../media/codec.ts";
import type { Track } from "../../../media/track.ts";
import { type ContainerFormat, type LiveMuxer, type MuxFrame, NOTHING } from "../live_muxer.ts";
import { type FragmentRun, type FragmentSample, fragmentSize, writeFragment } from "./fragment.ts";
import { encodeInit } from "./init.ts";
import { mp4Carries } from "./sample_entry.ts";

/** A sample that is filled again and again. */
interface Sample extends FragmentSample {
  data: Uint8Array;
  duration: number;
  ptsOffset: number;
  key: boolean;
}

/** One track's samples of the fragment in work. */
interface Run extends FragmentRun {
  readonly video: boolean;
  baseDts: number;
  readonly samples: Sample[];
  readonly pool: Sample[];
  /** Decoding time of the last sample. */
  lastDts: number;
}

/** Fragmented MP4 as one endless file: one fragment a call, of all the tracks whose frames are there. */
class Mp4LiveMuxer implements LiveMuxer {
  #tracks: readonly Track[];
  #header: Uint8Array;
  readonly #runs: readonly Run[];
  readonly #single: MuxFrame[] = [];
  readonly #video: boolean;
  entry = false;
  #sequence = 0;

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks;
    this.#header = encodeHeader(tracks);
    this.#video = tracks.some((t) => t.kind === "video");
    this.#runs = tracks.map(({ kind }, i) => ({
      id: i + 1,
      video: kind === "video",
      baseDts: 0,
      samples: [],
      pool: [],
      lastDts: 0,
    }));
  }

  header(): Uint8Array {
    return this.#header;
  }

  size(frame: MuxFrame): number {
    this.#single[0] = frame;
    return this.sizeGroup(this.#single);
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    this.#single[0] = frame;
    return this.writeGroup(out, at, this.#single);
  }

  sizeGroup(frames: readonly MuxFrame[]): number {
    return this.#gather(frames) ? fragmentSize(this.#runs) : 0;
  }

  writeGroup(out: Uint8Array, at: number, frames: readonly MuxFrame[]): number {
    if (!this.#gather(frames)) return 0;
    this.#sequence = (this.#sequence + 1) >>> 0;
    return writeFragment(out, at, this.#sequence, this.#runs);
  }

  /** A new init section for the fragments that follow. */
  change(track: number, to: Track): Uint8Array | undefined {
    if (this.#tracks[track]?.codec !== to.codec) return undefined;
    this.#tracks = this.#tracks.map((t, i) => i === track ? to : t);
    this.#header = encodeHeader(this.#tracks);
    return this.#header;
  }

  trailer(): Uint8Array {
    return NOTHING;
  }

  /** Fills the runs; whether there is a sample. A sample lasts to the next one, the last of a run as long as it says. */
  #gather(frames: readonly MuxFrame[]): boolean {
    for (let i = 0; i < this.#runs.length; i++) (this.#runs[i] as Run).samples.length = 0;
    let any = false;
    this.entry = false;
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i] as MuxFrame;
      if (frame.data.length === 0) continue;
      const run = this.#runs[frame.track] as Run;
      const { samples, pool } = run;
      const count = samples.length;
      const before = samples[count - 1];
      if (!any) this.entry = frame.key && (run.video || !this.#video);
      any = true;
      if (before === undefined) run.baseDts = frame.dts;
      else before.duration = frame.dts - run.lastDts;
      run.lastDts = frame.dts;
      const sample = pool[count] ?? { data: NOTHING, duration: 0, ptsOffset: 0, key: false };
      pool[count] = sample;
      sample.data = frame.data;
      sample.duration = frame.duration;
      sample.ptsOffset = frame.ptsOffset;
      sample.key = frame.key;
      samples[count] = sample;
    }
    return any;
  }
}

function encodeHeader(tracks: readonly Track[]): Uint8Array {
  return encodeInit(tracks.map((track, i) => ({ id: i + 1, track })));
}

/** Fragmented MP4, also for media source extensions. G.711 and L16 are to be made FLAC before they come here. */
export const MP4_FORMAT: ContainerFormat = {
  name: "mp4",
  codecs: (Object.keys(CODECS) as Codec[]).filter(mp4Carries),
  joinable: true,
  mimeType(tracks) {
    const video = tracks.some((t) => t.kind === "video");
    const strings = tracks.map((t) => t.codecString).filter((s) => s !== "");
    return `${video ? "video" : "audio"}/mp4` + (strings.length > 0 ? `; codecs="${strings.join(",")}"` : "");
  },
  refuse(tracks) {
    if (tracks.length === 0) return "there is no track";
    const out = tracks.find((t) => !mp4Carries(t.codec));
    return out === undefined ? undefined : `${CODECS[out.codec].label} has no form in MP4`;
  },
  open: (tracks) => new Mp4LiveMuxer(tracks),
};
