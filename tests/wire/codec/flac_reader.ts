import { BitReader } from "../../../src/base/bits.ts";
import { flacCrc16, flacCrc8 } from "../../../src/wire/codec/flac/crc.ts";

export interface ReadFlacFrame {
  readonly blockSize: number;
  /** Frame or sample number. */
  readonly position: number;
  readonly variable: boolean;
  /** Subframe types by channel: 0 constant, 1 verbatim, 8 + order fixed. */
  readonly types: number[];
  readonly wasted: number[];
  /** Interleaved. */
  readonly samples: Int16Array;
}

function signed(reader: BitReader, bits: number): number {
  return bits === 0 ? 0 : (reader.bits(bits) << (32 - bits)) >> (32 - bits);
}

/** A slow and plain reader of one frame of what the encoder writes, RFC 9639, 9, straight from the document. */
export function readFlacFrame(bytes: Uint8Array): ReadFlacFrame {
  const r = new BitReader(bytes);
  if (r.bits(15) !== 0x7ffc) throw new Error("No sync code");
  const variable = r.flag();
  const sizeCode = r.bits(4);
  const rateCode = r.bits(4);
  const channels = r.bits(4) + 1;
  if (r.bits(3) !== 4 || r.flag()) throw new Error("Not 16 bits");
  let position = r.bits(8);
  if (position >= 0x80) {
    const more = Math.clz32(~(position << 24)) - 1;
    position &= (1 << (6 - more)) - 1;
    for (let i = 0; i < more; i++) position = position * 64 + (r.bits(8) & 63);
  }
  let blockSize = 0;
  if (sizeCode === 1) blockSize = 192;
  else if (sizeCode < 6) blockSize = 144 << sizeCode;
  else if (sizeCode === 6) blockSize = r.bits(8) + 1;
  else if (sizeCode === 7) blockSize = r.bits(16) + 1;
  else blockSize = 1 << sizeCode;
  if (rateCode === 12) r.bits(8);
  if (rateCode === 13 || rateCode === 14) r.bits(16);
  if (flacCrc8(bytes, 0, r.at / 8) !== r.bits(8)) throw new Error("Wrong CRC-8");
  const samples = new Int16Array(blockSize * channels);
  const types: number[] = [];
  const wastes: number[] = [];
  for (let c = 0; c < channels; c++) {
    if (r.flag()) throw new Error("No subframe");
    const type = r.bits(6);
    let wasted = 0;
    if (r.flag()) { do wasted++; while (!r.flag()); }
    const depth = 16 - wasted;
    const block = new Array<number>(blockSize).fill(0);
    const order = type - 8;
    if (type === 0) block.fill(signed(r, depth));
    else if (type === 1) { for (let i = 0; i < blockSize; i++) block[i] = signed(r, depth); }
    else {
      for (let i = 0; i < order; i++) block[i] = signed(r, depth);
      if (r.bits(2) !== 0) throw new Error("Not Rice coded with 4-bit parameters");
      const partitions = 1 << r.bits(4);
      for (let p = 0; p < partitions; p++) {
        const k = r.bits(4);
        const from = p === 0 ? order : (p * blockSize) / partitions;
        for (let i = from; i < ((p + 1) * blockSize) / partitions; i++) {
          let folded = 0;
          while (!r.flag()) folded++;
          folded = folded * 2 ** k + r.bits(k);
          const weights = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]][order] as number[];
          const residual = folded % 2 ? -(folded + 1) / 2 : folded / 2;
          block[i] = weights.reduce((sum, w, j) => sum + w * (block[i - 1 - j] as number), residual);
        }
      }
    }
    for (let i = 0; i < blockSize; i++) samples[i * channels + c] = (block[i] as number) * 2 ** wasted;
    types.push(type);
    wastes.push(wasted);
  }
  r.align();
  if (flacCrc16(bytes, 0, r.at / 8) !== r.bits(16)) throw new Error("Wrong CRC-16");
  if (r.left !== 0) throw new Error("Bytes after the frame");
  return { blockSize, position, variable, types, wasted: wastes, samples };
}
