/** When a fragment begins, and its length, in ticks of its track. */
export interface FragmentTime {
  readonly start: number;
  readonly length: number;
}

/** MS-SSTR, 2.2.4.4 (TfxdBox) and 2.2.4.5 (TfrfBox). */
const TFXD = [0x6d, 0x1d, 0x9b, 0x05, 0x42, 0xd5, 0x44, 0xe6, 0x80, 0xe2, 0x14, 0x1d, 0xaf, 0xf7, 0x57, 0xb2];
const TFRF = [0xd4, 0x80, 0x7e, 0xf2, 0xca, 0x39, 0x46, 0x95, 0x8e, 0x54, 0x26, 0xcb, 0x9e, 0x46, 0xa7, 0x9f];
/** Size, `uuid`, the type's 16 bytes, version and flags. */
const HEAD = 28;
const TIME = 16;

/** The boxes of a live fragment: when it is, and which fragments follow it. */
export function encodeLiveBoxes(own: FragmentTime, next: readonly FragmentTime[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HEAD + TIME + HEAD + 1 + next.length * TIME);
  const view = new DataView(out.buffer);
  let at = writeHead(view, 0, HEAD + TIME, TFXD);
  at = writeTime(view, at, own);
  at = writeHead(view, at, HEAD + 1 + next.length * TIME, TFRF);
  view.setUint8(at++, next.length);
  for (const time of next) at = writeTime(view, at, time);
  return out;
}

function writeHead(view: DataView, at: number, size: number, type: readonly number[]): number {
  view.setUint32(at, size);
  view.setUint32(at + 4, 0x75756964); // uuid
  type.forEach((byte, n) => view.setUint8(at + 8 + n, byte));
  view.setUint32(at + 24, 1 << 24); // version 1: 64-bit times
  return at + HEAD;
}

function writeTime(view: DataView, at: number, { start, length }: FragmentTime): number {
  view.setBigUint64(at, BigInt(start));
  view.setBigUint64(at + 8, BigInt(length));
  return at + TIME;
}
