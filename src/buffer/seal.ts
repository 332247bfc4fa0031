import type { MonoMillis, StreamMicros, Ticks, WallMillis } from "../base/units.ts";
import { readInit } from "./init_data.ts";
import * as at from "./layout.ts";
import { makePartRow } from "./records.ts";
import type { StreamPageWriter } from "./stream_page_writer.ts";
import type { TrackPageWriter } from "./track_page_writer.ts";

/** The newest frame of a page, in stream time. */
export interface LastFrame {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly dts: number;
  readonly timescale: number;
  readonly arrival: number;
  readonly msn: number;
  readonly part: number;
  readonly discontinuity: boolean;
}

/** What the newest frame of a page was; undefined when the page holds none. */
export function lastFrame(page: TrackPageWriter): LastFrame | undefined {
  if (page.head <= page.tail) return undefined;
  const row = page.row(page.head - 1);
  const word = row >> 2;
  const dts = page.floats[(row + at.FRAME_DTS) >> 3] as number;
  const duration = page.words[word + (at.FRAME_DURATION >> 2)] as number;
  const timescale = readInit(page.words, page.words[word + (at.FRAME_CONFIG >> 2)] as number)?.timescale ??
    90_000;
  return {
    startMicros: (dts / timescale) * 1e6,
    endMicros: ((dts + duration) / timescale) * 1e6,
    dts,
    timescale,
    arrival: page.floats[(row + at.FRAME_ARRIVAL) >> 3] as number,
    msn: (page.words[word + (at.FRAME_MSN >> 2)] as number) >>> 0,
    part: page.words[word + (at.FRAME_PART >> 2)] as number,
    discontinuity: ((page.words[word + (at.FRAME_FLAGS >> 2)] as number) & at.FRAME_IS_DISCONTINUITY) !== 0,
  };
}

/** Closes the part that the last frames of a page are in, if its writer ended or died before it did. */
function sealPart(page: TrackPageWriter, stream: StreamPageWriter, now: MonoMillis): void {
  const last = lastFrame(page);
  if (last === undefined || last.part < 0) return;
  const row = makePartRow();
  const from = page.lastPart(row) ? row.first + row.count : page.tail;
  row.first = page.head;
  row.bytes = 0;
  for (let sequence = page.head - 1; sequence >= Math.max(from, page.tail); sequence--) {
    const word = page.row(sequence) >> 2;
    if ((page.words[word + (at.FRAME_MSN >> 2)] as number) >>> 0 !== last.msn) break;
    if (page.words[word + (at.FRAME_PART >> 2)] !== last.part) break;
    row.first = sequence;
    row.bytes += page.words[word + (at.FRAME_SIZE >> 2)] as number;
  }
  row.count = page.head - row.first;
  if (row.count > 0) {
    const first = page.row(row.first);
    const flags = page.words[(first + at.FRAME_FLAGS) >> 2] as number;
    row.msn = last.msn;
    row.part = last.part;
    row.startDts = page.floats[(first + at.FRAME_DTS) >> 3] as Ticks;
    row.durationTicks = Math.round((last.endMicros * last.timescale) / 1e6) - row.startDts;
    row.independent = (flags & at.FRAME_IS_KEY) !== 0;
    row.discontinuity = (flags & at.FRAME_IS_DISCONTINUITY) !== 0;
    row.configVersion = page.words[(first + at.FRAME_CONFIG) >> 2] as number;
    row.closedAt = now;
    const counts = at.KINDS[page.words[at.W_KIND] as number] !== "data";
    if (counts) stream.raise(at.W_PART_TARGET, (row.durationTicks / last.timescale) * 1e6);
    page.writePart(row);
  }
  page.closeSegments(last.msn);
}

/**
 * Brings the pages of a stream whose session ended, or whose writer died anywhere, to rest: every frame is in a closed
 * part, every part in a segment, every segment has its length. Does nothing to pages at rest.
 */
export function seal(
  stream: StreamPageWriter,
  pages: readonly TrackPageWriter[],
  now: MonoMillis,
  wallNow: WallMillis,
): void {
  const leading = stream.words[at.W_LEADING] as number;
  const lead = pages.find((page) => page.words[at.W_ID] === leading);
  const last = lead === undefined ? undefined : lastFrame(lead);
  if (last !== undefined && last.part >= 0 && last.msn === stream.nextMsn) {
    // Its writer died after it showed the frame and before it opened the segment.
    const mapped = last.discontinuity ? undefined : stream.wallNear(last.startMicros);
    const came = wallNow - Math.max(0, now - last.arrival) as WallMillis;
    stream.closeSegment(last.startMicros as StreamMicros);
    stream.openSegment(last.startMicros as StreamMicros, mapped ?? came, last.discontinuity, false, came);
  }
  for (const page of pages) {
    sealPart(page, stream, now);
    page.closeSegments(stream.nextMsn - 1);
  }
  if (last !== undefined) stream.closeSegment(last.endMicros as StreamMicros);
}
