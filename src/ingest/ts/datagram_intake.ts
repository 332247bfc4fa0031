import type { Tally } from "../../base/tally.ts";
import type { MonoMillis } from "../../base/units.ts";
import { TS_PACKET } from "../../wire/container/ts/packet.ts";
import type { InputCounts } from "../input_meter.ts";
import { type DatagramLayout, findPackets } from "./datagram_layout.ts";
import type { TsIntake } from "./intake.ts";
import { RtpOrder, type RtpOrderTaker } from "./rtp_order.ts";

/** Packets whose border is not that of datagrams are looked for when none with it came for so long, ms. */
const UNALIGNED_AFTER = 1000;
/** Packets in a datagram where none has come yet: what fits into Ethernet's frames. */
const USUAL_PACKETS = 7;

/** What the datagrams of a sender are. */
export type Wrapping = "unknown" | "ts" | "rtp";

/** Datagrams, with RTP or without, into a transport stream. Never throws on bad input. */
export class DatagramIntake implements RtpOrderTaker {
  readonly #intake: TsIntake;
  readonly #tally: Tally;
  readonly #order: RtpOrder;
  readonly #layout: DatagramLayout = { from: 0, stride: TS_PACKET };
  #packetsEach = USUAL_PACKETS;
  #alignedAt = -Infinity;
  #firstAt = NaN;
  #packets = 0;
  #bytes = 0;
  wrapping: Wrapping = "unknown";

  constructor(intake: TsIntake, reorderMillis: number, tally: Tally) {
    this.#intake = intake;
    this.#tally = tally;
    this.#order = new RtpOrder(this, reorderMillis, tally);
  }

  /** Whether parity may come: packets are kept for it. */
  get parityExpected(): boolean {
    return this.#order.parityExpected;
  }

  set parityExpected(expected: boolean) {
    this.#order.parityExpected = expected;
  }

  /** Parity has come that can be used. */
  get protected(): boolean {
    return this.#order.protected;
  }

  /** Takes one datagram of media; true when there was something of use in it. */
  receive(bytes: Uint8Array, now: MonoMillis): boolean {
    if (Number.isNaN(this.#firstAt)) this.#firstAt = now;
    this.#packets++;
    this.#bytes += bytes.length;
    if (findPackets(bytes, 0, this.#layout)) {
      this.wrapping = "ts";
      this.#alignedAt = now;
      this.#take(bytes);
      return true;
    }
    if (this.#order.receive(bytes, now)) {
      this.wrapping = "rtp";
      this.#alignedAt = now;
      return true;
    }
    // senders that cut the stream wherever a datagram is full
    if (now - Math.max(this.#alignedAt, this.#firstAt) > UNALIGNED_AFTER) {
      this.#intake.push(bytes);
      return true;
    }
    this.#tally.add("datagram without TS packets", `${bytes.length} bytes`);
    return false;
  }

  /** Takes one datagram from a port of parity. */
  parity(bytes: Uint8Array, now: MonoMillis): void {
    // on ports so near another stream may run
    if (bytes.length > 28 && bytes[0] !== 0x47) this.#order.parity(bytes, now);
  }

  /** To be called about every 100 ms. */
  tick(now: MonoMillis): void {
    this.#order.tick(now);
  }

  addCounts(into: InputCounts): void {
    const { counts, reordered, recovered, jitterMillis } = this.#order;
    into.packets += this.#packets;
    into.bytes += this.#bytes;
    into.lost += counts.lost;
    into.reordered += reordered;
    into.duplicated += counts.duplicated;
    into.recovered += recovered;
    into.unrecoverable += counts.unrecoverable;
    into.jitterMillis = Math.max(into.jitterMillis, jitterMillis);
  }

  /** From the order of RTP packets. */
  payload(bytes: Uint8Array): void {
    // what parity has mended from damaged packets may be anything
    if (findPackets(bytes, 0, this.#layout)) this.#take(bytes);
    else this.#tally.add("rtp payload without TS packets", `${bytes.length} bytes`);
  }

  /** From the order of RTP packets. */
  gap(packets: number): void {
    this.#intake.missing(packets < 0 ? Infinity : packets * this.#packetsEach);
  }

  #take(bytes: Uint8Array): void {
    const { from, stride } = this.#layout;
    let n = 0;
    for (let at = from; at + TS_PACKET <= bytes.length; at += stride, n++) this.#intake.packet(bytes, at);
    this.#packetsEach = n;
    const end = from + n * stride;
    if (stride === TS_PACKET && end < bytes.length) {
      this.#tally.add("datagram cut short", `${bytes.length} bytes`);
    }
  }
}
