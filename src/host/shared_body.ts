import { bun } from "./runtime.ts";

/** What the bodies of equal answers share, once there was more than one of them. */
const SHARED = new WeakMap<Uint8Array, Blob | undefined>();

/**
 * The body for an answer of these bytes, which must not change any more. Bun copies an array into each answer that it
 * is given to (7 µs for 88 KB), but answers with one and the same Blob share its bytes: from the second answer with the
 * same array object on they do. The first is answered without, so that what one viewer asks for is not kept twice.
 */
export function sharedBody(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | Blob {
  if (bun === undefined) return bytes;
  let blob = SHARED.get(bytes);
  if (blob !== undefined) return blob;
  if (!SHARED.has(bytes)) {
    SHARED.set(bytes, undefined);
    return bytes;
  }
  blob = new Blob([bytes]);
  SHARED.set(bytes, blob);
  return blob;
}
