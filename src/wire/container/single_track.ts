import { CODECS } from "../../media/codec.ts";
import type { Codec } from "../../media/codec.ts";
import type { Track } from "../../media/track.ts";
import { checkRoom, type LiveMuxer, type MuxFrame, NOTHING } from "./live_muxer.ts";

/** Why these tracks do not go into something that is one track of certain codecs; undefined where they do. */
export function refuseAllBut(
  tracks: readonly Track[],
  codecs: readonly Codec[],
  label: string,
): string | undefined {
  const [track] = tracks;
  if (track === undefined) return "there is no track";
  if (tracks.length > 1) return `${label} has room for one track`;
  return codecs.includes(track.codec) ? undefined : `${CODECS[track.codec].label} has no form in ${label}`;
}

/** A format that is its codec's frames, one after the other, behind a header. */
export class PlainMuxer implements LiveMuxer {
  readonly #header: Uint8Array;
  entry = false;

  constructor(header: Uint8Array = NOTHING) {
    this.#header = header;
  }

  header(): Uint8Array {
    return this.#header;
  }

  size(frame: MuxFrame): number {
    return frame.data.length;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const { data, key } = frame;
    this.entry = key && data.length > 0;
    checkRoom(out, at, data.length);
    out.set(data, at);
    return data.length;
  }

  trailer(): Uint8Array {
    return NOTHING;
  }
}
