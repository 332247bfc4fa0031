import type { Clock } from "../../base/clock.ts";
import type { PacketBatch } from "../../wire/protocol/rtp/packetize/packet_place.ts";
import type { SharedTrack } from "./shared_track.ts";

/** Bytes that wait for a player at most, before it is given more; a frame or a piece of {@link CHUNK} may come on top. */
const QUEUE_MAX = 256 * 1024;
/** Bytes handed over by one call. */
const CHUNK = 256 * 1024;
/** More receivers than this are many. */
const CROWD = 32;
/**
 * Bytes that each of many receivers gets before the first one gets more. A frame of that size goes at once: to hand it
 * over in two turns takes everybody's second half to the end of a second round, and a third more processor time.
 */
const PIECE = 32 * 1024;
/** Bytes of the first turn of a larger frame, so that it begins everywhere soon. */
const FIRST_PIECE = 4 * 1024;
/** Datagrams sent at once; more would be more than a receiver's queue holds, which is often 212 992 bytes. */
const BURST = 48;
/** How long a datagram receiver gets to read a burst, milliseconds: 48 packets in 2 ms are 280 Mbit/s. */
const BURST_MILLIS = 2;

/** Where a feed puts packets. */
export interface FeedOut {
  /** Bytes not sent yet. */
  readonly queued: number;
  /** Packets are lost when they come too fast. */
  readonly datagrams: boolean;
  /** Sends packets `[from, to)`. */
  batch(batch: PacketBatch, from: number, to: number): void;
}

/**
 * One receiver's place in the packets of a shared track. It begins with the newest key frame, and a receiver that is too
 * slow to read a group of pictures before it is over goes on with the next one: what it holds back is never copied.
 */
export class Feed {
  readonly #shared: SharedTrack;
  readonly #out: FeedOut;
  readonly #clock: Clock;
  #generation: number;
  #at = 0;
  /** Nothing is of use before the next key frame. */
  #waiting: boolean;
  #pause: (() => void) | undefined;
  #stopped = false;
  /** Groups of pictures that were not sent to the end. */
  skipped = 0;

  constructor(shared: SharedTrack, out: FeedOut, clock: Clock) {
    this.#shared = shared;
    this.#out = out;
    this.#clock = clock;
    this.#generation = shared.generation;
    this.#waiting = !shared.startsWithKey;
    if (this.#waiting) this.#at = shared.log.count;
  }

  /** Number and timestamp of the packet that comes next. */
  get head(): { readonly sequence: number; readonly timestamp: number } {
    const { log, next } = this.#shared;
    return this.#at < log.count ? log.head(this.#at) : next;
  }

  /** Sends what there is, as far as the receiver takes it. */
  advance(): void {
    this.#send(CHUNK, Infinity);
  }

  /** Sends the next of at most `bytes` bytes; true when there is more to send at once. */
  turn(bytes: number): boolean {
    const { log } = this.#shared;
    this.#send(bytes, 1);
    return this.#generation === this.#shared.generation && this.#at < log.count &&
      this.#pause === undefined &&
      !this.#stopped && this.#out.queued <= QUEUE_MAX;
  }

  #send(chunk: number, pieces: number): void {
    if (this.#stopped || this.#pause !== undefined) return;
    const { log, generation } = this.#shared;
    if (generation !== this.#generation) this.#renew();
    if (this.#waiting) {
      this.#at = log.count;
      return;
    }
    for (let n = 0; n < pieces && this.#at < log.count; n++) {
      const { datagrams } = this.#out;
      if (!datagrams && this.#out.queued > QUEUE_MAX) return;
      const to = datagrams ? Math.min(log.count, this.#at + BURST) : log.within(this.#at, chunk);
      const from = this.#at;
      this.#at = to;
      this.#out.batch(log, from, to);
      if (!datagrams || to === log.count || this.#stopped) continue;
      this.#pause = this.#clock.after(BURST_MILLIS, () => {
        this.#pause = undefined;
        this.advance();
      });
      return;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#pause?.();
  }

  /** The packets before are gone: goes on with the present ones. */
  #renew(): void {
    const shared = this.#shared;
    const whole = this.#generation + 1 === shared.generation && this.#at === shared.formerCount;
    if (!whole && !this.#waiting) this.skipped++;
    this.#waiting = (this.#waiting || !whole) && !shared.startsWithKey;
    this.#generation = shared.generation;
    this.#at = 0;
  }
}

/** Gives several receivers what there is; when there are many, they take turns. */
export function feedAll(feeds: ReadonlySet<Feed>, frameBytes: number): void {
  const crowded = feeds.size > CROWD;
  let bytes = crowded && frameBytes > PIECE ? FIRST_PIECE : CHUNK;
  for (let more = true; more;) {
    more = false;
    for (const feed of feeds) if (feed.turn(bytes)) more = true;
    bytes = crowded ? PIECE : CHUNK;
  }
}
