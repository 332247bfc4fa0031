import type { Clock } from "../../../base/clock.ts";
import type { PushMeter } from "../push_meter.ts";

/** What the sender needs of a socket. */
export interface DatagramSocket {
  sendMany(packets: readonly Uint8Array[], port: number, address: string): number;
}

export interface PacingSettings {
  /** Datagrams that may leave at once. */
  readonly burst: number;
  /** Over how long what is more than a burst is spread, milliseconds; 0: not at all. */
  readonly spreadMillis: number;
  /** Bits per second of datagrams, headers left out: nothing leaves faster, nor in larger bursts. 0: any rate. */
  readonly bitsPerSecond?: number;
}

/** How often queued datagrams leave, milliseconds: below that the system's timers are no better. */
const STEP_MILLIS = 2;
/** How often datagrams are handed to the system that does not take them. */
const ATTEMPTS = 3;
/** Datagrams in the queue at first, and at most; what comes then is dropped. */
const QUEUE_FIRST = 64;
const QUEUE_MAX = 8192;

/**
 * Sends datagrams to one address, spread in time: of a key frame a few leave at once, the rest little by little. The
 * queue's memory is used again and again.
 */
export class PacedSender {
  readonly #clock: Clock;
  readonly #socket: DatagramSocket;
  readonly #address: string;
  readonly #meter: PushMeter;
  readonly #settings: PacingSettings;
  readonly #slotBytes: number;
  #slots: Uint8Array[] = [];
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
  readonly #batch: Uint8Array[] = [];
  /** Datagrams that found the queue full. */
  dropped = 0;

  /** `slotBytes`: of the largest datagram. */
  constructor(
    clock: Clock,
    socket: DatagramSocket,
    address: string,
    slotBytes: number,
    settings: PacingSettings,
    meter: PushMeter,
  ) {
    this.#clock = clock;
    this.#socket = socket;
    this.#address = address;
    this.#slotBytes = slotBytes;
    this.#settings = settings;
    this.#meter = meter;
    this.#sizes = new Uint16Array(QUEUE_FIRST);
    this.#ports = new Uint16Array(QUEUE_FIRST);
    this.#slots = Array.from({ length: QUEUE_FIRST }, () => new Uint8Array(slotBytes));
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
    this.#queued++;
  }

  /** Where the queue ends now, for {@link rewind}. */
  mark(): number {
    return this.#queued;
  }

  /** Takes back what was committed since `mark`, unless it was flushed. */
  rewind(mark: number): void {
    this.#queued = Math.max(mark, this.#sent);
  }

  /** What was committed since the last call is complete: sends it, or begins to. */
  flush(): void {
    const now = this.#clock.mono();
    const { burst, spreadMillis, bitsPerSecond = 0 } = this.#settings;
    if (bitsPerSecond > 0) {
      if (Number.isNaN(this.#creditAt)) this.#creditAt = now;
      this.#step();
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

  #later(): void {
    this.#cancel = this.#clock.after(STEP_MILLIS, () => {
      this.#cancel = undefined;
      this.#step();
    });
  }

  #step(): void {
    const now = this.#clock.mono();
    const { bitsPerSecond = 0 } = this.#settings;
    if (bitsPerSecond > 0) this.#sendByRate(now, bitsPerSecond);
    else {
      const steps = Math.max(1, Math.ceil((this.#until - now) / STEP_MILLIS));
      this.#send(Math.ceil(this.waiting / steps));
    }
    if (this.waiting > 0 && this.#cancel === undefined) this.#later();
  }

  #sendByRate(now: number, bitsPerSecond: number): void {
    const most = (bitsPerSecond * STEP_MILLIS * 4) / 1000 + this.#slotBytes * 8;
    this.#credit = Math.min(most, this.#credit + ((now - this.#creditAt) * bitsPerSecond) / 1000);
    this.#creditAt = now;
    let count = 0;
    while (count < this.waiting) {
      const bits = (this.#sizes[(this.#sent + count) % this.#slots.length] as number) * 8;
      if (bits > this.#credit) break;
      this.#credit -= bits;
      count++;
    }
    this.#send(count);
  }

  /** Sends the next `count`, all of one port with one call. */
  #send(count: number): void {
    const { length } = this.#slots;
    const batch = this.#batch;
    for (let left = count; left > 0;) {
      const port = this.#ports[this.#sent % length] as number;
      batch.length = 0;
      let bytes = 0;
      while (batch.length < left && this.#ports[(this.#sent + batch.length) % length] === port) {
        const at = (this.#sent + batch.length) % length;
        const size = this.#sizes[at] as number;
        const slot = this.#slots[at] as Uint8Array;
        bytes += size;
        batch.push(size === slot.length ? slot : slot.subarray(0, size));
      }
      this.#hand(batch, port);
      this.#meter.bytes += bytes;
      this.#sent += batch.length;
      left -= batch.length;
    }
  }

  /** What the system does not take at all is lost, as on the network. */
  #hand(batch: Uint8Array[], port: number): void {
    let taken = 0;
    // a receiver that is not there yet makes the system refuse one call, not the ones after it
    for (let attempt = 0; attempt < ATTEMPTS && taken < batch.length; attempt++) {
      const rest = taken === 0 ? batch : batch.slice(taken);
      taken += this.#socket.sendMany(rest, port, this.#address);
    }
    this.#meter.lost += batch.length - taken;
    this.#meter.packets += taken;
  }

  #grow(): void {
    const { length } = this.#slots;
    if (length >= QUEUE_MAX) return;
    const sizes = new Uint16Array(length * 2), ports = new Uint16Array(length * 2);
    const slots: Uint8Array[] = [];
    for (let n = 0; n < length * 2; n++) {
      const at = (this.#sent + n) % length;
      const to = (this.#sent + n) % (length * 2);
      slots[to] = n < length ? this.#slots[at] as Uint8Array : new Uint8Array(this.#slotBytes);
      if (n >= length) continue;
      sizes[to] = this.#sizes[at] as number;
      ports[to] = this.#ports[at] as number;
    }
    this.#slots = slots;
    this.#sizes = sizes;
    this.#ports = ports;
  }
}
