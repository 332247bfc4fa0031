import { TS_PACKET, TS_SYNC } from "../../wire/container/ts/packet.ts";

/** Bytes before each packet of 192 bytes, and behind each of 204. */
const STAMP = 4;
const STAMPED = 192;
const CODED = 204;

/** Where the packets of a datagram lie. */
export interface DatagramLayout {
  from: number;
  stride: number;
}

/**
 * Finds the packets of `bytes[at …]`: whole ones of 188 bytes, of 192 with a time in front, or of 204 with a code behind.
 * False where it holds none, or something else too. A last packet that is cut off is not looked at.
 */
export function findPackets(bytes: Uint8Array, at: number, out: DatagramLayout): boolean {
  const first = bytes[at] === TS_SYNC;
  if (first && aligned(bytes, at, TS_PACKET)) return lay(out, at, TS_PACKET);
  if (first && aligned(bytes, at, CODED)) return lay(out, at, CODED);
  if (bytes[at + STAMP] === TS_SYNC && aligned(bytes, at + STAMP, STAMPED)) {
    return lay(out, at + STAMP, STAMPED);
  }
  return false;
}

function aligned(bytes: Uint8Array, at: number, stride: number): boolean {
  if (at + TS_PACKET > bytes.length) return false;
  for (at += stride; at < bytes.length; at += stride) if (bytes[at] !== TS_SYNC) return false;
  return true;
}

function lay(out: DatagramLayout, from: number, stride: number): true {
  out.from = from;
  out.stride = stride;
  return true;
}
