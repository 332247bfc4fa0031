// ISO/IEC 13818-1, 2.4.3.2 and 2.4.3.4: transport packet header and adaptation field.
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";

/** Bytes of a packet. */
export const TS_PACKET = 188;
/** Bytes that a packet without adaptation field carries. */
export const TS_PAYLOAD = 184;
export const TS_SYNC = 0x47;
export const PID_PAT = 0;
export const PID_NULL = 0x1fff;

/** What a packet's header and adaptation field say. {@link readTsHeader} fills one again and again. */
export interface TsHeader {
  /** The transport could not mend all bits of the packet. */
  transportError: boolean;
  /** A PES packet or a section begins in this packet. */
  unitStart: boolean;
  pid: number;
  /** 0: not scrambled. */
  scrambling: number;
  /** 4 bits. */
  counter: number;
  hasPayload: boolean;
  /** Offset of the payload in the packet; 188 where there is none. */
  payloadAt: number;
  discontinuity: boolean;
  randomAccess: boolean;
  /** Program clock reference in ticks of 27 MHz, or -1. */
  pcr: number;
}

export function emptyTsHeader(): TsHeader {
  return {
    transportError: false,
    unitStart: false,
    pid: PID_NULL,
    scrambling: 0,
    counter: 0,
    hasPayload: false,
    payloadAt: TS_PACKET,
    discontinuity: false,
    randomAccess: false,
    pcr: -1,
  };
}

/**
 * Reads the header of the packet at `bytes[at, at + 188)` into `out`; these bytes must be there. Undefined when all is
 * well, else why it is no packet.
 */
export function readTsHeader(bytes: Uint8Array, at: number, out: TsHeader): string | undefined {
  if (bytes[at] !== TS_SYNC) return "no sync byte";
  const b1 = bytes[at + 1] as number;
  const b3 = bytes[at + 3] as number;
  out.transportError = (b1 & 0x80) !== 0;
  out.unitStart = (b1 & 0x40) !== 0;
  out.pid = ((b1 & 0x1f) << 8) | (bytes[at + 2] as number);
  out.scrambling = b3 >> 6;
  out.counter = b3 & 15;
  out.hasPayload = (b3 & 0x10) !== 0;
  out.payloadAt = out.hasPayload ? 4 : TS_PACKET;
  out.discontinuity = false;
  out.randomAccess = false;
  out.pcr = -1;
  if ((b3 & 0x30) === 0) return "adaptation field control is 0";
  if ((b3 & 0x20) === 0) return undefined;
  const length = bytes[at + 4] as number;
  if (length > 183) return `adaptation field of ${length} bytes`;
  // A field that fills the packet leaves no payload, whatever the header promises.
  if (out.hasPayload) {
    out.payloadAt = 5 + length;
    if (length === 183) out.hasPayload = false;
  }
  if (length === 0) return undefined;
  const flags = bytes[at + 5] as number;
  out.discontinuity = (flags & 0x80) !== 0;
  out.randomAccess = (flags & 0x40) !== 0;
  if ((flags & 0x10) !== 0 && length >= 7) out.pcr = readPcr(bytes, at + 6);
  return undefined;
}

/** Decodes the header of the packet at the start of `bytes`. Never throws. */
export function decodeTsHeader(bytes: Uint8Array): Decoded<TsHeader> {
  if (bytes.length < TS_PACKET) return more(TS_PACKET);
  const header = emptyTsHeader();
  const why = readTsHeader(bytes, 0, header);
  return why === undefined ? ok(header, header.payloadAt) : bad(0, why);
}

/** The six bytes of a program clock reference as ticks of 27 MHz, 0 to 300 × 2^33 - 1. */
export function readPcr(bytes: Uint8Array, at: number): number {
  const base = (bytes[at] as number) * 0x2000000 + (((bytes[at + 1] as number) << 17) |
    ((bytes[at + 2] as number) << 9) | ((bytes[at + 3] as number) << 1) | ((bytes[at + 4] as number) >> 7));
  return base * 300 + ((((bytes[at + 4] as number) & 1) << 8) | (bytes[at + 5] as number));
}

/** Writes a program clock reference; `pcr` in ticks of 27 MHz is an integer, 0 or more, and wraps at 33 bits of base. */
export function writePcr(out: Uint8Array, at: number, pcr: number): void {
  const base = Math.floor(pcr / 300) % 0x200000000;
  const extension = pcr % 300;
  const low = base % 0x2000000;
  out[at] = (base - low) / 0x2000000;
  out[at + 1] = low >> 17;
  out[at + 2] = low >> 9;
  out[at + 3] = low >> 1;
  out[at + 4] = ((low & 1) << 7) | 0x7e | (extension >> 8);
  out[at + 5] = extension;
}

/** Writes a packet that receivers throw away. */
export function writeNullPacket(out: Uint8Array, at: number): void {
  out[at] = TS_SYNC;
  out[at + 1] = PID_NULL >> 8;
  out[at + 2] = PID_NULL & 0xff;
  out[at + 3] = 0x10;
  out.fill(0xff, at + 4, at + TS_PACKET);
}

/** Writes a packet with a clock reference and no payload; `counter` is that of the last packet with payload of the PID. */
export function writePcrPacket(out: Uint8Array, at: number, pid: number, counter: number, pcr: number): void {
  out[at] = TS_SYNC;
  out[at + 1] = pid >> 8;
  out[at + 2] = pid;
  out[at + 3] = 0x20 | (counter & 15);
  out[at + 4] = 183;
  out[at + 5] = 0x10;
  writePcr(out, at + 6, pcr);
  out.fill(0xff, at + 12, at + TS_PACKET);
}
