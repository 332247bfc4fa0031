/** How far sequence number `b` lies ahead of `a`, modulo 2^16: −32768 to 32767. */
export function sequenceDistance(a: number, b: number): number {
  return ((b - a) << 16) >> 16;
}

/** How far timestamp `b` lies ahead of `a`, modulo 2^32: −2^31 to 2^31 − 1. */
export function timestampDistance(a: number, b: number): number {
  return (b - a) | 0;
}
