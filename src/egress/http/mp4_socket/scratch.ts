/** Largest buffer that is kept from message to message, bytes. */
const KEPT_MAX = 4 * 1024 * 1024;

let kept = new Uint8Array(64 * 1024);

/**
 * Room for one message of `size` bytes, taken by the socket before the next is made: sockets copy what they are given.
 * What it holds is undefined.
 */
export function scratch(size: number): Uint8Array<ArrayBuffer> {
  if (size > KEPT_MAX) return new Uint8Array(size);
  if (kept.length < size) kept = new Uint8Array(Math.min(KEPT_MAX, size * 2));
  return kept.subarray(0, size);
}
