import type { Codec } from "../../media/codec.ts";
import type { Track } from "../../media/track.ts";

/** A canonical frame (`media/frame.ts`) on its way into a container. */
export interface MuxFrame {
  /** Index of its track among those that the muxer was opened with. */
  readonly track: number;
  /** May be a view on shared memory; looked at during the call alone. */
  readonly data: Uint8Array;
  /** Decoding time in ticks of the track, a safe integer; 0 is where the reader began. */
  readonly dts: number;
  /** Presentation less decoding time, ticks. */
  readonly ptsOffset: number;
  /** Ticks to the next frame of the track. */
  readonly duration: number;
  /** A decoder may start here. */
  readonly key: boolean;
  /** Time does not go on from the frame before. */
  readonly discontinuity: boolean;
}

/**
 * Frames in, bytes of one endless file out. Frames come merged by decoding time, the first one of each video track is a
 * key frame. A frame without bytes writes nothing. Nothing is held back from one call to the next, so that what was
 * written can be played at once.
 */
export interface LiveMuxer {
  /**
   * Whether a further reader may begin with {@link header} and what the last call of {@link write} or
   * {@link writeGroup} wrote; then it goes on with what follows. Where there is video: at its key frames only. For the
   * muxer to set.
   */
  entry: boolean;
  /** What every reader gets first: file header, init segment; may be empty. The same bytes at every call. */
  header(): Uint8Array;
  /** The most that {@link write} would write now for this frame. */
  size(frame: MuxFrame): number;
  /**
   * Writes one frame at `out[at]`, with whatever cluster, page, packets or boxes it needs; answers the bytes written.
   * Throws RangeError where `out` is too short or the frame larger than the container can say.
   */
  write(out: Uint8Array, at: number, frame: MuxFrame): number;
  /** The most that {@link writeGroup} would write now. Where absent, {@link groupSize} adds up. */
  sizeGroup?(frames: readonly MuxFrame[]): number;
  /** Writes frames that are there together where that costs fewer bytes than one by one. See {@link writeGroup}. */
  writeGroup?(out: Uint8Array, at: number, frames: readonly MuxFrame[]): number;
  /**
   * What the last call of {@link write} or {@link writeGroup} wrote is thrown away, as its frames were overwritten
   * meanwhile: goes on so that readers miss no more than these. Where absent there is nothing to be done.
   */
  discard?(): void;
  /**
   * Goes on with another configuration of a track; answers what is to be sent before its next frame, undefined where
   * the container cannot say it: the reader then has to begin anew.
   */
  change?(track: number, to: Track): Uint8Array | undefined;
  /** What ends a file; empty for most. */
  trailer(): Uint8Array;
}

/** A container, by what an output must know of it. */
export interface ContainerFormat {
  readonly name: string;
  /** Codecs that it can carry; a track of another is to be left out. */
  readonly codecs: readonly Codec[];
  /** Several readers may share a muxer; each begins where {@link LiveMuxer.entry} was true. */
  readonly joinable: boolean;
  /** With `codecs=` where that has a meaning. */
  mimeType(tracks: readonly Track[]): string;
  /** Why these tracks cannot go into it together, to follow "Cannot …: "; undefined where they can. */
  refuse(tracks: readonly Track[]): string | undefined;
  /** Tracks that {@link refuse} has nothing against, in the order that {@link MuxFrame.track} counts in; else throws. */
  open(tracks: readonly Track[]): LiveMuxer;
}

export const NOTHING = new Uint8Array(0);

/** The most that {@link writeGroup} would write now. */
export function groupSize(muxer: LiveMuxer, frames: readonly MuxFrame[]): number {
  if (muxer.sizeGroup !== undefined) return muxer.sizeGroup(frames);
  let size = 0;
  for (let i = 0; i < frames.length; i++) size += muxer.size(frames[i] as MuxFrame);
  return size;
}

/**
 * Writes frames that are there together, in their order, at `out[at]`; answers the bytes written. A reader may enter
 * at the first frame of a group only: begin one at each key frame.
 */
export function writeGroup(
  muxer: LiveMuxer,
  out: Uint8Array,
  at: number,
  frames: readonly MuxFrame[],
): number {
  if (muxer.writeGroup !== undefined) return muxer.writeGroup(out, at, frames);
  let o = at;
  let entry = false;
  for (let i = 0; i < frames.length; i++) {
    const size = muxer.write(out, o, frames[i] as MuxFrame);
    if (o === at && size > 0) ({ entry } = muxer);
    o += size;
  }
  muxer.entry = entry;
  return o - at;
}

/** Throws RangeError when `need` bytes do not fit at `out[at]`. */
export function checkRoom(out: Uint8Array, at: number, need: number): void {
  if (at + need > out.length) {
    throw new RangeError(`Cannot write ${need} bytes at offset ${at}: only ${out.length - at} left`);
  }
}
