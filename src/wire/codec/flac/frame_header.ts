import { flacCrc8 } from "./crc.ts";

/** What all frames of a stream have in common. */
export interface FlacFormat {
  /** Samples per second and channel. */
  readonly sampleRate: number;
  /** 1 to 8, independent of each other. */
  readonly channels: number;
  /** Variable block size: frames carry the number of their first sample, else the number of the frame. */
  readonly variable: boolean;
}

/** Most bytes of a header: four of fixed fields, seven of number, two of block size, two of rate, one of CRC. */
export const FRAME_HEADER_MAX = 16;

const SYNC_FIXED = 0xf8, SYNC_VARIABLE = 0xf9;
/** Bit depth code of 16 bits, RFC 9639, 9.1.4. */
const DEPTH_16 = 4;

/** RFC 9639, 9.1.2: sample rates that have a code, by code from 1. */
const RATES = [88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];
const RATE_IN_STREAMINFO = 0, RATE_KHZ = 12, RATE_HZ = 13, RATE_TENS = 14;

const BLOCK_192 = 1, BLOCK_576 = 2, BLOCK_BYTE = 6, BLOCK_WORD = 7, BLOCK_256 = 8;

/** RFC 9639, 9.1.1. */
function blockSizeCode(size: number): number {
  if (size === 192) return BLOCK_192;
  for (let i = 0; i < 4; i++) if (size === 576 << i) return BLOCK_576 + i;
  for (let i = 0; i < 8; i++) if (size === 256 << i) return BLOCK_256 + i;
  return size <= 256 ? BLOCK_BYTE : BLOCK_WORD;
}

/** RFC 9639, 9.1.2. */
function sampleRateCode(rate: number): number {
  const code = RATES.indexOf(rate) + 1;
  if (code > 0) return code;
  if (rate % 1000 === 0 && rate <= 255_000) return RATE_KHZ;
  if (rate <= 65_535) return RATE_HZ;
  return rate % 10 === 0 && rate <= 655_350 ? RATE_TENS : RATE_IN_STREAMINFO;
}

/** RFC 9639, 9.1.5: a number of up to 36 bits in the manner of UTF-8; answers where it ends. */
export function writeCodedNumber(out: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    out[at] = value;
    return at + 1;
  }
  let more = 1; // bytes of six bits that follow the first, which has 6 - more bits
  while (more < 6 && value >= 2 ** (6 * more + 6 - more)) more++;
  out[at] = ((0xff00 >> (more + 1)) & 0xff) | Math.floor(value / 2 ** (6 * more));
  for (let i = 1; i <= more; i++) {
    out[at + i] = 0x80 | (Math.floor(value / 2 ** (6 * (more - i))) % 64);
  }
  return at + 1 + more;
}

/**
 * RFC 9639, 9.1: writes a frame's header with its CRC-8 and answers where it ends. `blockSize` is 1 to 65536;
 * `position` counts frames (31 bits) or, with variable block size, samples (36 bits), and wraps.
 */
export function writeFrameHeader(
  out: Uint8Array,
  at: number,
  format: FlacFormat,
  blockSize: number,
  position: number,
): number {
  const size = blockSizeCode(blockSize);
  const rate = sampleRateCode(format.sampleRate);
  out[at] = 0xff;
  out[at + 1] = format.variable ? SYNC_VARIABLE : SYNC_FIXED;
  out[at + 2] = (size << 4) | rate;
  out[at + 3] = ((format.channels - 1) << 4) | (DEPTH_16 << 1);
  let o = writeCodedNumber(out, at + 4, position % (format.variable ? 2 ** 36 : 2 ** 31));
  if (size === BLOCK_WORD) out[o++] = (blockSize - 1) >> 8;
  if (size === BLOCK_WORD || size === BLOCK_BYTE) out[o++] = (blockSize - 1) & 0xff;
  if (rate === RATE_KHZ) out[o++] = format.sampleRate / 1000;
  else if (rate === RATE_HZ || rate === RATE_TENS) {
    const value = rate === RATE_HZ ? format.sampleRate : format.sampleRate / 10;
    out[o++] = value >> 8;
    out[o++] = value & 0xff;
  }
  out[o] = flacCrc8(out, at, o);
  return o + 1;
}
