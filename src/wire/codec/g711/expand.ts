// ITU-T G.711: A-law and µ-law, to 16-bit linear samples.

function expandAlawByte(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = ((code & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return code & 0x80 ? magnitude : -magnitude;
}

function expandUlawByte(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return code & 0x80 ? -magnitude : magnitude;
}

/** Linear sample of each A-law code, over 16 bits. */
export const ALAW: Int16Array = Int16Array.from({ length: 256 }, (_, byte) => expandAlawByte(byte));
/** Linear sample of each µ-law code, over 16 bits. */
export const ULAW: Int16Array = Int16Array.from({ length: 256 }, (_, byte) => expandUlawByte(byte));

function expand(table: Int16Array, input: Uint8Array, out: Int16Array): number {
  const n = Math.min(input.length, out.length);
  for (let i = 0; i < n; i++) out[i] = table[input[i] as number] as number;
  return n;
}

/** Expands A-law bytes into `out`; answers the number of samples written, the smaller of both lengths. */
export function expandAlaw(input: Uint8Array, out: Int16Array): number {
  return expand(ALAW, input, out);
}

/** Expands µ-law bytes into `out`; answers the number of samples written, the smaller of both lengths. */
export function expandUlaw(input: Uint8Array, out: Int16Array): number {
  return expand(ULAW, input, out);
}
