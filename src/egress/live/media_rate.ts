import { makePartRow, type TrackView } from "../../buffer/track_view.ts";

/** Segments that a rate is measured over. */
const SEGMENTS = 8;

const ROW = makePartRow();

/** Bits per second of a track's frames, over the newest segments in the buffer; 0 while no part was closed. */
export function mediaRate(view: TrackView): number {
  const track = view.track()?.track;
  const newest = view.newest?.msn;
  if (track === undefined || newest === undefined) return 0;
  let bytes = 0, ticks = 0;
  for (let msn = Math.max(view.oldestMsn, newest - SEGMENTS + 1); msn <= newest; msn++) {
    // An open segment begins with its key frame: its rate so far says too much.
    if (msn === newest && ticks > 0 && !view.segmentClosed(msn)) break;
    for (let part = 0; part < view.partsOf(msn); part++) {
      const row = view.part(msn, part, ROW);
      if (row === undefined) continue;
      bytes += row.bytes;
      ticks += row.durationTicks;
    }
  }
  return ticks === 0 ? 0 : (bytes * 8 * track.timescale) / ticks;
}
