/** Highest order of a fixed predictor, RFC 9639, 9.2.5. */
export const FIXED_ORDER_MAX = 4;

const sums = new Float64Array(FIXED_ORDER_MAX + 1);

/**
 * The order whose residuals have the smallest sum of magnitudes, over the samples that every order predicts. Samples
 * of 17 bits give residuals of at most 21 bits, so 32-bit integers do.
 */
export function bestFixedOrder(samples: Int32Array, count: number): number {
  const most = Math.min(FIXED_ORDER_MAX, count - 1);
  if (most < 1) return 0;
  let s1 = 0, s2 = 0, s3 = 0, s4 = 0;
  sums.fill(0);
  let sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0, sum4 = 0;
  for (let i = 0; i < count; i++) {
    const e0 = samples[i] as number;
    if (i >= most) {
      const e1 = e0 - s1;
      const e2 = e1 - (s1 - s2);
      const e3 = e2 - (s1 - 2 * s2 + s3);
      const e4 = e3 - (s1 - 3 * s2 + 3 * s3 - s4);
      sum0 += Math.abs(e0);
      sum1 += Math.abs(e1);
      sum2 += Math.abs(e2);
      sum3 += Math.abs(e3);
      sum4 += Math.abs(e4);
    }
    s4 = s3;
    s3 = s2;
    s2 = s1;
    s1 = e0;
  }
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
  sums[4] = sum4;
  let best = 0;
  for (let order = 1; order <= most; order++) {
    if ((sums[order] as number) < (sums[best] as number)) best = order;
  }
  return best;
}

/** Fills `residuals` from index `order` on; those before are warm-up samples and stay as they are. */
export function fixedResiduals(
  samples: Int32Array,
  count: number,
  order: number,
  residuals: Int32Array,
): void {
  let s1 = 0, s2 = 0, s3 = 0, s4 = 0;
  for (let i = 0; i < count; i++) {
    const s = samples[i] as number;
    if (i >= order) {
      let predicted = 0;
      if (order === 1) predicted = s1;
      else if (order === 2) predicted = 2 * s1 - s2;
      else if (order === 3) predicted = 3 * s1 - 3 * s2 + s3;
      else if (order === 4) predicted = 4 * s1 - 6 * s2 + 4 * s3 - s4;
      residuals[i] = s - predicted;
    }
    s4 = s3;
    s3 = s2;
    s2 = s1;
    s1 = s;
  }
}
