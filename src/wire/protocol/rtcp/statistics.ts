// RFC 3550, A.1 (sequence numbers), A.3 (loss) and A.8 (jitter).
import type { MonoMillis } from "../../../base/units.ts";
import type { ReportBlock } from "./report_block.ts";

/** RFC 3550, A.1: a larger step forward is a new beginning. */
const MAX_DROPOUT = 3000;
/** RFC 3550, A.1: a smaller step back is a packet out of order. */
const MAX_MISORDER = 100;

/** What a receiver counts of one source, for the report blocks it sends. */
export class ReceiverStatistics {
  readonly #clockRate: number;
  #started = false;
  #base = 0;
  #highest = 0;
  #cycles = 0;
  #badNext = -1;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transit = 0;
  #jitter = 0;
  #reportMiddle = 0;
  #reportAt = NaN;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Interarrival jitter in ticks of the RTP clock. */
  get jitter(): number {
    return this.#jitter;
  }

  /** Packets expected less packets received; may be negative after duplicates. */
  get lost(): number {
    return this.#started ? this.#expected() - this.#received : 0;
  }

  /** Begins anew for another source. */
  reset(): void {
    this.#started = false;
    this.#reportMiddle = 0;
    this.#reportAt = NaN;
    this.#jitter = 0;
  }

  /** Counts a packet in order of arrival. */
  packet(sequence: number, timestamp: number, now: MonoMillis): void {
    const arrival = Math.round((now * this.#clockRate) / 1000);
    const transit = (arrival - timestamp) | 0;
    if (!this.#started) this.#begin(sequence);
    else {
      this.#sequence(sequence);
      const step = Math.abs((transit - this.#transit) | 0);
      // A step of the sender's clock is no jitter.
      if (step < this.#clockRate * 10) this.#jitter += (step - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#received++;
  }

  /** A sender report came: seconds and fraction of its NTP time. */
  senderReport(ntpSeconds: number, ntpFraction: number, now: MonoMillis): void {
    this.#reportMiddle = (((ntpSeconds & 0xffff) << 16) | (ntpFraction >>> 16)) >>> 0;
    this.#reportAt = now;
  }

  /** The block to report; its fraction counts from the block before. */
  block(ssrc: number, now: MonoMillis): ReportBlock {
    const expected = this.#expected();
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const since = Number.isNaN(this.#reportAt) ? 0 : Math.round(((now - this.#reportAt) * 65_536) / 1000);
    return {
      ssrc,
      fractionLost: expectedNow <= 0 || lostNow <= 0
        ? 0
        : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
      lost: expected - this.#received,
      highest: (this.#cycles + this.#highest) >>> 0,
      jitter: Math.floor(this.#jitter) >>> 0,
      lastReport: this.#reportMiddle,
      sinceLastReport: Math.min(0xffffffff, Math.max(0, since)),
    };
  }

  #begin(sequence: number): void {
    this.#started = true;
    this.#base = sequence;
    this.#highest = sequence;
    this.#cycles = 0;
    this.#badNext = -1;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
  }

  #sequence(sequence: number): void {
    const ahead = (sequence - this.#highest) & 0xffff;
    if (ahead < MAX_DROPOUT) {
      if (sequence < this.#highest) this.#cycles += 0x10000;
      this.#highest = sequence;
    } else if (ahead <= 0x10000 - MAX_MISORDER) {
      if (sequence === this.#badNext) this.#begin(sequence);
      else this.#badNext = (sequence + 1) & 0xffff;
    }
  }

  #expected(): number {
    return this.#cycles + this.#highest - this.#base + 1;
  }
}
