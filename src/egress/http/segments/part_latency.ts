import { Histogram, type HistogramCounts, LATENCY_BOUNDS } from "../../../base/histogram.ts";
import type { MonoMillis } from "../../../base/units.ts";
import { makePartRow } from "../../../buffer/track_view.ts";
import type { Rendition } from "./rendition.ts";

/** Streams that latencies are kept of. */
const STREAMS_MAX = 10_000;

/**
 * How long parts were on their way through the server: from the write of a part's last frame into the buffer until the
 * part was muxed and the requests that waited for it were answered. By stream.
 */
export class PartLatency {
  readonly #streams = new Map<string, Histogram>();
  readonly #row = makePartRow();

  /** A rendition of one track took over its newest part at `now`. */
  took(stream: string, rendition: Rendition, now: MonoMillis): void {
    const [track, other] = rendition.tracks;
    const newest = rendition.newest;
    if (track === undefined || other !== undefined || newest === undefined) return;
    const row = track.part(newest.msn, newest.part, this.#row);
    if (row === undefined) return;
    let histogram = this.#streams.get(stream);
    if (histogram === undefined) {
      if (this.#streams.size >= STREAMS_MAX) return;
      this.#streams.set(stream, histogram = new Histogram(LATENCY_BOUNDS));
    }
    histogram.observe(Math.max(0, now - row.closedAt));
  }

  /** What came since the last call, by stream; streams without any are left out and forgotten. */
  take(): { readonly stream: string; readonly latency: HistogramCounts }[] {
    const taken: { stream: string; latency: HistogramCounts }[] = [];
    for (const [stream, histogram] of this.#streams) {
      const latency = histogram.take();
      if (latency === undefined) this.#streams.delete(stream);
      else taken.push({ stream, latency });
    }
    return taken;
  }
}
