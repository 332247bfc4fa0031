/** ITU-T G.711 as 256-entry tables, 16-bit linear. */
const ALAW = Int16Array.from({ length: 256 }, (_, code) => alaw(code));
const ULAW = Int16Array.from({ length: 256 }, (_, code) => ulaw(code));

function alaw(code: number): number {
  const c = code ^ 0x55;
  const exponent = (c >> 4) & 7;
  const mantissa = ((c & 15) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return c & 0x80 ? size : -size;
}

function ulaw(code: number): number {
  const c = ~code & 0xff;
  const size = ((((c & 15) << 3) + 0x84) << ((c >> 4) & 7)) - 0x84;
  return c & 0x80 ? -size : size;
}

/** Expands A-law samples into `out`, which is as long. */
export function expandAlaw(input: Uint8Array, out: Int16Array): void {
  for (let i = 0; i < input.length; i++) out[i] = ALAW[input[i] as number] as number;
}

/** Expands µ-law samples into `out`, which is as long. */
export function expandUlaw(input: Uint8Array, out: Int16Array): void {
  for (let i = 0; i < input.length; i++) out[i] = ULAW[input[i] as number] as number;
}
