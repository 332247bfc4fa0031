import type { BitSink } from "./bit_sink.ts";

/** Most partitions: 2^8 keeps within the streamable subset, RFC 9639, 7. */
const PARTITION_ORDER_MAX = 8;
/** Largest parameter of coding method 0; 15 would mean unencoded samples. */
const PARAMETER_MAX = 14;

/** Largest partition order for a block: it must divide it, and leave the first partition more than the warm-up. */
function largestOrder(blockSize: number, predictorOrder: number): number {
  let order = 0;
  while (
    order < PARTITION_ORDER_MAX && (blockSize & ((1 << (order + 1)) - 1)) === 0 &&
    (blockSize >> (order + 1)) > predictorOrder
  ) order++;
  return order;
}

/** An upper bound of the bits of `count` folded residuals of the given sum with Rice parameter `k`. */
function bound(count: number, sum: number, k: number): number {
  return count * (k + 1) + Math.floor(sum / (1 << k));
}

/** The Rice parameter with the smallest {@link bound}. */
function bestParameter(count: number, sum: number): number {
  let k = 0;
  while (k < PARAMETER_MAX && bound(count, sum, k + 1) < bound(count, sum, k)) k++;
  return k;
}

/** RFC 9639, 9.2.5.2: a signed residual as an unsigned number, small for small magnitudes. Fits in 32 bits. */
function fold(residual: number): number {
  return (residual << 1) ^ (residual >> 31);
}

/** Chooses and writes the coded residual of one subframe, RFC 9639, 9.2.5. Reused from frame to frame. */
export class RiceCoder {
  /** Sums of folded residuals by partition, at the finest order first, then merged pair by pair. */
  readonly #sums = new Float64Array(1 << PARTITION_ORDER_MAX);
  #order = 0;

  /**
   * Chooses the partition order for `residuals` from `predictorOrder` (those before are warm-up) up to `blockSize`.
   * Answers an upper bound of the bits that {@link write} will take; each residual must have at most 30 bits.
   */
  plan(residuals: Int32Array, blockSize: number, predictorOrder: number): number {
    const finest = largestOrder(blockSize, predictorOrder);
    const sums = this.#sums;
    const length = blockSize >> finest;
    for (let p = 0; p < 1 << finest; p++) {
      let sum = 0;
      for (let i = p === 0 ? predictorOrder : p * length; i < (p + 1) * length; i++) {
        sum += fold(residuals[i] as number);
      }
      sums[p] = sum;
    }
    let best = Infinity;
    for (let order = finest;; order--) {
      let bits = 6; // coding method and partition order
      const count = blockSize >> order;
      for (let p = 0; p < 1 << order; p++) {
        const n = p === 0 ? count - predictorOrder : count;
        const sum = sums[p] as number;
        bits += 4 + bound(n, sum, bestParameter(n, sum));
      }
      if (bits < best) {
        best = bits;
        this.#order = order;
      }
      if (order === 0) return best;
      for (let p = 0; p < 1 << (order - 1); p++) {
        sums[p] = (sums[2 * p] as number) + (sums[2 * p + 1] as number);
      }
    }
  }

  /** Writes what the last {@link plan} decided on, for the same arguments. */
  write(sink: BitSink, residuals: Int32Array, blockSize: number, predictorOrder: number): void {
    const order = this.#order;
    const length = blockSize >> order;
    sink.bits(0, 2);
    sink.bits(order, 4);
    for (let p = 0; p < 1 << order; p++) {
      const from = p === 0 ? predictorOrder : p * length;
      const to = (p + 1) * length;
      let sum = 0;
      for (let i = from; i < to; i++) sum += fold(residuals[i] as number);
      const k = bestParameter(to - from, sum);
      sink.bits(k, 4);
      for (let i = from; i < to; i++) {
        const folded = fold(residuals[i] as number);
        sink.unary(folded >>> k);
        sink.bits(folded, k);
      }
    }
  }
}
