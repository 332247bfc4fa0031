/** `1 stream`, `0 streams`, `16 streams`. */
export function countStreams(count: number): string {
  return count === 1 ? "1 stream" : `${count} streams`;
}
