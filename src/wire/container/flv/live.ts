import { ByteWriter, joinBytes } from "../../../base/bytes.ts";
import { CODECS } from "../../../media/codec.ts";
import type { Codec } from "../../../media/codec.ts";
import type { Track } from "../../../media/track.ts";
import { putSwapped16, putU24, putU32 } from "../endian.ts";
import { checkRoom, type ContainerFormat, type LiveMuxer, type MuxFrame, NOTHING } from "../live_muxer.ts";
import {
  CODED_FRAMES_X,
  flvCarries,
  type FlvPacking,
  flvPackingOf,
  TAG_AUDIO,
  TAG_SCRIPT,
  TAG_VIDEO,
} from "./packing.ts";
import { encodeOnMetaData, encodeTextData } from "./script.ts";

/** Bytes of a tag's header, and of the size that follows each tag. */
const TAG_HEADER = 11, BACK_POINTER = 4;
/** Most bytes of a tag's body. */
export const FLV_BODY_MAX = 0xffffff;
const HAS_AUDIO = 4, HAS_VIDEO = 1;

interface FlvTrack {
  track: Track;
  /** undefined: timed text. */
  packing: FlvPacking | undefined;
  /** Time of the last frame, ms. */
  millis: number;
}

/** Writes a tag's header at `out[at]`, E.4.1; answers where its body begins. Times wrap at 2^32 ms. */
export function writeTagHeader(
  out: Uint8Array,
  at: number,
  type: number,
  size: number,
  millis: number,
): number {
  const time = millis % 2 ** 32;
  out[at] = type;
  putU24(out, at + 1, size);
  putU24(out, at + 4, time);
  out[at + 7] = time / 2 ** 24;
  putU24(out, at + 8, 0); // stream
  return at + TAG_HEADER;
}

/** One tag with the size that follows it. */
export function encodeTag(type: number, body: Uint8Array, millis = 0): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(TAG_HEADER + body.length + BACK_POINTER);
  out.set(body, writeTagHeader(out, 0, type, body.length, millis));
  putU32(out, TAG_HEADER + body.length, TAG_HEADER + body.length);
  return out;
}

/** Flash Video as one endless file. */
class FlvLiveMuxer implements LiveMuxer {
  readonly #tracks: FlvTrack[];
  readonly #video: boolean;
  #header: Uint8Array | undefined;
  entry = false;

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks.map((track) => ({ track, packing: flvPackingOf(track), millis: 0 }));
    this.#video = tracks.some((t) => t.kind === "video");
  }

  header(): Uint8Array {
    return this.#header ??= this.#encodeHeader();
  }

  size(frame: MuxFrame): number {
    const { track, packing } = this.#tracks[frame.track] as FlvTrack;
    const size = frame.data.length;
    if (size === 0) return 0;
    if (packing === undefined) return encodeText(track, frame).length + TAG_HEADER + BACK_POINTER;
    return TAG_HEADER + packing.keyPrefix.length + (packing.times === "never" ? 0 : 3) + size + BACK_POINTER;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const to = this.#tracks[frame.track] as FlvTrack;
    const { track, packing } = to;
    const { data } = frame;
    this.entry = data.length > 0 && frame.key && (track.kind === "video" || !this.#video);
    if (data.length === 0) return 0;
    // A clock of milliseconds that is kept in the range of safe integers as the ticks are.
    const millis = Math.max(0, Math.round((frame.dts * 1000) / track.timescale));
    to.millis = millis;
    if (packing === undefined) return writeText(out, at, encodeText(track, frame), millis);
    const prefix = frame.key ? packing.keyPrefix : packing.prefix;
    const shown = Math.round(((frame.dts + frame.ptsOffset) * 1000) / track.timescale);
    const offset = packing.times === "never" ? 0 : shown - millis;
    const timed = packing.times === "always" || (packing.times === "enhanced" && offset !== 0);
    const size = prefix.length + (timed ? 3 : 0) + data.length;
    if (size > FLV_BODY_MAX) throw new RangeError(`Cannot write a tag of ${size} bytes`);
    checkRoom(out, at, TAG_HEADER + size + BACK_POINTER);
    let o = writeTagHeader(out, at, packing.tag, size, millis);
    out.set(prefix, o);
    if (packing.times === "enhanced" && !timed) out[o] = ((out[o] as number) & 0xf0) | CODED_FRAMES_X;
    o += prefix.length;
    if (timed) {
      putU24(out, o, offset);
      o += 3;
    }
    if (packing.swapped === true) putSwapped16(out, o, data);
    else out.set(data, o);
    o += data.length;
    putU32(out, o, TAG_HEADER + size);
    return o + BACK_POINTER - at;
  }

  change(index: number, to: Track): Uint8Array | undefined {
    const now = this.#tracks[index] as FlvTrack;
    const packing = flvPackingOf(to);
    if (packing === undefined || to.codec !== now.track.codec) return undefined;
    now.track = to;
    now.packing = packing;
    this.#header = undefined;
    return sequenceTag(now);
  }

  trailer(): Uint8Array {
    return NOTHING;
  }

  #encodeHeader(): Uint8Array {
    const tags = this.#tracks.map((t) => t.packing?.tag);
    const flags = (tags.includes(TAG_AUDIO) ? HAS_AUDIO : 0) | (tags.includes(TAG_VIDEO) ? HAS_VIDEO : 0);
    const w = new ByteWriter(13);
    w.latin1("FLV").u8(1).u8(flags).u32(9).u32(0); // version, flags, bytes of the header; size of no tag
    const metadata = encodeTag(TAG_SCRIPT, encodeOnMetaData(this.#tracks.map((t) => t.track)));
    return joinBytes([w.take(), metadata, ...this.#tracks.map((t) => sequenceTag({ ...t, millis: 0 }))]);
  }
}

/** The tag that a decoder of the track must have first; empty where it needs none. */
function sequenceTag({ packing, millis }: FlvTrack): Uint8Array {
  if (packing?.sequenceHeader === undefined) return NOTHING;
  return encodeTag(packing.tag, packing.sequenceHeader, millis);
}

function encodeText(track: Track, frame: MuxFrame): Uint8Array {
  // A copy: texts are not decoded from shared memory by every runtime.
  return encodeTextData(new TextDecoder().decode(frame.data.slice()), track.language);
}

function writeText(out: Uint8Array, at: number, body: Uint8Array, millis: number): number {
  const tag = encodeTag(TAG_SCRIPT, body, millis);
  checkRoom(out, at, tag.length);
  out.set(tag, at);
  return tag.length;
}

const TEXTS: readonly Codec[] = ["json", "subtitle"];

function refuse(tracks: readonly Track[]): string | undefined {
  for (const { codec, kind } of tracks) {
    if (!flvCarries(codec) && !TEXTS.includes(codec)) return `${CODECS[codec].label} has no form in FLV`;
    if (kind !== "data" && tracks.filter((t) => t.kind === kind).length > 1) {
      return `FLV has room for one ${kind} track`;
    }
  }
  for (const track of tracks) {
    if (track.kind !== "audio") continue;
    const { codec, sampleRate, channels } = track;
    if ((codec === "alaw" || codec === "ulaw") && (sampleRate !== 8000 || channels !== 1)) {
      return `G.711 in FLV is mono of 8000 Hz, not ${channels} channels of ${sampleRate} Hz`;
    }
    if (codec === "l16" && (![11025, 22050, 44100].includes(sampleRate) || channels > 2)) {
      return `FLV cannot say PCM of ${channels} channels of ${sampleRate} Hz`;
    }
  }
  return tracks.some((t) => flvCarries(t.codec)) ? undefined : "there is neither video nor audio";
}

export const FLV_FORMAT: ContainerFormat = {
  name: "flv",
  codecs: [...(Object.keys(CODECS) as Codec[]).filter(flvCarries), ...TEXTS],
  joinable: true,
  mimeType: () => "video/x-flv",
  refuse,
  open: (tracks) => new FlvLiveMuxer(tracks),
};
