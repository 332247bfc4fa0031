/** RFC 9110, 14.1.2: the bytes that a `Range` header asks for, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a `Range` header for a body of `size` bytes. Undefined: send everything, because there is no header, it is
 * not understood, or it asks for several ranges (which a server may ignore, RFC 9110, 14.2). `unsatisfiable`: 416.
 */
export function parseRange(header: string | null, size: number): ByteRange | "unsatisfiable" | undefined {
  if (header === null) return undefined;
  const match = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/i.exec(header.replace(/\s+/g, ""));
  if (match === null) return undefined;
  const [, from, to] = match as unknown as [string, string, string];
  if (from === "" && to === "") return undefined;
  if (from === "") {
    const count = Number(to);
    if (count === 0 || size === 0) return "unsatisfiable";
    return { first: Math.max(0, size - count), last: size - 1 };
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return undefined;
  if (first >= size) return "unsatisfiable";
  return { first, last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}
