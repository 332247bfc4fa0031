/**
 * The three answers of a parser. A corrupt length taken for "not enough yet" makes a live feed wait for ever,
 * so "more" and "bad" are never the same answer.
 */
export type Decoded<T> =
  | { readonly kind: "ok"; readonly value: T; readonly used: number }
  /** At least `need` bytes in all are wanted before another try makes sense. */
  | { readonly kind: "more"; readonly need: number }
  | { readonly kind: "bad"; readonly at: number; readonly why: string };

export function ok<T>(value: T, used: number): Decoded<T> {
  return { kind: "ok", value, used };
}

export function more<T = never>(need: number): Decoded<T> {
  return { kind: "more", need };
}

export function bad<T = never>(at: number, why: string): Decoded<T> {
  return { kind: "bad", at, why };
}
