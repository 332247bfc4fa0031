import type { ContainerFormat } from "../live_muxer.ts";
import { PlainMuxer, refuseAllBut } from "../single_track.ts";

const CODECS = ["mp3", "mp2"] as const;

/** MPEG audio as it is: each frame begins with its own header (ISO/IEC 11172-3, 2.4.1.3), so there is no other. */
export const MPEG_AUDIO_FORMAT: ContainerFormat = {
  name: "mp3",
  codecs: CODECS,
  joinable: true,
  mimeType: () => "audio/mpeg",
  refuse: (tracks) => refuseAllBut(tracks, CODECS, "an MPEG audio stream"),
  open: () => new PlainMuxer(),
};
