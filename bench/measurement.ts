/** Bars of a measurement: the name of one of its values, and the most (`max`) or the least (`min`) that it may be. */
export type Bars = Readonly<Record<string, { readonly max: number } | { readonly min: number }>>;

type Value = number | string | undefined;

/**
 * Prints one measurement as one line of JSON: `bench`, `name`, the values (numbers with four significant digits), and
 * where there are bars `bar` and `pass`. Answers whether all bars were held; a value that is missing holds none.
 */
export function printMeasurement(
  bench: string,
  name: string,
  values: Readonly<Record<string, Value>>,
  bars: Bars = {},
): boolean {
  const rounded = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === "number" ? round(value) : value]),
  );
  const held = Object.entries(bars).map(([key, bar]) => {
    const value = values[key];
    if (typeof value !== "number" || Number.isNaN(value)) return false;
    return "max" in bar ? value <= bar.max : value >= bar.min;
  });
  const pass = held.every((h) => h);
  const verdict = held.length === 0 ? {} : { bar: bars, pass };
  console.log(JSON.stringify({ bench, name, ...rounded, ...verdict }));
  return pass;
}

/** The value below which the share `p` (0 to 1) of the values lies; NaN where there are none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] as number;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}
