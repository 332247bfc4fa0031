// RFC 9559, 5.1: what stands before the first cluster of a live stream.
import { joinBytes } from "../../../base/bytes.ts";
import type { Track } from "../../../media/track.ts";
import { binary, type Element, float, master, openMaster, text, uint } from "./element.ts";
import * as id from "./ids.ts";
import { matroskaPacking, OPUS_PRE_ROLL, opusDelay } from "./packing.ts";

/** Nanoseconds of a tick: 1 ms, which WebM demands. */
const SCALE = 1_000_000;
/** TrackType, 5.1.4.1.3. */
const TYPE_VIDEO = 1, TYPE_AUDIO = 2, TYPE_SUBTITLE = 17, TYPE_METADATA = 33;

/** EBML header, segment of unknown size, its information and its tracks, numbered from 1 in their order. */
export function encodeHeader(tracks: readonly Track[], webm: boolean): Uint8Array<ArrayBuffer> {
  return joinBytes([
    master(id.EBML, [
      uint(id.EBML_VERSION, 1),
      uint(id.EBML_READ_VERSION, 1),
      uint(id.EBML_MAX_ID_LENGTH, 4),
      uint(id.EBML_MAX_SIZE_LENGTH, 8),
      text(id.DOC_TYPE, webm ? "webm" : "matroska"),
      uint(id.DOC_TYPE_VERSION, 4),
      uint(id.DOC_TYPE_READ_VERSION, 2),
    ]),
    openMaster(id.SEGMENT),
    master(id.INFO, [
      uint(id.TIMESTAMP_SCALE, SCALE),
      text(id.MUXING_APP, "fogcast"),
      text(id.WRITING_APP, "fogcast"),
    ]),
    master(id.TRACKS, tracks.map((track, i) => entry(track, i + 1, webm))),
  ]);
}

function entry(track: Track, number: number, webm: boolean): Element {
  const packing = matroskaPacking(track.codec, webm);
  if (packing === undefined) {
    throw new RangeError(`Cannot put ${track.codec} into ${webm ? "WebM" : "Matroska"}`);
  }
  const codecPrivate = packing.codecPrivate?.(track);
  return master(id.TRACK_ENTRY, [
    uint(id.TRACK_NUMBER, number),
    uint(id.TRACK_UID, number),
    uint(id.TRACK_TYPE, typeOf(track)),
    uint(id.FLAG_LACING, 0),
    // Absent it would mean English.
    text(id.LANGUAGE, /^[a-z]{3}$/.test(track.language) ? track.language : "und"),
    text(id.CODEC_ID, packing.codecId),
    codecPrivate === undefined || codecPrivate.length === 0
      ? undefined
      : binary(id.CODEC_PRIVATE, codecPrivate),
    ...media(track, packing.bitDepth),
  ]);
}

function typeOf(track: Track): number {
  if (track.kind === "video") return TYPE_VIDEO;
  if (track.kind === "audio") return TYPE_AUDIO;
  return track.codec === "subtitle" ? TYPE_SUBTITLE : TYPE_METADATA;
}

function media(track: Track, bitDepth: number | undefined): (Element | undefined)[] {
  if (track.kind === "video") {
    const { width, height, frameRate } = track;
    return [
      frameRate > 0 ? uint(id.DEFAULT_DURATION, Math.round(1e9 / frameRate)) : undefined,
      // 0 is not allowed; decoders take the size from the frames.
      master(id.VIDEO, [
        uint(id.PIXEL_WIDTH, Math.max(1, width)),
        uint(id.PIXEL_HEIGHT, Math.max(1, height)),
      ]),
    ];
  }
  if (track.kind !== "audio") return [];
  const opus = track.codec === "opus";
  return [
    opus ? uint(id.CODEC_DELAY, opusDelay(track)) : undefined,
    opus ? uint(id.SEEK_PRE_ROLL, OPUS_PRE_ROLL) : undefined,
    master(id.AUDIO, [
      float(id.SAMPLING_FREQUENCY, track.sampleRate),
      uint(id.CHANNELS, track.channels),
      bitDepth === undefined ? undefined : uint(id.BIT_DEPTH, bitDepth),
    ]),
  ];
}
