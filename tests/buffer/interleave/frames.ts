/** Frames whose every byte tells which frame they are of, with sizes that look random. */

export function mix(n: number): number {
  let x = Math.imul((n | 0) ^ 0x9e3779b9, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

export function sizeOf(sequence: number, most: number): number {
  return 8 + (mix(sequence) % most);
}

export function dtsOf(sequence: number): number {
  return sequence * 3 + 1;
}

/** Fills the frame's words: a frame of bytes of two others cannot pass. */
export function fillFrame(out: Uint8Array, sequence: number): void {
  const word = mix(sequence + 7);
  for (let i = 0; i < out.length; i++) out[i] = (word >>> ((i & 3) * 8)) & 0xff;
}

export function frameIsWhole(bytes: Uint8Array, length: number, sequence: number): boolean {
  const word = mix(sequence + 7);
  for (let i = 0; i < length; i++) if (bytes[i] !== ((word >>> ((i & 3) * 8)) & 0xff)) return false;
  return true;
}

/** Words of the page that the threads of a run share. */
export const STOP = 0;
export const TORN = 1;
export const READ = 2;
export const LAPPED = 3;
export const WRITTEN = 4;
export const CONTROL_WORDS = 16;

export interface RunInit {
  readonly role: "writer" | "reader";
  readonly folder: string;
  readonly page: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly most: number;
  /** Window in ticks of {@link dtsOf}. */
  readonly window: number;
  /** Writer: frames a go before it yields for a moment; 0: it never does. */
  readonly pauseEvery: number;
}
