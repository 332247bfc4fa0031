import type { Clock } from "../../../base/clock.ts";
import { SEGMENTED_MAX, SEGMENTS_MAX } from "../../../host/udp_segments.ts";
import type { PushMeter } from "../push_meter.ts";

/** What the sender needs of a socket. */
export interface DatagramSocket {
  sendMany(packets: readonly Uint8Array[], port: number, address: string): number;
}

/** What datagrams leave by, and where they go. */
export interface DatagramWay {
  readonly socket: DatagramSocket;
  readonly address: string;
  /** Bytes of the largest datagram. */
  readonly slotBytes: number;
  /** Given where the system cuts what is sent at once into datagrams of `slotBytes`; ends that. */
  readonly endSegments?: (() => void) | undefined;
  /** The system took nothing of what it was handed. */
  readonly refused?: (() => void) | undefined;
}

export interface PacingSettings {
  /** Datagrams that may leave at once. */
  readonly burst: number;
  /** Over how long what is more than a burst is spread, milliseconds; 0: not at all. */
  readonly spreadMillis: number;
  /**
   * Bits per second of datagrams, headers left out, as they are committed on average: they leave as evenly as that, some
   * frames later. 0: any rate.
   */
  readonly bitsPerSecond?: number;
}

/** How often queued datagrams leave, milliseconds: below that the system's timers are no better. */
const STEP_MILLIS = 2;
/** Of a constant rate: how much is kept waiting, milliseconds, so that a frame that is late leaves no gap. */
const HELD_MILLIS = 80;
/** How much faster or slower than the rate it may be sent to keep so much. */
const DRIFT_MAX = 0.02;
/** How often datagrams are handed to the system that does not take them. */
const ATTEMPTS = 3;
/** Datagrams in the queue at first, and at most; what comes then is dropped. */
const QUEUE_FIRST = 64;
const QUEUE_MAX = 8192;

/**
 * Sends datagrams to one address, spread in time: of a key frame a few leave at once, the rest little by little. The
 * queue's memory is used again and again; full datagrams lie in it one behind the other, so that the system can be given
 * many of them as one.
 */
export class PacedSender {
  readonly #clock: Clock;
  readonly #way: DatagramWay;
  readonly #meter: PushMeter;
  readonly #settings: PacingSettings;
  /** The queue's memory, and each slot of it. */
  #memory: Uint8Array;
  #slots: Uint8Array[];
  #sizes: Uint16Array;
  #ports: Uint16Array;
  /** Count of datagrams that were queued and that have left, since the beginning. */
  #queued = 0;
  #sent = 0;
  /** When the queue is to be empty. */
  #until = 0;
  #cancel: (() => void) | undefined;
  /** Of a constant rate: bits that may leave, and when that was counted. */
  #credit = 0;
  #creditAt = NaN;
  /** Bits that wait. */
  #held = 0;
  readonly #batch: Uint8Array[] = [];
  /** Datagrams in each of the batch. */
  readonly #counts: number[] = [];
  /** Datagrams that may be handed over as one. */
  #together: number;
  /** Datagrams that found the queue full. */
  dropped = 0;

  constructor(clock: Clock, way: DatagramWay, settings: PacingSettings, meter: PushMeter) {
    this.#clock = clock;
    this.#way = way;
    this.#settings = settings;
    this.#meter = meter;
    this.#sizes = new Uint16Array(QUEUE_FIRST);
    this.#ports = new Uint16Array(QUEUE_FIRST);
    this.#memory = new Uint8Array(QUEUE_FIRST * way.slotBytes);
    this.#slots = this.#divide();
    const most = Math.min(SEGMENTS_MAX, Math.floor(SEGMENTED_MAX / way.slotBytes));
    this.#together = way.endSegments === undefined ? 1 : Math.max(1, most);
  }

  /** Datagrams that wait. */
  get waiting(): number {
    return this.#queued - this.#sent;
  }

  /** Where the next datagram is written, {@link commit}s make it one. The same place until then. */
  slot(): Uint8Array {
    if (this.waiting === this.#slots.length) this.#grow();
    return this.#slots[this.#queued % this.#slots.length] as Uint8Array;
  }

  /** What was written to {@link slot} is a datagram of `size` bytes for `port`. */
  commit(size: number, port: number): void {
    if (this.waiting >= this.#slots.length) {
      this.dropped++;
      return;
    }
    const at = this.#queued % this.#slots.length;
    this.#sizes[at] = size;
    this.#ports[at] = port;
    this.#held += size * 8;
    this.#queued++;
  }

  /** Where the queue ends now, for {@link rewind}. */
  mark(): number {
    return this.#queued;
  }

  /** Takes back what was committed since `mark`, unless it was flushed. */
  rewind(mark: number): void {
    const to = Math.max(mark, this.#sent);
    while (this.#queued > to) this.#held -= (this.#sizes[--this.#queued % this.#slots.length] as number) * 8;
  }

  /** What was committed since the last call is complete: sends it, or begins to. */
  flush(): void {
    const now = this.#clock.mono();
    const { burst, spreadMillis, bitsPerSecond = 0 } = this.#settings;
    if (bitsPerSecond > 0) {
      if (Number.isNaN(this.#creditAt)) {
        if (this.#held < (bitsPerSecond * HELD_MILLIS) / 1000) return;
        this.#creditAt = now;
      }
      if (this.#cancel === undefined) this.#step();
      return;
    }
    if (spreadMillis === 0 || this.waiting <= burst) {
      // what is behind a queue stays behind it
      if (this.#cancel === undefined || spreadMillis === 0) this.#send(this.waiting);
      return;
    }
    this.#until = now + spreadMillis;
    if (this.#cancel === undefined) {
      this.#send(burst);
      this.#later();
    }
  }

  /** Sends all that waits at once, and stops. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#send(this.waiting);
  }

  #later(millis = STEP_MILLIS): void {
    this.#cancel = this.#clock.after(millis, () => {
      this.#cancel = undefined;
      this.#step();
    });
  }

  #step(): void {
    const now = this.#clock.mono();
    const { bitsPerSecond = 0 } = this.#settings;
    if (bitsPerSecond > 0) {
      const next = this.#sendByRate(now, bitsPerSecond);
      if (this.waiting > 0) this.#later(next);
      return;
    }
    const steps = Math.max(1, Math.ceil((this.#until - now) / STEP_MILLIS));
    this.#send(Math.ceil(this.waiting / steps));
    if (this.waiting > 0) this.#later();
  }

  /** Sends what is due; answers how long until the next datagram is, milliseconds. */
  #sendByRate(now: number, bitsPerSecond: number): number {
    const held = (bitsPerSecond * HELD_MILLIS) / 1000;
    const drift = Math.max(-DRIFT_MAX, Math.min(DRIFT_MAX, (DRIFT_MAX * (this.#held - held)) / held));
    const perMilli = (bitsPerSecond * (1 + drift)) / 1000;
    const most = perMilli * STEP_MILLIS * 4 + this.#way.slotBytes * 8;
    this.#credit = Math.min(most, this.#credit + (now - this.#creditAt) * perMilli);
    this.#creditAt = now;
    let count = 0, bits = 0;
    while (count < this.waiting) {
      bits = (this.#sizes[(this.#sent + count) % this.#slots.length] as number) * 8;
      if (bits > this.#credit) break;
      this.#credit -= bits;
      count++;
    }
    this.#send(count);
    return Math.max(1, Math.round((bits - this.#credit) / perMilli));
  }

  /** Sends the next `count`, all of one port with one call. */
  #send(count: number): void {
    for (let left = count; left > 0;) left -= this.#sendPort(left);
  }

  /** Sends those of the next `most` that go to the port of the first one; answers how many that were. */
  #sendPort(most: number): number {
    const { length } = this.#slots;
    const port = this.#ports[this.#sent % length] as number;
    const batch = this.#batch, counts = this.#counts;
    batch.length = counts.length = 0;
    let count = 0;
    while (count < most && this.#ports[(this.#sent + count) % length] === port) {
      const run = this.#run(this.#sent + count, most - count, port);
      counts.push(run);
      count += run;
    }
    const taken = this.#hand(port);
    if (taken < count && this.#together > 1) {
      // an interface that cannot do it says so only now; what was not taken goes one by one
      this.#together = 1;
      this.#way.endSegments?.();
      this.#gone(taken);
      return taken;
    }
    this.#meter.lost += count - taken;
    if (taken === 0) this.#way.refused?.();
    this.#gone(count);
    return count;
  }

  #gone(count: number): void {
    const { length } = this.#slots;
    for (let n = 0; n < count; n++) this.#held -= (this.#sizes[this.#sent++ % length] as number) * 8;
  }

  /** Adds to the batch the datagram at `first` and those after it that may go with it; answers how many. */
  #run(first: number, most: number, port: number): number {
    const { length } = this.#slots;
    const { slotBytes } = this.#way;
    const from = first % length;
    const end = Math.min(length, from + most, from + this.#together);
    let at = from;
    let size = this.#sizes[at] as number;
    while (size === slotBytes && at + 1 < end && this.#ports[at + 1] === port) {
      size = this.#sizes[++at] as number;
    }
    const slot = this.#slots[from] as Uint8Array;
    const whole = at === from && size === slotBytes;
    this.#batch.push(whole ? slot : this.#memory.subarray(from * slotBytes, at * slotBytes + size));
    return at - from + 1;
  }

  /** Hands the batch to the system; answers how many datagrams it took. What it does not take is lost, as on the network. */
  #hand(port: number): number {
    const { socket, address } = this.#way;
    const batch = this.#batch;
    let taken = 0;
    // a receiver that is not there yet makes the system refuse one call, not the ones after it
    for (let attempt = 0; attempt < ATTEMPTS && taken < batch.length; attempt++) {
      taken += socket.sendMany(taken === 0 ? batch : batch.slice(taken), port, address);
    }
    let packets = 0;
    for (let n = 0; n < taken; n++) {
      packets += this.#counts[n] as number;
      this.#meter.bytes += (batch[n] as Uint8Array).length;
    }
    this.#meter.packets += packets;
    return packets;
  }

  #grow(): void {
    const { length } = this.#slots;
    if (length >= QUEUE_MAX) return;
    const { slotBytes } = this.#way;
    const memory = this.#memory, sizes = this.#sizes, ports = this.#ports;
    this.#memory = new Uint8Array(length * 2 * slotBytes);
    this.#slots = this.#divide();
    this.#sizes = new Uint16Array(length * 2);
    this.#ports = new Uint16Array(length * 2);
    for (let n = this.#sent; n < this.#queued; n++) {
      const from = n % length, to = n % (length * 2);
      this.#sizes[to] = sizes[from] as number;
      this.#ports[to] = ports[from] as number;
      this.#memory.set(memory.subarray(from * slotBytes, (from + 1) * slotBytes), to * slotBytes);
    }
  }

  #divide(): Uint8Array[] {
    const { slotBytes } = this.#way;
    return Array.from(
      { length: this.#memory.length / slotBytes },
      (_, n) => this.#memory.subarray(n * slotBytes, (n + 1) * slotBytes),
    );
  }
}
