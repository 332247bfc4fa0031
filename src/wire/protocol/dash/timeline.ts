import { element, type XmlElement } from "./xml.ts";

/** A segment's time and length, ticks. */
export interface TimelineEntry {
  readonly start: number;
  readonly length: number;
}

/**
 * ISO/IEC 23009-1, 5.3.9.6 (SegmentTimeline). A segment that begins within a tick of where the one before ends follows
 * it; others say where they begin. Equal lengths are said once.
 */
export function printTimeline(entries: readonly TimelineEntry[]): XmlElement {
  const rows: { t: number | undefined; d: number; r: number }[] = [];
  let end = NaN;
  for (const { start, length } of entries) {
    const last = rows.at(-1);
    const follows = Math.abs(start - end) <= 1;
    if (follows && last?.d === length) last.r++;
    else rows.push({ t: follows ? undefined : start, d: length, r: 0 });
    end = (follows ? end : start) + length;
  }
  return element(
    "SegmentTimeline",
    {},
    ...rows.map((row) => element("S", { ...row, r: row.r || undefined })),
  );
}
