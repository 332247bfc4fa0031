import type { Random } from "./random.ts";

/** Longest input that mutation makes. */
export const INPUT_MAX = 16 * 1024;

/** Values that lengths and counts break at. */
const EDGES = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  0x7f,
  0x80,
  0xff,
  0x100,
  0x7fff,
  0x8000,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xffffffff,
];
const TOKENS = [
  "\r\n",
  "\r\n\r\n",
  "\n",
  ":",
  ";",
  "=",
  ",",
  " ",
  "/",
  '"',
  "%00",
  "%",
  "\0",
  "-1",
  "99999999999",
  "é",
  "$",
  "*",
];

type Mutation = (bytes: Uint8Array, random: Random, pool: readonly Uint8Array[]) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, random) {
    const out = bytes.slice();
    for (let n = 1 + random.below(4); n > 0 && out.length > 0; n--) {
      const at = random.below(out.length);
      out[at] = (out[at] as number) ^ (1 << random.below(8));
    }
    return out;
  },
  function setByte(bytes, random) {
    const out = bytes.slice();
    if (out.length > 0) out[random.below(out.length)] = random.next();
    return out;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length));
  },
  function dropRange(bytes, random) {
    const from = random.below(bytes.length);
    const length = 1 + random.below(Math.min(64, bytes.length - from));
    return join(bytes.subarray(0, from), bytes.subarray(from + length));
  },
  function insertBytes(bytes, random) {
    const at = random.below(bytes.length + 1);
    const fresh = Uint8Array.from({ length: 1 + random.below(16) }, () => random.next());
    return join(bytes.subarray(0, at), fresh, bytes.subarray(at));
  },
  function repeatRange(bytes, random) {
    const from = random.below(bytes.length);
    const piece = bytes.subarray(from, from + 1 + random.below(64));
    const times = 1 + random.below(random.below(8) === 0 ? 100 : 4);
    return join(bytes.subarray(0, from), ...Array.from({ length: times }, () => piece), bytes.subarray(from));
  },
  /** A length, count or offset of 1, 2 or 4 bytes set to an edge, or moved by a little. */
  function editLength(bytes, random) {
    const out = bytes.slice();
    const width = random.pick([1, 2, 4]);
    if (out.length < width) return out;
    const at = random.below(out.length - width + 1);
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + (out[at + i] as number);
    value = random.below(2) === 0 ? random.pick(EDGES) : value + random.below(9) - 4;
    const little = random.below(4) === 0;
    for (let i = 0; i < width; i++) {
      out[little ? at + i : at + width - 1 - i] = Math.floor(value / 256 ** i) & 0xff;
    }
    return out;
  },
  function splice(bytes, random, pool) {
    const other = random.pick(pool);
    return join(
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    );
  },
  function insertPiece(bytes, random, pool) {
    const other = random.pick(pool);
    const from = random.below(other.length);
    const at = random.below(bytes.length + 1);
    return join(bytes.subarray(0, at), other.subarray(from, from + 1 + random.below(64)), bytes.subarray(at));
  },
  function insertToken(bytes, random) {
    const at = random.below(bytes.length + 1);
    return join(bytes.subarray(0, at), new TextEncoder().encode(random.pick(TOKENS)), bytes.subarray(at));
  },
  function fillRange(bytes, random) {
    const out = bytes.slice();
    const from = random.below(out.length);
    out.fill(random.pick([0, 0xff]), from, from + 1 + random.below(32));
    return out;
  },
];

/** One to four changes of one of the seeds in `pool`, which must not be empty. */
export function mutate(random: Random, pool: readonly Uint8Array[]): Uint8Array {
  let bytes = random.pick(pool);
  for (let n = 1 + random.below(4); n > 0; n--) bytes = random.pick(MUTATIONS)(bytes, random, pool);
  return bytes.length > INPUT_MAX ? bytes.slice(0, INPUT_MAX) : bytes;
}

function join(...pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(Math.min(INPUT_MAX, pieces.reduce((sum, p) => sum + p.length, 0)));
  let at = 0;
  for (const piece of pieces) {
    const fits = piece.subarray(0, out.length - at);
    out.set(fits, at);
    at += fits.length;
  }
  return out;
}
