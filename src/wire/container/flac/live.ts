import type { Track } from "../../../media/track.ts";
import { nativeFlacHeader } from "../../codec/flac/native_header.ts";
import { STREAM_INFO_BYTES } from "../../codec/flac/stream_info.ts";
import type { ContainerFormat } from "../live_muxer.ts";
import { PlainMuxer, refuseAllBut } from "../single_track.ts";

const CODECS = ["flac"] as const;

/** A native FLAC stream, RFC 9639, 6: STREAMINFO, then frames; decoders find their place at any of these. */
export const FLAC_FORMAT: ContainerFormat = {
  name: "flac",
  codecs: CODECS,
  joinable: true,
  mimeType: () => "audio/flac",
  refuse(tracks) {
    const why = refuseAllBut(tracks, CODECS, "a FLAC stream");
    if (why !== undefined) return why;
    return (tracks[0] as Track).config.length === STREAM_INFO_BYTES
      ? undefined
      : "its STREAMINFO is not known";
  },
  open: (tracks) => new PlainMuxer(nativeFlacHeader((tracks[0] as Track).config)),
};
