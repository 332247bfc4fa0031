import type { Tally } from "../../base/tally.ts";
import type { MonoMillis } from "../../base/units.ts";
import { FecDecoder } from "../../wire/protocol/fec/decoder.ts";
import { ReceiverStatistics } from "../../wire/protocol/rtcp/statistics.ts";
import { emptyRtpPacket, readRtp, type RtpPacket } from "../../wire/protocol/rtp/packet.ts";
import { REORDER_PACKETS, type ReorderOutput, ReorderWindow } from "../../wire/protocol/rtp/reorder.ts";
import { type DatagramLayout, findPackets } from "./datagram_layout.ts";

/** RFC 3551, 6: MPEG-2 transport streams. */
const CLOCK_RATE = 90_000;
/** Packets of a source that was left are dropped; it is taken back when the present one was silent so long, ms. */
const SOURCE_SILENT = 2000;
/** How long a lost packet waits for parity when nothing else comes any more, ms. */
const PARITY_MILLIS = 3000;
/** Packets that may come between a lost packet and its parity beyond what the matrix says: the network's. */
const PARITY_SLACK = 16;

/** Where the payloads go, in order. */
export interface RtpOrderTaker {
  payload(bytes: Uint8Array): void;
  /** So many RTP packets never came before the next payload; −1 where nobody can say. */
  gap(packets: number): void;
}

/** RTP packets of one sender into their order, mended by parity where it comes. */
export class RtpOrder implements ReorderOutput {
  readonly #taker: RtpOrderTaker;
  readonly #tally: Tally;
  readonly #reorderMillis: number;
  readonly #fec = new FecDecoder((packet) => this.#mended(packet));
  readonly #packet: RtpPacket = emptyRtpPacket();
  readonly #layout: DatagramLayout = { from: 0, stride: 0 };
  readonly #mendedPacket: RtpPacket = emptyRtpPacket();
  readonly #statistics = new ReceiverStatistics(CLOCK_RATE);
  readonly #window: ReorderWindow;
  #span = 0;
  #ssrc = -1;
  #formerSsrc = -1;
  #last = 0;
  #now = 0;
  readonly counts = { lost: 0, duplicated: 0, unrecoverable: 0 };
  /** Packets are kept because parity may come behind them. */
  parityExpected = false;

  constructor(taker: RtpOrderTaker, reorderMillis: number, tally: Tally) {
    this.#taker = taker;
    this.#tally = tally;
    this.#reorderMillis = reorderMillis;
    this.#window = new ReorderWindow(this, REORDER_PACKETS, reorderMillis);
  }

  get reordered(): number {
    return this.#window.reordered;
  }

  get recovered(): number {
    return this.#fec.recovered;
  }

  /** Parity has come that can be used. */
  get protected(): boolean {
    return this.#span > 0;
  }

  get jitterMillis(): number {
    return (this.#statistics.jitter * 1000) / CLOCK_RATE;
  }

  /** Takes one datagram; false where it is no RTP packet with TS packets in it, which are 33 or any dynamic type. */
  receive(datagram: Uint8Array, now: MonoMillis): boolean {
    const packet = this.#packet;
    if (readRtp(datagram, packet) !== undefined || !findPackets(packet.payload, 0, this.#layout)) {
      return false;
    }
    if (packet.ssrc !== this.#ssrc && !this.#source(packet.ssrc, now)) return true;
    this.#now = now;
    this.#last = now;
    this.#statistics.packet(packet.sequence, packet.timestamp, now);
    // first what it mends, so that the window does not give that up
    if (this.parityExpected) this.#fec.media(datagram);
    this.#window.push(packet, now);
    return true;
  }

  /** Takes one datagram from a port of parity. */
  parity(datagram: Uint8Array, now: MonoMillis): void {
    this.#now = now;
    const why = this.#fec.parity(datagram);
    if (why !== undefined) return this.#tally.add("parity unusable", why);
    if (this.#fec.span > this.#span) this.#widen(this.#fec.span);
  }

  /** To be called about every 100 ms: gives up packets that are overdue. */
  tick(now: MonoMillis): void {
    this.#now = now;
    this.#window.tick(now);
  }

  /** From the reorder window. */
  packet(packet: RtpPacket, lost: number): void {
    if (lost > 0) {
      this.counts.lost += lost;
      if (this.#span > 0) this.counts.unrecoverable += lost;
      this.#tally.add("rtp gap", `${(packet.sequence - lost - 1) & 0xffff} → ${packet.sequence}`);
    } else if (lost < 0) this.#tally.add("rtp sequence numbers begin anew", String(packet.sequence));
    if (lost !== 0) this.#taker.gap(lost);
    this.#taker.payload(packet.payload);
  }

  /** From the reorder window. */
  duplicated(): void {
    this.counts.duplicated++;
  }

  /** From the reorder window. */
  late(sequence: number, expected: number): void {
    this.#tally.add("rtp packet too late", `${sequence}, expected ${expected}`);
  }

  #mended(datagram: Uint8Array): void {
    if (readRtp(datagram, this.#mendedPacket) === undefined) this.#window.push(this.#mendedPacket, this.#now);
  }

  /** The window holds what comes while a lost packet may still be mended. */
  #widen(span: number): void {
    this.#span = span;
    this.#window.resize(span + PARITY_SLACK, Math.max(this.#reorderMillis, PARITY_MILLIS));
  }

  /** A packet of another source. True when the source is taken from now on. */
  #source(ssrc: number, now: MonoMillis): boolean {
    if (this.#ssrc >= 0) {
      if (ssrc === this.#formerSsrc && now - this.#last < SOURCE_SILENT) {
        this.#tally.add("rtp packet of a former source", ssrc.toString(16).padStart(8, "0"));
        return false;
      }
      this.#tally.add("rtp source changed", ssrc.toString(16).padStart(8, "0"));
      this.#window.reset();
      this.#fec.reset();
      this.#statistics.reset();
      this.#taker.gap(-1);
      this.#formerSsrc = this.#ssrc;
    }
    this.#ssrc = ssrc;
    return true;
  }
}
