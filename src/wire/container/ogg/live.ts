import { joinBytes } from "../../../base/bytes.ts";
import { CODECS } from "../../../media/codec.ts";
import type { Codec } from "../../../media/codec.ts";
import type { Track } from "../../../media/track.ts";
import { checkRoom, type ContainerFormat, type LiveMuxer, type MuxFrame } from "../live_muxer.ts";
import { oggCarries, type OggMapping, oggMapping } from "./mapping.ts";
import {
  CONTINUED,
  FIRST,
  LACING,
  LACINGS_MAX,
  lacingsOf,
  LAST,
  PAGE_HEADER,
  putPageHeader,
  sealPage,
} from "./page.ts";

/** Most tracks of a file. */
export const OGG_TRACKS_MAX = 255;

interface OggStream {
  readonly mapping: OggMapping;
  readonly serial: number;
  /** Pages written. */
  sequence: number;
  /** Pages written before the last call. */
  before: number;
  /** Granule position behind the last frame. */
  granule: number;
}

/** Ogg as one endless physical stream; every call ends its pages, frames of one call share them. */
class OggLiveMuxer implements LiveMuxer {
  readonly #streams: readonly OggStream[];
  readonly #header: Uint8Array;
  readonly #single: MuxFrame[] = [];
  /** Indexes of frames of the page in work. */
  readonly #taken = new Uint32Array(LACINGS_MAX);
  entry = false;

  constructor(tracks: readonly Track[]) {
    this.#streams = tracks.map((track, i) => {
      const mapping = oggMapping(track);
      if (mapping === undefined) throw new RangeError(`Cannot put ${track.codec} into Ogg`);
      const sequence = 1 + mapping.more.length;
      return { mapping, serial: i + 1, sequence, before: sequence, granule: 0 };
    });
    this.#header = joinBytes([
      ...this.#streams.map(({ mapping, serial }) => encodePage(FIRST, 0, serial, 0, mapping.head)),
      ...this.#streams.flatMap(({ mapping, serial }) =>
        mapping.more.map((packet, i) => encodePage(0, 0, serial, i + 1, packet))
      ),
    ]);
  }

  header(): Uint8Array {
    return this.#header;
  }

  size(frame: MuxFrame): number {
    const lacings = lacingsOf(frame.data.length);
    return frame.data.length + lacings + PAGE_HEADER * (1 + Math.ceil(lacings / LACINGS_MAX));
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    this.#single[0] = frame;
    return this.writeGroup(out, at, this.#single);
  }

  writeGroup(out: Uint8Array, at: number, frames: readonly MuxFrame[]): number {
    for (let i = 0; i < this.#streams.length; i++) {
      const stream = this.#streams[i] as OggStream;
      stream.before = stream.sequence;
    }
    let o = at;
    for (let i = 0; i < this.#streams.length; i++) o = this.#writeStream(out, o, frames, i);
    this.entry = o > at;
    return o - at;
  }

  discard(): void {
    for (const stream of this.#streams) stream.sequence = stream.before;
  }

  trailer(): Uint8Array {
    return joinBytes(this.#streams.map((stream) => {
      const { granule, serial, sequence } = stream;
      const page = new Uint8Array(PAGE_HEADER);
      putPageHeader(page, 0, LAST, granule, serial, sequence, 0);
      sealPage(page, 0, PAGE_HEADER);
      return page;
    }));
  }

  /** Writes the frames of one track; answers where their pages end. */
  #writeStream(out: Uint8Array, at: number, frames: readonly MuxFrame[], track: number): number {
    const stream = this.#streams[track] as OggStream;
    let o = at;
    let count = 0;
    let lacings = 0;
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i] as MuxFrame;
      if (frame.track !== track || frame.data.length === 0) continue;
      const more = lacingsOf(frame.data.length);
      if (lacings + more > LACINGS_MAX) {
        o = this.#writePage(out, o, stream, frames, count, lacings);
        count = lacings = 0;
      }
      if (more > LACINGS_MAX) o = this.#writeLong(out, o, stream, frame);
      else {
        this.#taken[count++] = i;
        lacings += more;
      }
    }
    return this.#writePage(out, o, stream, frames, count, lacings);
  }

  /** Writes a page of whole packets. */
  #writePage(
    out: Uint8Array,
    at: number,
    stream: OggStream,
    frames: readonly MuxFrame[],
    count: number,
    lacings: number,
  ): number {
    if (count === 0) return at;
    const last = frames[this.#taken[count - 1] as number] as MuxFrame;
    stream.granule = stream.mapping.granule(last);
    checkRoom(out, at, PAGE_HEADER + lacings);
    let o = putPageHeader(out, at, 0, stream.granule, stream.serial, stream.sequence++, lacings);
    for (let i = 0; i < count; i++) {
      const { data } = frames[this.#taken[i] as number] as MuxFrame;
      const whole = Math.floor(data.length / LACING);
      out.fill(LACING, o, o + whole);
      o += whole;
      out[o++] = data.length % LACING;
    }
    for (let i = 0; i < count; i++) {
      const { data } = frames[this.#taken[i] as number] as MuxFrame;
      checkRoom(out, o, data.length);
      out.set(data, o);
      o += data.length;
    }
    sealPage(out, at, o);
    return o;
  }

  /** Writes a packet that needs more than one page. */
  #writeLong(out: Uint8Array, at: number, stream: OggStream, frame: MuxFrame): number {
    const { data } = frame;
    stream.granule = stream.mapping.granule(frame);
    checkRoom(out, at, this.size(frame));
    let o = at;
    let from = 0;
    let left = lacingsOf(data.length);
    while (left > 0) {
      const lacings = Math.min(left, LACINGS_MAX);
      left -= lacings;
      const size = left > 0 ? lacings * LACING : data.length - from;
      const page = o;
      const granule = left > 0 ? -1 : stream.granule;
      o = putPageHeader(out, o, from > 0 ? CONTINUED : 0, granule, stream.serial, stream.sequence++, lacings);
      out.fill(LACING, o, o + lacings);
      o += lacings;
      if (left === 0) out[o - 1] = data.length % LACING;
      out.set(data.subarray(from, from + size), o);
      o += size;
      from += size;
      sealPage(out, page, o);
    }
    return o;
  }
}

/** A page with one packet of at most 65 024 bytes. */
function encodePage(
  flags: number,
  granule: number,
  serial: number,
  sequence: number,
  packet: Uint8Array,
): Uint8Array {
  const lacings = lacingsOf(packet.length);
  const out = new Uint8Array(PAGE_HEADER + lacings + packet.length);
  const o = putPageHeader(out, 0, flags, granule, serial, sequence, lacings);
  out.fill(LACING, o, o + lacings - 1);
  out[o + lacings - 1] = packet.length % LACING;
  out.set(packet, o + lacings);
  sealPage(out, 0, out.length);
  return out;
}

/** Readers may enter anywhere: pages begin with packets, and players take a first granule position as it is. */
export const OGG_FORMAT: ContainerFormat = {
  name: "ogg",
  codecs: (Object.keys(CODECS) as Codec[]).filter(oggCarries),
  joinable: true,
  mimeType(tracks) {
    const codecs = tracks.map((t) => t.codec).filter(oggCarries);
    return "audio/ogg" + (codecs.length > 0 ? `; codecs="${codecs.join(",")}"` : "");
  },
  refuse(tracks) {
    if (tracks.length === 0) return "there is no track";
    if (tracks.length > OGG_TRACKS_MAX) return `there are more than ${OGG_TRACKS_MAX} tracks`;
    const out = tracks.find((t) => !oggCarries(t.codec));
    return out === undefined ? undefined : `${CODECS[out.codec].label} has no form in Ogg`;
  },
  open: (tracks) => new OggLiveMuxer(tracks),
};
