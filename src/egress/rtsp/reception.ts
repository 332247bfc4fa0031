import type { MonoMillis } from "../../base/units.ts";
import type { ReportBlock } from "../../wire/protocol/rtcp/report_block.ts";

/** Sender reports that a receiver may answer: it has the newest, or the one before where that is on its way. */
const ANSWERABLE = 2;
/** Where the NTP time of a sender report begins; RFC 3550, 6.4.1. */
const NTP_AT = 8;
/** More than any way through a network adds; what says more is none of ours. Milliseconds. */
const JITTER_MAX = 60_000;

/**
 * How a player receives one track, as it reports: RFC 3550, 6.4.1. Only what can be true is believed: it must name the
 * track's source, and cannot have lost more than was sent.
 */
export class Reception {
  readonly #ssrc: number;
  readonly #clockRate: number;
  /** Sender reports, by the middle of their NTP time, and when they were sent. */
  readonly #sent: { readonly middle: number; readonly at: MonoMillis }[] = [];
  /** Packets sent. */
  packets = 0;
  /** Packets that the player missed. */
  lost = 0;
  jitterMillis = 0;
  /** 0 while none is known. */
  roundTripMillis = 0;

  constructor(source: { readonly ssrc: number; readonly clockRate: number }) {
    this.#ssrc = source.ssrc;
    this.#clockRate = source.clockRate;
  }

  /** A compound that begins with a sender report goes out. */
  reported(rtcp: Uint8Array, now: MonoMillis): void {
    if (rtcp.length < NTP_AT + 8) return;
    const view = new DataView(rtcp.buffer, rtcp.byteOffset, rtcp.byteLength);
    this.#sent.push({ middle: view.getUint32(NTP_AT + 2), at: now });
    if (this.#sent.length > ANSWERABLE) this.#sent.shift();
  }

  /** What the player says. False where that is not about this track, or cannot be. */
  heard(block: ReportBlock, now: MonoMillis): boolean {
    const jitter = (block.jitter / this.#clockRate) * 1000;
    if (block.ssrc !== this.#ssrc || block.lost > this.packets || jitter > JITTER_MAX) return false;
    this.lost = Math.max(this.lost, block.lost);
    this.jitterMillis = jitter;
    const sent = this.#sent.find(({ middle }) => middle === block.lastReport);
    const roundTrip = sent === undefined ? -1 : now - sent.at - (block.sinceLastReport / 0x10000) * 1000;
    if (roundTrip >= 0) this.roundTripMillis = roundTrip;
    return true;
  }
}
