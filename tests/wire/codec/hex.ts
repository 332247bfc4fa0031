/** Bytes of a hex string; blanks are ignored. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.replace(/\s/g, "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Bytes of a base64 string. */
export function base64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** A fuzz seed. */
export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}
