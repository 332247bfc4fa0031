// Integers straight into the caller's bytes: no view, no object.

/** Writes 16 bits, most significant byte first. */
export function putU16(out: Uint8Array, at: number, v: number): void {
  out[at] = v >> 8;
  out[at + 1] = v;
}

export function putU24(out: Uint8Array, at: number, v: number): void {
  out[at] = v >> 16;
  out[at + 1] = v >> 8;
  out[at + 2] = v;
}

export function putU32(out: Uint8Array, at: number, v: number): void {
  out[at] = v >> 24;
  out[at + 1] = v >> 16;
  out[at + 2] = v >> 8;
  out[at + 3] = v;
}

/** Writes 16 bits, least significant byte first. */
export function putU16le(out: Uint8Array, at: number, v: number): void {
  out[at] = v;
  out[at + 1] = v >> 8;
}

export function putU32le(out: Uint8Array, at: number, v: number): void {
  out[at] = v;
  out[at + 1] = v >> 8;
  out[at + 2] = v >> 16;
  out[at + 3] = v >> 24;
}

/** Copies 16-bit samples, swapping their bytes: L16 is big-endian, most containers want the other. An odd byte is left out. */
export function putSwapped16(out: Uint8Array, at: number, samples: Uint8Array): number {
  const end = samples.length & ~1;
  for (let i = 0; i < end; i += 2) {
    out[at + i] = samples[i + 1] as number;
    out[at + i + 1] = samples[i] as number;
  }
  return end;
}
