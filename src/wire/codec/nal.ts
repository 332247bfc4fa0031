// NAL unit framing shared by H.264 (ITU-T H.264, 7.4.1, Annex B) and H.265 (ITU-T H.265, 7.4.2, Annex B).
import { Truncated } from "../../base/bytes.ts";

/**
 * Offset of the next `00 00 01` at or after `from`, or -1. Every byte of video passes here, in as many threads as there
 * are streams: `indexOf` goes through them three times as fast as a compiled loop and ten times as fast as a loop that
 * is not yet compiled.
 */
export function findStartCode(bytes: Uint8Array, from: number): number {
  for (let one = bytes.indexOf(1, from + 2); one >= 0; one = bytes.indexOf(1, one + 3)) {
    if (bytes[one - 1] === 0 && bytes[one - 2] === 0) return one - 2;
  }
  return -1;
}

/** End of `bytes[start, end)` without the zero bytes at its end: a NAL unit never ends in zero. */
function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && bytes[end - 1] === 0) end--;
  return end;
}

/**
 * Splits a byte stream at its start codes. The answers are views without start codes and without trailing zeros; empty
 * ones are left out. Bytes before the first start code count as a unit, so that a bare unit, one with a start code
 * before it and one with a start code after it (GW Security's parameter sets) all come out the same.
 */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = 0;
  for (;;) {
    const code = findStartCode(bytes, start);
    const end = trimmedEnd(bytes, start, code < 0 ? bytes.length : code);
    if (end > start) units.push(bytes.subarray(start, end));
    if (code < 0) return units;
    start = code + 3;
  }
}

/** Splits units with 4-byte big-endian lengths before them, as MP4 samples hold them. Throws Truncated on bad input. */
export function splitLengthPrefixed(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 4) throw new Truncated(4, at, bytes.length - at);
    const length = (bytes[at] as number) * 0x1000000 +
      (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
    at += 4;
    if (length > bytes.length - at) throw new Truncated(length, at, bytes.length - at);
    units.push(bytes.subarray(at, at + length));
    at += length;
  }
  return units;
}

/** The unit without its emulation prevention bytes (`00 00 03` → `00 00`); the unit itself when it has none. */
export function removeEmulation(nal: Uint8Array): Uint8Array {
  let first = -1;
  for (let i = 2; i < nal.length; i++) {
    if (nal[i] === 3 && nal[i - 1] === 0 && nal[i - 2] === 0) {
      first = i;
      break;
    }
  }
  if (first < 0) return nal;
  const out = new Uint8Array(nal.length - 1);
  return out.subarray(0, removeEmulationInto(nal, out));
}

/**
 * As {@link removeEmulation}, but fills `out` until either ends: slice headers need only the first bytes of a unit.
 * Answers the number of bytes written.
 */
export function removeEmulationInto(nal: Uint8Array, out: Uint8Array): number {
  let zeros = 0;
  let n = 0;
  for (let i = 0; i < nal.length && n < out.length; i++) {
    const b = nal[i] as number;
    if (zeros >= 2 && b === 3) {
      zeros = 0;
      continue;
    }
    zeros = b === 0 ? zeros + 1 : 0;
    out[n++] = b;
  }
  return n;
}

/** Puts emulation prevention bytes in. For parameter sets that are written here, and for tests. */
export function addEmulation(rbsp: Uint8Array): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  let zeros = 0;
  for (const b of rbsp) {
    if (zeros >= 2 && b <= 3) {
      out.push(3);
      zeros = 0;
    }
    zeros = b === 0 ? zeros + 1 : 0;
    out.push(b);
  }
  return Uint8Array.from(out);
}

/** Offset in `nal` of the byte that is at `offset` once emulation prevention bytes are removed. */
export function offsetInNal(nal: Uint8Array, offset: number): number {
  let zeros = 0;
  let n = 0;
  for (let i = 0; i < nal.length; i++) {
    const b = nal[i] as number;
    if (zeros >= 2 && b === 3) {
      zeros = 0;
      continue;
    }
    if (n === offset) return i;
    zeros = b === 0 ? zeros + 1 : 0;
    n++;
  }
  return nal.length;
}

/**
 * A copy of a parameter set without what stands after its `rbsp_trailing_bits` (Reolink appends bytes), `end` being
 * the bit offset, emulation removed, at which the syntax ended. Where no stop bit stands there the set is kept whole.
 */
export function trimParameterSet(nal: Uint8Array, rbsp: Uint8Array, end: number): Uint8Array {
  const byte = end >> 3;
  const mask = 0xff >> (end & 7);
  if (((rbsp[byte] ?? 0) & mask) !== (mask + 1) >> 1) return nal.slice();
  return nal.slice(0, offsetInNal(nal, byte) + 1);
}
