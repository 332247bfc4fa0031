// RFC 4648, 4, in pieces: what QuickTime's HTTP tunnel sends, one text a request, each padded by itself.

const VALUES = new Int8Array(256).fill(-1);
for (let i = 0; i < 64; i++) {
  VALUES["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".charCodeAt(i)] = i;
}
const PAD = 0x3d;

/** Decodes base64 that comes in pieces of any size; line ends are skipped, and after padding a new text begins. */
export class Base64Stream {
  #bits = 0;
  #have = 0;

  /** The bytes that are whole by now; undefined for a character that is none of base64's. */
  push(text: Uint8Array): Uint8Array | undefined {
    const out = new Uint8Array(Math.ceil((text.length * 3) / 4) + 3);
    let n = 0;
    for (let i = 0; i < text.length; i++) {
      const character = text[i] as number;
      const value = VALUES[character] as number;
      if (value < 0) {
        if (character === PAD) this.#have = this.#bits = 0;
        else if (character !== 10 && character !== 13 && character !== 32) return undefined;
        continue;
      }
      this.#bits = ((this.#bits << 6) | value) & 0xffff;
      this.#have += 6;
      if (this.#have < 8) continue;
      this.#have -= 8;
      out[n++] = this.#bits >> this.#have;
    }
    return out.subarray(0, n);
  }
}
