import type { Codec } from "../../../media/codec.ts";
import type { AudioTrack, Track, VideoTrack } from "../../../media/track.ts";
import { becomesFlac, flacTrack } from "./flac_audio.ts";

/** A track that has a form in fMP4-HLS. */
export type PlayableTrack = VideoTrack | AudioTrack;

/** Codecs that go out as they are; what {@link becomesFlac} says goes out too. VP8 and JPEG have no HLS form. */
const AS_IS: ReadonlySet<Codec> = new Set<Codec>([
  "h264",
  "h265",
  "av1",
  "vp9",
  "aac",
  "opus",
  "mp3",
  "ac3",
  "eac3",
  "flac",
]);

/** Every codec that HLS gives out in some form. */
export const HLS_CODECS: readonly Codec[] = [...AS_IS, "alaw", "ulaw", "l16"];

/** The track as it goes out (G.711 and L16 as FLAC); undefined when HLS cannot carry it. */
export function playable(track: Track): PlayableTrack | undefined {
  if (track.kind === "data") return undefined;
  if (track.kind === "audio" && becomesFlac(track.codec)) return flacTrack(track);
  return AS_IS.has(track.codec) ? track : undefined;
}
