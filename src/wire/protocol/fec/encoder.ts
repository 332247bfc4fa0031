// SMPTE ST 2022-1:2007, 7: parity of rows and columns of a matrix of RTP packets.
import { RTP_HEADER } from "../rtp/packet.ts";
import { FEC_HEADER, writeFecHeaders } from "./header.ts";

export interface FecShape {
  /** L: packets of a row, which is the distance of a column's packets; 1 to 20. */
  readonly columns: number;
  /** D: rows of a matrix, which is how many packets a column has; 4 to 20. */
  readonly rows: number;
  /** Parity of rows too, not of columns alone. */
  readonly rowParity: boolean;
}

/** Why a shape cannot be (ST 2022-1, 8.1: at most 100 packets), to follow "Cannot …: "; undefined where it can. */
export function refuseFecShape({ columns, rows, rowParity }: FecShape): string | undefined {
  if (columns < (rowParity ? 4 : 1) || columns > 20) {
    return `expected ${rowParity ? 4 : 1} to 20 columns, got ${columns}`;
  }
  if (rows < 4 || rows > 20) return `expected 4 to 20 rows, got ${rows}`;
  return columns * rows > 100 ? `expected at most 100 packets in a matrix, got ${columns * rows}` : undefined;
}

/** Running parity of one row or column. */
class Parity {
  readonly packet: Uint8Array;
  base = 0;
  count = 0;
  size = 0;
  #first = 0;
  #second = 0;
  #length = 0;
  #timestamp = 0;

  constructor(payloadMax: number) {
    this.packet = new Uint8Array(RTP_HEADER + FEC_HEADER + payloadMax);
  }

  add(media: Uint8Array, length: number, sequence: number): void {
    const out = this.packet;
    const at = RTP_HEADER + FEC_HEADER;
    const payload = length - RTP_HEADER;
    if (this.count === 0) {
      this.base = sequence;
      this.size = 0;
      this.#first =
        this.#second =
        this.#length =
        this.#timestamp =
          0;
    }
    // what an earlier, shorter packet did not reach counts as 0
    if (payload > this.size) {
      out.fill(0, at + this.size, at + payload);
      this.size = payload;
    }
    for (let i = 0; i < payload; i++) {
      out[at + i] = (out[at + i] as number) ^ (media[RTP_HEADER + i] as number);
    }
    this.#first ^= (media[0] as number) & 0x3f;
    this.#second ^= media[1] as number;
    this.#length ^= payload;
    for (let i = 0; i < 4; i++) this.#timestamp ^= (media[4 + i] as number) << (24 - 8 * i);
    this.count++;
  }

  /** Writes the headers; answers the bytes of the datagram, valid until the next `add`. */
  close(row: boolean, offset: number, sequence: number, timestamp: number): Uint8Array {
    writeFecHeaders(this.packet, {
      sequence,
      timestamp,
      // 8.2: the SSRC of parity is 0
      ssrc: 0,
      firstRecovery: this.#first,
      markerRecovery: (this.#second & 0x80) !== 0,
      base: this.base,
      lengthRecovery: this.#length,
      typeRecovery: this.#second & 0x7f,
      timestampRecovery: this.#timestamp,
      row,
      offset,
      count: this.count,
    });
    this.count = 0;
    return this.packet.subarray(0, RTP_HEADER + FEC_HEADER + this.size);
  }
}

/**
 * Makes the parity of a stream of RTP packets without CSRC and extension. Parity of a row follows its last packet; that
 * of the columns is sent during the next matrix, one after each so many packets that they are spread evenly.
 */
export class FecEncoder {
  readonly #shape: FecShape;
  readonly #row: Parity;
  /** Columns of the matrix that is filled, and of the one before, whose parity is being sent. */
  #filling: Parity[];
  #sending: Parity[];
  #at = 0;
  #sent = Infinity;
  #rowSequence = 0;
  #columnSequence = 0;
  readonly #column: (packet: Uint8Array) => void;
  readonly #rowOut: (packet: Uint8Array) => void;

  /** `column` and `row` get whole datagrams, valid during the call. `payloadMax`: bytes behind the RTP header. */
  constructor(
    shape: FecShape,
    payloadMax: number,
    column: (packet: Uint8Array) => void,
    row: (packet: Uint8Array) => void,
  ) {
    this.#shape = shape;
    const make = () => Array.from({ length: shape.columns }, () => new Parity(payloadMax));
    this.#row = new Parity(payloadMax);
    this.#filling = make();
    this.#sending = make();
    this.#column = column;
    this.#rowOut = row;
  }

  /** Takes a media packet of `length` bytes as it is sent; their numbers follow one another. */
  media(packet: Uint8Array, length: number): void {
    const { columns, rows, rowParity } = this.#shape;
    const sequence = ((packet[2] as number) << 8) | (packet[3] as number);
    const timestamp = (packet[4] as number) * 2 ** 24 + ((packet[5] as number) << 16) +
      ((packet[6] as number) << 8) + (packet[7] as number);
    // all of the packet is used before anything is handed over: its bytes may be written over then
    (this.#filling[this.#at % columns] as Parity).add(packet, length, sequence);
    this.#at++;
    if (rowParity) {
      this.#row.add(packet, length, sequence);
      if (this.#row.count === columns) {
        this.#rowOut(this.#row.close(true, 1, this.#rowSequence++ & 0xffff, timestamp));
      }
    }
    if (this.#sent < columns && this.#at % rows === 0) this.#sendColumn(timestamp);
    if (this.#at < columns * rows) return;
    while (this.#sent < columns) this.#sendColumn(timestamp);
    this.#at = 0;
    this.#sent = 0;
    [this.#filling, this.#sending] = [this.#sending, this.#filling];
  }

  #sendColumn(timestamp: number): void {
    const parity = this.#sending[this.#sent++] as Parity;
    this.#column(parity.close(false, this.#shape.columns, this.#columnSequence++ & 0xffff, timestamp));
  }
}
