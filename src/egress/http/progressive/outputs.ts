import type { Codec } from "../../../media/codec.ts";
import type { SelectableTrack, SelectionKind } from "../../../media/select/selectable_track.ts";
import { type Selection, selectTracks } from "../../../media/select/selection.ts";
import type { Track } from "../../../media/track.ts";
import { becomesFlac, flacTrack } from "../../../wire/codec/flac/flac_audio.ts";
import { CONTAINER_FORMATS } from "../../../wire/container/formats.ts";
import type { ContainerFormat } from "../../../wire/container/live_muxer.ts";

/** One container over progressive HTTP. */
export interface ProgressiveOutput {
  /** Name of its descriptor; sessions show it in capitals. */
  readonly name: string;
  /** What may follow the stream's name and a dot. */
  readonly extensions: readonly string[];
  readonly help: string;
  readonly format: ContainerFormat;
  /** How players find it: MIME-like type, name for people, preference. */
  readonly source?: readonly [type: string, name: string, priority: number];
  /** Where fewer than the format's. */
  readonly codecs?: readonly Codec[];
  /** G.711 and L16 go out as FLAC. */
  readonly flac?: boolean;
  /** Kinds of tracks that are given without being asked for; video and audio where left out. */
  readonly kinds?: readonly SelectionKind[];
  /** All tracks of these kinds. */
  readonly several?: boolean;
  /** What may be sent any time, so that a connection with little to say is not taken for dead. */
  readonly idle?: string;
}

const SUBTITLES: Pick<ProgressiveOutput, "kinds" | "idle"> = { kinds: ["subtitle"], idle: "\n" };
const { mp4, ts, flv, matroska, webm, ogg, wav, aac, mp3, flac, h264, mjpeg, webvtt, srt, json } =
  CONTAINER_FORMATS;

/** Every progressive output: a row is all that one more costs. */
export const PROGRESSIVE_OUTPUTS: readonly ProgressiveOutput[] = [
  {
    name: "mp4",
    extensions: ["mp4", "fmp4", "3gp"],
    help: "Fragmented MP4; G.711 and L16 go out as FLAC",
    format: mp4,
    source: ["html5/video/mp4", "MP4 progressive", 8],
    flac: true,
  },
  {
    name: "ts",
    extensions: ["ts"],
    help: "MPEG-TS",
    format: ts,
    source: ["html5/video/mpeg", "TS HTTP progressive", 1],
  },
  {
    name: "flv",
    extensions: ["flv"],
    help: "FLV, newer codecs as Enhanced RTMP has them",
    format: flv,
    source: ["flash/7", "FLV progressive", 5],
  },
  {
    name: "mkv",
    extensions: ["mkv"],
    help: "Matroska",
    format: matroska,
    source: ["html5/video/x-matroska", "MKV progressive", 2],
  },
  {
    name: "webm",
    extensions: ["webm"],
    help: "WebM",
    format: webm,
    source: ["html5/video/webm", "WebM progressive", 9],
  },
  {
    name: "ogg",
    extensions: ["ogg", "oga"],
    help: "Ogg",
    format: ogg,
    source: ["html5/audio/ogg", "OGG progressive", 8],
  },
  { name: "opus", extensions: ["opus"], help: "Opus in Ogg", format: ogg, codecs: ["opus"] },
  {
    name: "wav",
    extensions: ["wav"],
    help: "WAV, G.711 and L16 as they are",
    format: wav,
    source: ["html5/audio/wav", "WAV progressive", 1],
  },
  {
    name: "aac",
    extensions: ["aac"],
    help: "AAC in ADTS",
    format: aac,
    source: ["html5/audio/aac", "AAC progressive", 8],
  },
  {
    name: "mp3",
    extensions: ["mp3"],
    help: "MPEG audio",
    format: mp3,
    source: ["html5/audio/mp3", "MP3 progressive", 8],
  },
  {
    name: "flac",
    extensions: ["flac"],
    help: "FLAC; G.711 and L16 become it",
    format: flac,
    source: ["html5/audio/flac", "FLAC progressive", 1],
    flac: true,
  },
  {
    name: "h264",
    extensions: ["h264"],
    help: "H.264 or H.265 as an Annex B byte stream",
    format: h264,
    source: ["html5/video/raw", "Raw progressive", 1],
  },
  {
    name: "h265",
    extensions: ["h265"],
    help: "H.265 as an Annex B byte stream",
    format: h264,
    codecs: ["h265"],
  },
  {
    name: "mjpeg",
    extensions: ["mjpeg", "mjpg"],
    help: "JPEG images, each replacing the one before (multipart/x-mixed-replace)",
    format: mjpeg,
    source: ["html5/image/mjpeg", "MJPEG stream", 1],
  },
  {
    name: "vtt",
    extensions: ["vtt", "webvtt"],
    help: "Subtitles as WebVTT",
    format: webvtt,
    source: ["html5/text/vtt", "WebVTT subtitle progressive", 9],
    ...SUBTITLES,
  },
  {
    name: "srt",
    extensions: ["srt"],
    help: "Subtitles as SubRip",
    format: srt,
    source: ["html5/text/plain", "SRT subtitle progressive", 8],
    ...SUBTITLES,
  },
  {
    name: "json",
    extensions: ["json"],
    help: "Data tracks as JSON, one object a line; with callback= or jsonp= as calls of that function",
    format: json,
    source: ["html5/text/javascript", "JSON progressive", 0],
    kinds: ["subtitle", "meta"],
    idle: "\n",
    several: true,
  },
];

const BY_EXTENSION = new Map(
  PROGRESSIVE_OUTPUTS.flatMap((output) => output.extensions.map((e) => [e, output] as const)),
);

/** The output that a file name's extension means. */
export function outputOf(extension: string): ProgressiveOutput | undefined {
  return BY_EXTENSION.get(extension.toLowerCase());
}

/** Codecs that an output gives out in some form. */
export function codecsOf({ codecs, format, flac }: ProgressiveOutput): readonly Codec[] {
  const own = codecs ?? format.codecs;
  return flac === true ? [...new Set<Codec>([...own, "alaw", "ulaw", "l16"])] : own;
}

/** A track as it goes out. */
export function muxedTrack({ flac }: ProgressiveOutput, track: Track): Track {
  return flac === true && track.kind === "audio" && becomesFlac(track.codec) ? flacTrack(track) : track;
}

/**
 * The tracks that a viewer gets, in the order of their numbers, or why there are none (to follow "Cannot …: "). What is
 * not asked for by name is left out rather than refused.
 */
export function chooseTracks(
  output: ProgressiveOutput,
  tracks: readonly SelectableTrack[],
  selection: Selection,
): readonly SelectableTrack[] | string {
  const codecs = new Set(codecsOf(output));
  const { kinds = ["video", "audio"], several = false } = output;
  const options = { playable: ({ track }: SelectableTrack) => codecs.has(track.codec), kinds, several };
  const chosen = selectTracks(tracks, selection, options);
  if (chosen.length === 0) return "there is no such track that it can carry";
  const why = output.format.refuse(chosen.map((t) => muxedTrack(output, t.track)));
  if (why === undefined) return chosen;
  if (Object.keys(selection).length > 0 || chosen.length === 1) return why;
  for (const single of chosen) {
    if (output.format.refuse([muxedTrack(output, single.track)]) === undefined) return [single];
  }
  return why;
}
