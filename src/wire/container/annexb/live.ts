import type { Track } from "../../../media/track.ts";
import { type AnnexBPrefix, annexBPrefix, lengthsToStartCodes } from "../../codec/annexb_prefix.ts";
import { checkRoom, type ContainerFormat, type LiveMuxer, type MuxFrame, NOTHING } from "../live_muxer.ts";
import { refuseAllBut } from "../single_track.ts";

const CODECS = ["h264", "h265"] as const;

/**
 * H.264 or H.265 as a byte stream, annex B of both: a delimiter before each picture, parameter sets before each key
 * frame. It has no times.
 */
class AnnexBLiveMuxer implements LiveMuxer {
  #prefix: AnnexBPrefix;
  readonly #codec: Track["codec"];
  entry = false;

  constructor(codec: Track["codec"], prefix: AnnexBPrefix) {
    this.#codec = codec;
    this.#prefix = prefix;
  }

  header(): Uint8Array {
    return NOTHING;
  }

  size(frame: MuxFrame): number {
    return (frame.key ? this.#prefix.key : this.#prefix.other).length + frame.data.length;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const { data, key } = frame;
    this.entry = key && data.length > 0;
    if (data.length === 0) return 0;
    const prefix = key ? this.#prefix.key : this.#prefix.other;
    checkRoom(out, at, prefix.length + data.length);
    out.set(prefix, at);
    const from = at + prefix.length;
    out.set(data, from);
    lengthsToStartCodes(out, from, from + data.length);
    return prefix.length + data.length;
  }

  change(_track: number, to: Track): Uint8Array | undefined {
    const prefix = to.codec === this.#codec ? annexBPrefix(to) : undefined;
    if (prefix === undefined) return undefined;
    this.#prefix = prefix;
    return NOTHING;
  }

  trailer(): Uint8Array {
    return NOTHING;
  }
}

export const ANNEXB_FORMAT: ContainerFormat = {
  name: "h264",
  codecs: CODECS,
  joinable: true,
  mimeType: (tracks) => tracks[0]?.codec === "h265" ? "video/h265" : "video/h264",
  refuse(tracks) {
    const why = refuseAllBut(tracks, CODECS, "an Annex B stream");
    if (why !== undefined) return why;
    return annexBPrefix(tracks[0] as Track) === undefined ? "its parameter sets are not known" : undefined;
  },
  open(tracks) {
    const track = tracks[0] as Track;
    const prefix = annexBPrefix(track);
    if (prefix === undefined) throw new RangeError("Cannot write Annex B without parameter sets");
    return new AnnexBLiveMuxer(track.codec, prefix);
  },
};
