import { CODECS } from "../../../media/codec.ts";
import type { Codec } from "../../../media/codec.ts";
import type { Track } from "../../../media/track.ts";
import { type ContainerFormat, type LiveMuxer, type MuxFrame, NOTHING } from "../live_muxer.ts";
import { NotInTs } from "./mux/not_in_ts.ts";
import { packingOf, tsCarries } from "./mux/packing.ts";
import { openProgram } from "./mux/program.ts";
import { TsStreamWriter } from "./mux/stream.ts";
import { SECTION_MAX } from "./psi.ts";

/**
 * Longest frame of sound or data that is written; longer ones, which no encoder makes, are left out, as longer sections are,
 * rather than ending the viewer's stream.
 */
const FRAME_MAX = 65_000;

/**
 * One endless transport stream. Tables come before each key frame of video, so that readers may begin there;
 * without video they wait for the next ones, 100 ms at most.
 */
class TsLiveMuxer implements LiveMuxer {
  #tracks: readonly Track[];
  readonly #writer: TsStreamWriter;
  readonly #frames: MuxFrame[] = [];
  readonly #video: boolean;
  #version = 0;
  entry = false;

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks;
    this.#video = tracks.some((t) => t.kind === "video");
    this.#writer = new TsStreamWriter(openProgram(tracks));
  }

  header(): Uint8Array {
    return NOTHING;
  }

  size(frame: MuxFrame): number {
    this.#begin();
    this.#add(frame);
    return this.#writer.size(this.#frames);
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    this.#begin();
    this.#add(frame);
    return this.#writer.write(out, at, this.#frames);
  }

  sizeGroup(frames: readonly MuxFrame[]): number {
    this.#take(frames);
    return this.#writer.size(this.#frames);
  }

  writeGroup(out: Uint8Array, at: number, frames: readonly MuxFrame[]): number {
    this.#take(frames);
    return this.#writer.write(out, at, this.#frames);
  }

  /** Parameter sets come with each key frame; what else changed, the tables say under their next version. */
  change(track: number, to: Track): Uint8Array | undefined {
    if (fault(to) !== undefined) return undefined;
    this.#tracks = this.#tracks.map((t, i) => i === track ? to : t);
    this.#version = (this.#version + 1) & 31;
    this.#writer.change(openProgram(this.#tracks, { version: this.#version }));
    return NOTHING;
  }

  discard(): void {
    this.#writer.discard();
  }

  trailer(): Uint8Array {
    return NOTHING;
  }

  #begin(): void {
    this.#frames.length = 0;
    this.entry = false;
  }

  #take(frames: readonly MuxFrame[]): void {
    this.#begin();
    for (let i = 0; i < frames.length; i++) this.#add(frames[i] as MuxFrame);
  }

  #add(frame: MuxFrame): void {
    const track = this.#tracks[frame.track] as Track;
    const most = track.kind === "video" ? Infinity : track.codec === "scte35" ? SECTION_MAX : FRAME_MAX;
    if (frame.data.length === 0 || frame.data.length > most) return;
    if (this.#frames.length === 0) {
      const video = track.kind === "video";
      this.entry = frame.key && (video || !this.#video);
      if (video && frame.key) this.#writer.tablesNext();
    }
    this.#frames.push(frame);
  }
}

/** Why a track cannot be carried. */
function fault(track: Track): string | undefined {
  try {
    packingOf(track);
    return undefined;
  } catch (e) {
    if (e instanceof NotInTs) return e.message;
    throw e;
  }
}

export const TS_FORMAT: ContainerFormat = {
  name: "ts",
  codecs: (Object.keys(CODECS) as Codec[]).filter(tsCarries),
  joinable: true,
  mimeType: () => "video/mp2t",
  refuse(tracks) {
    if (tracks.length === 0) return "there is no track";
    for (const track of tracks) {
      const why = fault(track);
      if (why !== undefined) return why;
    }
    return undefined;
  },
  open: (tracks) => new TsLiveMuxer(tracks),
};
