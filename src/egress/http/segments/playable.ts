import type { Codec } from "../../../media/codec.ts";
import type { AudioTrack, Track, VideoTrack } from "../../../media/track.ts";
import { becomesFlac, flacTrack } from "../../../wire/codec/flac/flac_audio.ts";
import { NotInTs } from "../../../wire/container/ts/mux/not_in_ts.ts";
import { packingOf } from "../../../wire/container/ts/mux/packing.ts";
import type { ContainerName } from "./rendition_key.ts";

/** A track that has a form in segments of fragmented MP4. */
export type PlayableTrack = VideoTrack | AudioTrack;

/** Codecs that go out in MP4 as they are; what {@link becomesFlac} says goes out too. VP8 and JPEG have no form in CMAF. */
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

/** Codecs that players know in MPEG-TS segments; ID3 goes along with pictures or sound. */
export const TS_CODECS: readonly Codec[] = ["h264", "h265", "aac", "mp3", "mp2", "ac3", "eac3", "id3"];

/** Whether a track goes into segments of that container. */
export const CARRIES: Readonly<Record<ContainerName, (track: Track) => boolean>> = {
  mp4: (track) => playable(track) !== undefined,
  ts: (track) => TS_CODECS.includes(track.codec) && fitsTs(track),
};

function fitsTs(track: Track): boolean {
  try {
    packingOf(track);
    return true;
  } catch (e) {
    if (e instanceof NotInTs) return false;
    throw e;
  }
}

/** The track as it goes out in MP4 (G.711 and L16 as FLAC); undefined when it cannot. */
export function playable(track: Track): PlayableTrack | undefined {
  if (track.kind === "data") return undefined;
  if (track.kind === "audio" && becomesFlac(track.codec)) return flacTrack(track);
  return AS_IS.has(track.codec) ? track : undefined;
}
