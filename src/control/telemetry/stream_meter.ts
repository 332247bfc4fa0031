import { Histogram, LATENCY_BOUNDS } from "../../base/histogram.ts";
import type { StreamObservation } from "../stream/managed_stream.ts";
import { type Counter, COUNTERS, type Vitals } from "../supervise/vitals.ts";
import { Rate } from "./rate.ts";
import { TrackMeter, type TrackStatus } from "./track_meter.ts";

/** Counters that hold the present value, not a sum. */
const GAUGES: ReadonlySet<Counter> = new Set(["jitterMillis", "inputAt"]);

/** What a stream's sources received since the stream is known; numbers only grow, over all its workers. */
export type InputTotals = Readonly<Record<Counter, number>>;

/** One stream's numbers, summed over the workers that it had. */
export class StreamMeter {
  readonly #totals: Record<Counter, number> = zeros();
  #seen: Record<Counter, number> = zeros();
  #vitals: Vitals | undefined;
  #taken: Record<Counter, number> = zeros();
  readonly #bytes = new Rate();
  /** Milliseconds from the write of a part's last frame until the part was ready for viewers. */
  readonly latency = new Histogram(LATENCY_BOUNDS);
  readonly #tracks = new Map<SharedArrayBuffer, TrackMeter>();

  get totals(): InputTotals {
    return this.#totals;
  }

  /** Bits a second that the source sends. */
  get bitsPerSecond(): number {
    return this.#bytes.perSecond * 8;
  }

  /** Takes the present counters; `now` is the monotonic time in milliseconds. To be called about once a second. */
  sample(stream: StreamObservation, now: number): void {
    const { vitals } = stream;
    if (vitals !== this.#vitals) {
      this.#vitals = vitals;
      this.#seen = zeros();
    }
    for (const name of COUNTERS) {
      const value = vitals?.get(name) ?? 0;
      if (GAUGES.has(name)) this.#totals[name] = value;
      else if (vitals !== undefined) {
        this.#totals[name] += Math.max(0, value - this.#seen[name]);
        this.#seen[name] = value;
      }
    }
    this.#bytes.sample(this.#totals.bytesIn, now);
    for (const page of this.#tracks.keys()) if (!stream.tracks.includes(page)) this.#tracks.delete(page);
    for (const page of stream.tracks) {
      let track = this.#tracks.get(page);
      if (track === undefined) this.#tracks.set(page, track = new TrackMeter(page));
      track.sample(now);
    }
  }

  /** How much a counter grew since the last call for it. */
  take(name: Counter): number {
    const grown = this.#totals[name] - this.#taken[name];
    this.#taken[name] = this.#totals[name];
    return grown;
  }

  tracks(): TrackStatus[] {
    return [...this.#tracks.values()].map((t) => t.status()).filter((t) => t !== undefined);
  }
}

function zeros(): Record<Counter, number> {
  return Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>;
}
