import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { isRefusal, type Refusal, type StreamDoor, type Visit } from "../door.ts";
import { LiveStream } from "./live_stream.ts";

/** How often the controller hears that a stream is watched; well below the shortest time that it waits for viewers. */
const TOUCH_MILLIS = 250;
/** A stream without readers is let go after so long. */
export const IDLE_MILLIS = 30_000;
/** How often streams are looked through for idle ones. */
const SWEEP_MILLIS = 5000;

interface Entry {
  /** Set once the door has answered. */
  stream: LiveStream | undefined;
  readonly opening: Promise<LiveStream | Refusal>;
  touchedAt: number;
}

/** The streams that this worker reads: each opened once, at the first use, and let go some time after the last. */
export class LiveStreams {
  readonly #door: StreamDoor;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();
  #sweeping: (() => void) | undefined;

  constructor(door: StreamDoor, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#door = door;
    this.#clock = clock;
    this.#log = log;
  }

  /** Streams open now. */
  get size(): number {
    return this.#entries.size;
  }

  /** The stream if it is open; keeps it so, and its source running. */
  get(name: string): LiveStream | undefined {
    const entry = this.#entries.get(name);
    const stream = entry?.stream;
    if (entry === undefined || stream === undefined || stream.closed) return undefined;
    stream.use();
    this.#touch(name, entry);
    return stream;
  }

  /** The stream, opened if need be. Throws what the door throws. */
  open(name: string, visit: Visit): Promise<LiveStream | Refusal> {
    const open = this.get(name);
    if (open !== undefined) return Promise.resolve(open);
    let entry = this.#entries.get(name);
    // Pages that were given up: the controller may have new ones.
    if (entry === undefined || entry.stream !== undefined) {
      entry = { stream: undefined, opening: this.#open(name, visit), touchedAt: -Infinity };
      this.#entries.set(name, entry);
    }
    return entry.opening;
  }

  /** Ends them all. */
  close(): void {
    this.#sweeping?.();
    for (const entry of this.#entries.values()) entry.stream?.close();
    this.#entries.clear();
  }

  async #open(name: string, visit: Visit): Promise<LiveStream | Refusal> {
    // The entry is in the map before anything is answered.
    await undefined;
    const entry = this.#entries.get(name);
    try {
      const opened = await this.#door.open(name, visit);
      if (isRefusal(opened)) {
        this.#forget(name, entry);
        return opened;
      }
      const stream = new LiveStream(opened, this.#clock, this.#log, () => {
        if (entry !== undefined) this.#touch(name, entry);
      });
      stream.onClosed(() => this.#forget(name, entry));
      if (entry !== undefined) entry.stream = stream;
      // Closed while the door was asked.
      if (this.#entries.get(name) !== entry) stream.close();
      else this.#sweepLater();
      return stream;
    } catch (e) {
      this.#forget(name, entry);
      throw e;
    }
  }

  #forget(name: string, entry: Entry | undefined): void {
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
  }

  #touch(name: string, entry: Entry): void {
    const now = this.#clock.mono();
    if (now - entry.touchedAt < TOUCH_MILLIS) return;
    entry.touchedAt = now;
    this.#door.touch(name);
  }

  #sweepLater(): void {
    if (this.#sweeping !== undefined || this.#entries.size === 0) return;
    this.#sweeping = this.#clock.after(SWEEP_MILLIS, () => {
      this.#sweeping = undefined;
      const now = this.#clock.mono();
      for (const { stream } of [...this.#entries.values()]) {
        if (stream !== undefined && stream.readers === 0 && now - stream.usedAt > IDLE_MILLIS) stream.close();
      }
      this.#sweepLater();
    });
  }
}
