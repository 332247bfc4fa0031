import { sameBytes } from "../base/bytes.ts";
import type { Track } from "../media/track.ts";
import { INIT_BYTES, INIT_LENGTH, INIT_MAX, INIT_STAMP, initSlot, W_INIT_VERSION } from "./layout.ts";
import { decodeTrack, encodeTrack } from "./track_code.ts";

/**
 * The init data of a track: version n lies in slot n & 1, so the two newest are there. A slot's stamp is 0 while it is
 * written, and its version afterwards.
 */
const fence = new Int32Array(new SharedArrayBuffer(4));

/** Bytes of `version` copied out of the page; undefined when they are not there or not there any more. */
function copyInit(words: Int32Array, version: number): Uint8Array<ArrayBuffer> | undefined {
  const at = initSlot(version);
  if (version < 1 || Atomics.load(words, (at + INIT_STAMP) >> 2) !== version) return undefined;
  const length = words[(at + INIT_LENGTH) >> 2] as number;
  if (length < 0 || length > INIT_MAX) return undefined;
  const copy = new Uint8Array(length);
  copy.set(new Uint8Array(words.buffer, at + INIT_BYTES, length));
  Atomics.store(fence, 0, 0);
  return Atomics.load(words, (at + INIT_STAMP) >> 2) === version ? copy : undefined;
}

/** Reads the track as `version` has it. */
export function readInit(words: Int32Array, version: number): Track | undefined {
  const bytes = copyInit(words, version);
  return bytes === undefined ? undefined : decodeTrack(bytes);
}

/**
 * Writes the track as a new version, unless the newest one says the same. Answers the version. Throws RangeError when
 * the encoded track is larger than {@link INIT_MAX}.
 */
export function writeInit(words: Int32Array, track: Track): number {
  const bytes = encodeTrack(track);
  if (bytes.length > INIT_MAX) {
    throw new RangeError(`Cannot keep ${bytes.length} bytes of init data: at most ${INIT_MAX}`);
  }
  const newest = words[W_INIT_VERSION] as number;
  const before = copyInit(words, newest);
  if (before !== undefined && sameBytes(before, bytes)) return newest;
  const version = newest + 1;
  const at = initSlot(version);
  Atomics.store(words, (at + INIT_STAMP) >> 2, 0);
  Atomics.load(words, (at + INIT_STAMP) >> 2);
  words[(at + INIT_LENGTH) >> 2] = bytes.length;
  new Uint8Array(words.buffer, at + INIT_BYTES, bytes.length).set(bytes);
  Atomics.store(words, (at + INIT_STAMP) >> 2, version);
  Atomics.store(words, W_INIT_VERSION, version);
  return version;
}
