import { CODECS } from "../../../media/codec.ts";
import type { Codec } from "../../../media/codec.ts";
import type { Track } from "../../../media/track.ts";
import { checkRoom, type ContainerFormat, type LiveMuxer, type MuxFrame, NOTHING } from "../live_muxer.ts";
import { openMaster, putSize, SIZE_MAX, sizeLength } from "./element.ts";
import { encodeHeader } from "./header.ts";
import * as id from "./ids.ts";
import { matroskaPacking, opusDelay } from "./packing.ts";

/**
 * A cluster without key frames of video ends after this, ms; its blocks can tell 32 767. Without video this is also how
 * long a further reader waits.
 */
export const CLUSTER_MILLIS = 5000;
export const AUDIO_CLUSTER_MILLIS = 500;
/** Clusters that begin with key frames of video are this far apart at least, ms: of JPEG every frame is one. */
export const KEY_CLUSTER_MILLIS = 200;
/** Most tracks: their number is one byte. */
export const TRACKS_MAX = 126;

const CLUSTER_HEAD = openMaster(id.CLUSTER);
/** Element number, size and eight bytes of a cluster's time. */
const TIMESTAMP_BYTES = 10;
const CLUSTER_BYTES = CLUSTER_HEAD.length + TIMESTAMP_BYTES;
/** Track number, relative time and flags before a frame. */
const BLOCK_HEAD = 4;
const KEY = 0x80;
/** Element number, size and four bytes of a block's duration. */
const DURATION_BYTES = 6;

/** Matroska or WebM as one endless file. */
class MatroskaLiveMuxer implements LiveMuxer {
  readonly #tracks: readonly Track[];
  readonly #timed: readonly boolean[];
  /** What is added to the times of a track, ms: readers take the delay of Opus, which its header tells, off again. */
  readonly #delays: readonly number[];
  readonly #header: Uint8Array;
  readonly #video: boolean;
  readonly #longest: number;
  /** Time of the open cluster, ms; NaN before the first. */
  #cluster = Number.NaN;
  /** Time of the last cluster that began with a key frame of video. */
  #keyCluster = Number.NaN;
  entry = false;

  constructor(tracks: readonly Track[], webm: boolean) {
    this.#tracks = tracks;
    this.#timed = tracks.map((t) => matroskaPacking(t.codec, webm)?.timed === true);
    this.#delays = tracks.map((t) => (t.codec === "opus" ? opusDelay(t) / 1e6 : 0));
    this.#header = encodeHeader(tracks, webm);
    this.#video = tracks.some((t) => t.kind === "video");
    this.#longest = this.#video ? CLUSTER_MILLIS : AUDIO_CLUSTER_MILLIS;
  }

  header(): Uint8Array {
    return this.#header;
  }

  size(frame: MuxFrame): number {
    return CLUSTER_BYTES + 2 * (1 + SIZE_MAX) + BLOCK_HEAD + frame.data.length + DURATION_BYTES;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const { data } = frame;
    this.entry = false;
    if (data.length === 0) return 0;
    const track = this.#tracks[frame.track] as Track;
    const { timescale } = track;
    const delay = this.#delays[frame.track] as number;
    const shown = Math.max(0, Math.round(((frame.dts + frame.ptsOffset) * 1000) / timescale + delay));
    checkRoom(out, at, this.size(frame));
    let o = at;
    const key = frame.key && (track.kind === "video" || !this.#video);
    const keyVideo = key && track.kind === "video";
    const begins = keyVideo && !(Math.abs(shown - this.#keyCluster) < KEY_CLUSTER_MILLIS);
    if (begins || !(Math.abs(shown - this.#cluster) < this.#longest)) {
      this.entry = key;
      if (keyVideo) this.#keyCluster = shown;
      o = this.#openCluster(out, o, shown);
    }
    const head = frame.track + 1;
    const relative = shown - this.#cluster;
    if (this.#timed[frame.track] === true) {
      const duration = Math.max(1, Math.round((frame.duration * 1000) / timescale));
      return putTimedBlock(out, o, head, relative, data, duration) - at;
    }
    out[o++] = id.SIMPLE_BLOCK;
    return putBlock(out, o, head, relative, frame.key ? KEY : 0, data) - at;
  }

  /** The cluster may have been among what is gone. */
  discard(): void {
    this.#cluster = Number.NaN;
    this.#keyCluster = Number.NaN;
  }

  trailer(): Uint8Array {
    return NOTHING;
  }

  #openCluster(out: Uint8Array, at: number, millis: number): number {
    this.#cluster = millis;
    out.set(CLUSTER_HEAD, at);
    const o = at + CLUSTER_HEAD.length;
    out[o] = id.TIMESTAMP;
    out[o + 1] = 0x88;
    for (let i = 7, rest = millis; i >= 0; i--, rest = Math.floor(rest / 256)) out[o + 2 + i] = rest & 0xff;
    return o + TIMESTAMP_BYTES;
  }
}

/** Size and content of a SimpleBlock or Block, 10.1 and 10.2; answers where it ends. */
function putBlock(
  out: Uint8Array,
  at: number,
  track: number,
  relative: number,
  flags: number,
  data: Uint8Array,
): number {
  const o = putSize(out, at, BLOCK_HEAD + data.length);
  out[o] = 0x80 | track;
  out[o + 1] = relative >> 8;
  out[o + 2] = relative;
  out[o + 3] = flags;
  out.set(data, o + BLOCK_HEAD);
  return o + BLOCK_HEAD + data.length;
}

/** A group of a block and how long it is shown. */
function putTimedBlock(
  out: Uint8Array,
  at: number,
  track: number,
  relative: number,
  data: Uint8Array,
  millis: number,
): number {
  const block = BLOCK_HEAD + data.length;
  out[at] = id.BLOCK_GROUP;
  let o = putSize(out, at + 1, 1 + sizeLength(block) + block + DURATION_BYTES);
  out[o] = id.BLOCK;
  o = putBlock(out, o + 1, track, relative, 0, data);
  out[o] = id.BLOCK_DURATION;
  out[o + 1] = 0x84;
  for (let i = 3, rest = millis; i >= 0; i--, rest = Math.floor(rest / 256)) out[o + 2 + i] = rest & 0xff;
  return o + DURATION_BYTES;
}

function makeFormat(name: string, webm: boolean): ContainerFormat {
  const label = webm ? "WebM" : "Matroska";
  return {
    name,
    codecs: (Object.keys(CODECS) as Codec[]).filter((codec) => matroskaPacking(codec, webm) !== undefined),
    joinable: true,
    mimeType(tracks) {
      const kind = tracks.some((t) => t.kind === "video") ? "video" : "audio";
      if (!webm) return `${kind}/x-matroska`;
      // Browsers know VP8 in WebM by its short name alone.
      const strings = tracks.filter((t) => t.kind !== "data")
        .map((t) => t.codec === "vp8" ? "vp8" : t.codecString).filter((s) => s !== "");
      return `${kind}/webm` + (strings.length > 0 ? `; codecs="${strings.join(",")}"` : "");
    },
    refuse(tracks) {
      if (tracks.length === 0) return "there is no track";
      if (tracks.length > TRACKS_MAX) return `there are more than ${TRACKS_MAX} tracks`;
      const out = tracks.find((t) => matroskaPacking(t.codec, webm) === undefined);
      return out === undefined ? undefined : `${CODECS[out.codec].label} has no form in ${label}`;
    },
    open: (tracks) => new MatroskaLiveMuxer(tracks, webm),
  };
}

export const MATROSKA_FORMAT: ContainerFormat = makeFormat("matroska", false);
export const WEBM_FORMAT: ContainerFormat = makeFormat("webm", true);
