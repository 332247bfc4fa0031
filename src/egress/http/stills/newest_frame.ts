import { type StreamMicros, ticksToMicros } from "../../../base/units.ts";
import { makeFrameRecord, type TrackView } from "../../../buffer/track_view.ts";
import type { Track } from "../../../media/track.ts";

/** How often a frame that is overwritten while it is copied is looked for again. */
const ATTEMPTS = 4;

/** A frame of its own, and what it is of. */
export interface StillFrame {
  readonly track: Track;
  readonly data: Uint8Array<ArrayBuffer>;
  /** The same for the same frame, other for any other one of the stream. */
  readonly tag: string;
  readonly duration: number;
  readonly micros: StreamMicros;
}

const RECORD = makeFrameRecord();

/** A name for the newest key frame of a track, never given again to another; undefined when there is none. */
export function newestTag(view: TrackView): string | undefined {
  const { newestKey } = view;
  if (newestKey < 0 || view.peek(newestKey, RECORD) !== "ok") return undefined;
  const { dts } = RECORD;
  return [view.session, view.id, newestKey, dts].map((number) => number.toString(36)).join("-");
}

/** A copy of the newest frame of a track that needs no other; undefined when there is none. */
export function newestFrame(view: TrackView): StillFrame | undefined {
  const record = makeFrameRecord();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const key = view.newestKey;
    const tag = newestTag(view);
    if (key < 0 || tag === undefined) return undefined;
    if (view.read(key, record) !== "ok") continue;
    const track = (view.track(record.configVersion) ?? view.track())?.track;
    const data = new Uint8Array(record.data);
    if (track === undefined || !view.intact(key)) continue;
    return {
      track,
      data,
      tag,
      duration: record.duration,
      micros: ticksToMicros(record.dts, track.timescale),
    };
  }
  return undefined;
}
