import { BitWriter } from "../../../base/bits.ts";
import { BitSink } from "./bit_sink.ts";
import { flacCrc16 } from "./crc.ts";
import { bestFixedOrder, fixedResiduals } from "./fixed_predictor.ts";
import { type FlacFormat, FRAME_HEADER_MAX, writeFrameHeader } from "./frame_header.ts";
import { RiceCoder } from "./rice.ts";

export interface FlacEncoderOptions {
  /** Hertz, 1 to 1 048 575. */
  readonly sampleRate: number;
  /** 1 to 8. */
  readonly channels: number;
  /** Samples per channel in each frame, or the most of them: 16 to 65 535. */
  readonly blockSize: number;
  /**
   * "fixed" (the default): every frame but the last has `blockSize` samples, and frames are counted. "variable": each
   * may have fewer, and carries the number of its first sample, so that a frame depends on its own time only.
   */
  readonly blocks?: "fixed" | "variable";
}

const DEPTH = 16;
/** RFC 9639, 9.2.1: subframe types. */
const CONSTANT = 0, VERBATIM = 1, FIXED = 8;
/** RFC 9639, 8.2, lengths of STREAMINFO with and without its header. */
const STREAMINFO_SIZE = 34;

/**
 * Lossless audio coding, RFC 9639: 16 bits, channels coded one by one with constant, fixed or verbatim subframes.
 * Every frame stands alone. Buffers are made once; encoding allocates nothing.
 */
export class FlacEncoder {
  /** STREAMINFO metadata block with its 4-byte header, marked as the last; frame sizes, length and MD5 unknown (0). */
  readonly streamInfo: Uint8Array;
  readonly #format: FlacFormat;
  readonly #blockSize: number;
  readonly #samples: Int32Array;
  readonly #residuals: Int32Array;
  readonly #sink = new BitSink();
  readonly #rice = new RiceCoder();
  #out: Uint8Array = new Uint8Array(0);
  #next = 0;

  /** Throws RangeError for options out of their range. */
  constructor(options: FlacEncoderOptions) {
    const { sampleRate, channels, blockSize } = options;
    checkRange("sample rate", sampleRate, 1, 1_048_575);
    checkRange("channels", channels, 1, 8);
    checkRange("block size", blockSize, 16, 65_535);
    const variable = options.blocks === "variable";
    this.#format = { sampleRate, channels, variable };
    this.#blockSize = blockSize;
    this.#samples = new Int32Array(blockSize);
    this.#residuals = new Int32Array(blockSize);
    this.streamInfo = encodeStreamInfo(this.#format, blockSize);
  }

  /** Most bytes that a frame of `count` samples per channel takes. */
  maxFrameBytes(count: number = this.#blockSize): number {
    return FRAME_HEADER_MAX + this.#format.channels * (1 + 2 * count) + 1 + 2;
  }

  /**
   * Encodes interleaved samples of one block as one frame; the answer is valid until the next call. `position` is the
   * number of the frame (of its first sample with variable blocks), a safe integer, 0 or more; when left out, counting
   * goes on. Throws RangeError for another, and when the samples are none, too many, or do not fill all channels.
   */
  encode(samples: Int16Array, position: number = this.#next): Uint8Array {
    if (this.#out.length === 0) this.#out = new Uint8Array(this.maxFrameBytes());
    return this.#out.subarray(0, this.encodeInto(samples, this.#out, 0, position));
  }

  /**
   * As {@link encode}, into `out` from `at` on, where {@link maxFrameBytes} must be free (RangeError else). Answers the
   * bytes written.
   */
  encodeInto(samples: Int16Array, out: Uint8Array, at: number, position: number = this.#next): number {
    const { channels, variable } = this.#format;
    const count = samples.length / channels;
    if (!Number.isInteger(count) || count < 1 || count > this.#blockSize) {
      throw new RangeError(`Cannot encode ${samples.length} samples of ${channels} channels as one block`);
    }
    if (!Number.isSafeInteger(position) || position < 0) {
      throw new RangeError(`Cannot encode block ${position}`);
    }
    if (out.length - at < this.maxFrameBytes(count)) {
      throw new RangeError(`Cannot encode ${count} samples into ${out.length - at} bytes`);
    }
    const sink = this.#sink;
    sink.open(out, writeFrameHeader(out, at, this.#format, count, position));
    for (let channel = 0; channel < channels; channel++) this.#subframe(samples, channel, count);
    sink.align();
    const crc = flacCrc16(out, at, sink.at);
    sink.bits(crc, 16);
    this.#next = position + (variable ? count : 1);
    return sink.at - at;
  }

  /** RFC 9639, 9.2: codes one channel in the way that takes the fewest bits. */
  #subframe(samples: Int16Array, channel: number, count: number): void {
    const { channels } = this.#format;
    const block = this.#samples;
    const sink = this.#sink;
    const first = samples[channel] as number;
    let all = 0;
    let different = 0;
    for (let i = 0, j = channel; i < count; i++, j += channels) {
      const s = samples[j] as number;
      block[i] = s;
      all |= s;
      different |= s ^ first;
    }
    if (different === 0) {
      sink.bits(CONSTANT << 1, 8);
      sink.bits(first, DEPTH);
      return;
    }
    // Low bits that are zero everywhere, as 2 or 3 are in expanded G.711, are said once and left out.
    const wasted = 31 - Math.clz32(all & -all);
    if (wasted > 0) { for (let i = 0; i < count; i++) block[i] = (block[i] as number) >> wasted; }
    const depth = DEPTH - wasted;
    const order = bestFixedOrder(block, count);
    fixedResiduals(block, count, order, this.#residuals);
    const coded = order * depth + this.#rice.plan(this.#residuals, count, order);
    if (coded >= count * depth) {
      this.#subframeHeader(VERBATIM, wasted);
      for (let i = 0; i < count; i++) sink.bits(block[i] as number, depth);
      return;
    }
    this.#subframeHeader(FIXED | order, wasted);
    for (let i = 0; i < order; i++) sink.bits(block[i] as number, depth);
    this.#rice.write(sink, this.#residuals, count, order);
  }

  #subframeHeader(type: number, wasted: number): void {
    this.#sink.bits((type << 1) | (wasted > 0 ? 1 : 0), 8);
    if (wasted > 0) this.#sink.unary(wasted - 1);
  }
}

function checkRange(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`Cannot encode FLAC with ${what} ${value}: expected ${least} to ${most}`);
  }
}

/** RFC 9639, 8.1 and 8.2. */
function encodeStreamInfo(format: FlacFormat, blockSize: number): Uint8Array {
  const w = new BitWriter().bits(0x80, 8).bits(STREAMINFO_SIZE, 24);
  w.bits(format.variable ? 16 : blockSize, 16).bits(blockSize, 16).bits(0, 24).bits(0, 24);
  w.bits(format.sampleRate, 20).bits(format.channels - 1, 3).bits(DEPTH - 1, 5).bits(0, 4);
  for (let i = 0; i < 5; i++) w.bits(0, 32); // rest of the length, MD5
  return w.take();
}
