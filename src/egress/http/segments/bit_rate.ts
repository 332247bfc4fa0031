import type { TrackView } from "../../../buffer/track_view.ts";
import type { AudioTrack, Track } from "../../../media/track.ts";
import { becomesFlac } from "../../../wire/codec/flac/flac_audio.ts";
import type { ContainerName } from "./rendition_key.ts";

/** Bits per second of one track, and frames. */
export interface BitRate {
  readonly peak: number;
  readonly average: number;
  /** Frames per second; 0 while unknown. */
  readonly frameRate: number;
}

/** Bytes that a fragment adds for each part (moof and mdat headers) and, at most, for each sample. */
const PART_BYTES = 120;
const SAMPLE_BYTES = 16;
/** What the box of an event adds to its data. */
const EVENT_BYTES = 72;
/**
 * Bytes that MPEG-TS adds: for each part its tables, and what brings a PID's counter back; for each frame headers and
 * half a packet of stuffing; and the packets' heads.
 */
const TS_PART_BYTES = 376 + 1400, TS_FRAME_BYTES = 130, TS_SHARE = 188 / 184;
/** FLAC of camera audio is about that much of the samples' size. */
const FLAC_SHARE = 0.6;

/**
 * Measures a track over the segments that the buffer holds, as RFC 8216bis, 4.4.6.2 defines BANDWIDTH: the largest of
 * any segment, container included. Before the first segment is complete, over the parts so far. 0 without any.
 */
export function measureBitRate(
  view: TrackView,
  oldest: number,
  newest: number,
  container: ContainerName = "mp4",
): BitRate {
  const track = view.track()?.track;
  if (track === undefined) return { peak: 0, average: 0, frameRate: 0 };
  let peak = 0, bits = 0, seconds = 0, frames = 0;
  for (let msn = Math.max(oldest, view.oldestMsn); msn <= newest; msn++) {
    const segment = measureSegment(view, track, msn, container);
    if (segment.seconds <= 0) continue;
    // An open segment begins with its key frame, so its rate so far says nothing about its peak.
    if (msn === newest && seconds > 0) break;
    peak = Math.max(peak, segment.bits / segment.seconds);
    bits += segment.bits;
    frames += segment.frames;
    seconds += segment.seconds;
  }
  return seconds > 0
    ? { peak, average: bits / seconds, frameRate: frames / seconds }
    : { peak, average: 0, frameRate: 0 };
}

/** The rate of two that go together; frames are those of the first. */
export function addRates(a: BitRate, b: BitRate): BitRate {
  return { peak: a.peak + b.peak, average: a.average + b.average, frameRate: a.frameRate };
}

function measureSegment(view: TrackView, track: Track, msn: number, container: ContainerName) {
  let bytes = 0, ticks = 0, frames = 0;
  for (let part = 0; part < view.partsOf(msn); part++) {
    const row = view.part(msn, part);
    if (row === undefined) continue;
    const media = becomesFlac(track.codec) ? flacBytes(track as AudioTrack, row.durationTicks) : row.bytes;
    if (container === "ts") bytes += (media + TS_FRAME_BYTES * row.count) * TS_SHARE + TS_PART_BYTES;
    else if (track.kind === "data") bytes += media + EVENT_BYTES * row.count;
    else bytes += media + PART_BYTES + SAMPLE_BYTES * row.count;
    ticks += row.durationTicks;
    frames += row.count;
  }
  return { bits: bytes * 8, seconds: ticks / track.timescale, frames };
}

function flacBytes(track: AudioTrack, durationTicks: number): number {
  return (durationTicks / track.timescale) * track.sampleRate * track.channels * 2 * FLAC_SHARE;
}
