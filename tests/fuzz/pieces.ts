/** One piece of an input for decoders that take several: its bytes, and eight flags. */
export interface Piece {
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/** Most pieces of one input. */
const PIECES_MAX = 256;

/** Reads an input as pieces, each after one byte of flags and two of length; the last may be cut short. */
export function readPieces(input: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < input.length && pieces.length < PIECES_MAX) {
    const flags = input[at] as number;
    const length = ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0);
    pieces.push({ flags, bytes: input.subarray(at + 3, at + 3 + length) });
    at += 3 + length;
  }
  return pieces;
}

/** The opposite of {@link readPieces}. */
export function printPieces(pieces: readonly Piece[]): Uint8Array {
  const out: number[] = [];
  for (const { flags, bytes } of pieces) out.push(flags, bytes.length >> 8, bytes.length & 0xff, ...bytes);
  return Uint8Array.from(out);
}

/** A seed as one piece, with every flag that ends a unit set. */
export function onePiece(seed: Uint8Array): Uint8Array {
  return printPieces([{ flags: 1, bytes: seed.subarray(0, 0xffff) }]);
}
