/** Longest stream name, as the reference product has it. */
export const STREAM_NAME_MAX = 100;

const BASE = /^[a-z0-9_.-]+$/;

/**
 * Normalises a stream name as viewers write it: lower case before the first `+` (a space is equal to `+`), free text
 * after it, everything from `?` on cut. Answers undefined for a name that cannot be.
 */
export function parseStreamName(text: string): string | undefined {
  const query = text.indexOf("?");
  // Only the space that stands where the first + would: those of the free text stay.
  const name = (query < 0 ? text : text.slice(0, query)).replace(/^([^+ ]*) /, "$1+");
  if (name.length === 0 || name.length > STREAM_NAME_MAX) return undefined;
  const plus = name.indexOf("+");
  const base = (plus < 0 ? name : name.slice(0, plus)).toLowerCase();
  if (!BASE.test(base) || base === "." || base === "..") return undefined;
  if (plus < 0) return base;
  const wild = name.slice(plus);
  for (let i = 0; i < wild.length; i++) {
    const c = wild.charCodeAt(i);
    if (c < 0x20 || c === 0x7f || c === 0x2f || c === 0x5c) return undefined;
  }
  return base + wild;
}

/** The part of a stream name that the configuration knows: before the first `+`. */
export function baseOf(name: string): string {
  const plus = name.indexOf("+");
  return plus < 0 ? name : name.slice(0, plus);
}
