// SMPTE ST 2022-1:2007, 7: lost packets out of the parity of rows and columns.
import { RTP_HEADER } from "../rtp/packet.ts";
import { decodeFec, type FecPacket } from "./header.ts";
import { FEC_RING, PacketRing } from "./packet_ring.ts";

/** Packets between the first and the last one that one packet of parity protects; more is not looked at. */
export const FEC_SPAN_MAX = FEC_RING / 2;
/** Packets of parity that wait for media; the oldest gives way. */
export const FEC_WAITING_MAX = 128;

/** One packet of parity, and the numbers of the first and the last packet that it protects. */
interface Group {
  readonly base: number;
  readonly last: number;
  readonly fec: FecPacket;
}

const NONE = -1;
const SEVERAL = -2;

/**
 * Mends what rows and columns can mend, as far as one mended packet makes another one mendable. Bytes in, bytes out; the
 * caller puts packets into order again. Memory is bounded by `FEC_RING` packets and {@link FEC_WAITING_MAX} of parity.
 */
export class FecDecoder {
  readonly #recovered: (packet: Uint8Array) => void;
  readonly #ring = new PacketRing();
  #waiting: Group[] = [];
  /** Where the sender was joined: nothing before is missed. */
  #joined = -1;
  #ssrc = new Uint8Array(4);
  /** Packets of a row and of a column, as parity has shown them; 0 while none came. */
  columns = 0;
  rows = 0;
  /** Media packets that were mended. */
  recovered = 0;

  /** `recovered` gets each mended datagram, a view that is valid during the call. */
  constructor(recovered: (packet: Uint8Array) => void) {
    this.#recovered = recovered;
  }

  /**
   * Media packets that may lie between a lost one and the parity that mends it: that of a matrix is sent during the
   * next one. 0 while no parity came.
   */
  get span(): number {
    if (this.rows === 0) return this.columns === 0 ? 0 : 2 * this.columns;
    return 2 * this.columns * this.rows + this.columns;
  }

  /** Takes a media datagram, one whose RTP header was found right. */
  media(packet: Uint8Array): void {
    const at = this.#ring.unwrap(((packet[2] as number) << 8) | (packet[3] as number));
    if (!this.#ring.put(at, packet)) return;
    if (this.#joined < 0) this.#joined = at;
    this.#ssrc.set(packet.subarray(8, 12));
    if (this.#waiting.length > 0) this.#mend();
  }

  /** Takes a datagram of parity. Undefined when all is well, else why it is of no use. */
  parity(packet: Uint8Array): string | undefined {
    const decoded = decodeFec(packet);
    if (decoded.kind !== "ok") return decoded.kind === "bad" ? decoded.why : "shorter than the FEC header";
    const fec = decoded.value;
    const reach = (fec.count - 1) * fec.offset;
    if (reach >= FEC_SPAN_MAX) return `parity over ${reach + 1} packets`;
    if (fec.row && fec.offset !== 1) return `row whose packets are ${fec.offset} apart`;
    if (this.#ring.highest < 0) return undefined;
    const base = this.#ring.unwrap(fec.base);
    if (Math.abs(base - this.#ring.highest) > FEC_RING) return "parity of other packets";
    if (fec.row) this.columns = fec.count;
    else [this.columns, this.rows] = [fec.offset, fec.count];
    if (base < this.#joined || base <= this.#ring.highest - FEC_RING) return undefined;
    const seen = { base, last: base + reach, fec };
    if (this.#gapOf(seen) === NONE) return undefined;
    if (this.#waiting.length >= FEC_WAITING_MAX) this.#waiting.shift();
    // the datagram's bytes are the caller's
    this.#waiting.push({ ...seen, fec: { ...fec, parity: fec.parity.slice() } });
    this.#mend();
    return undefined;
  }

  /** Another sender: all that is kept is forgotten. */
  reset(): void {
    this.#ring.clear();
    this.#waiting = [];
    this.#joined = -1;
    this.columns = 0;
    this.rows = 0;
  }

  /** Mends until nothing more can be; what is complete or too old waits no longer. */
  #mend(): void {
    const oldest = this.#ring.highest - FEC_RING;
    for (let again = true; again;) {
      again = false;
      this.#waiting = this.#waiting.filter((group) => {
        if (group.base <= oldest) return false;
        const gap = this.#gapOf(group);
        // what is behind the newest packet may still come by itself
        if (gap === SEVERAL || gap > this.#ring.highest) return true;
        if (gap !== NONE && this.#mendOne(group, gap)) again = true;
        return false;
      });
    }
  }

  /** The packet that is not there; or that none is missing, or several. */
  #gapOf(group: Group): number {
    let gap = NONE;
    for (let at = group.base; at <= group.last; at += group.fec.offset) {
      if (this.#ring.has(at)) continue;
      if (gap !== NONE) return SEVERAL;
      gap = at;
    }
    return gap;
  }

  /** False: the parity does not fit its packets. */
  #mendOne(group: Group, gap: number): boolean {
    const { fec } = group;
    let first = fec.firstRecovery;
    let second = (fec.markerRecovery ? 0x80 : 0) | fec.typeRecovery;
    let length = fec.lengthRecovery;
    let timestamp = fec.timestampRecovery;
    const payload = fec.parity.slice();
    for (let at = group.base; at <= group.last; at += fec.offset) {
      if (at === gap) continue;
      const packet = this.#ring.get(at) as Uint8Array;
      if (packet.length - RTP_HEADER > payload.length) return false;
      first ^= (packet[0] as number) & 0x3f;
      second ^= packet[1] as number;
      length ^= packet.length - RTP_HEADER;
      for (let i = 0; i < 4; i++) timestamp ^= (packet[4 + i] as number) << (24 - 8 * i);
      for (let i = RTP_HEADER; i < packet.length; i++) {
        payload[i - RTP_HEADER] = (payload[i - RTP_HEADER] as number) ^ (packet[i] as number);
      }
    }
    if (length > payload.length) return false;
    const packet = new Uint8Array(RTP_HEADER + length);
    packet.set([0x80 | first, second, (gap >> 8) & 0xff, gap & 0xff]);
    for (let i = 0; i < 4; i++) packet[4 + i] = timestamp >>> (24 - 8 * i);
    packet.set(this.#ssrc, 8);
    packet.set(payload.subarray(0, length), RTP_HEADER);
    if (!this.#ring.put(gap, packet)) return false;
    this.recovered++;
    this.#recovered(packet);
    return true;
  }
}
