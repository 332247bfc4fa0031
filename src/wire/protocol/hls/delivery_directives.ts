/** RFC 8216bis, 6.2.5: what a client asks of a media playlist in its query. */
export interface DeliveryDirectives {
  /** `_HLS_msn`: answer when the playlist holds this segment (or its part). */
  readonly msn: number | undefined;
  /** `_HLS_part`: index of the part in segment `msn`. */
  readonly part: number | undefined;
  /** `_HLS_skip`: a delta update is welcome. */
  readonly skip: boolean;
}

/** Nothing asked. */
export const NO_DIRECTIVES: DeliveryDirectives = { msn: undefined, part: undefined, skip: false };

/** Nobody counts further; keeps sums exact. */
const MAX = 2 ** 48;

/**
 * Reads the directives; other parameters are not looked at. Answers a text that says what is wrong with them.
 * `get` gives a decoded query parameter.
 */
export function parseDirectives(get: (name: string) => string | undefined): DeliveryDirectives | string {
  const msn = whole(get("_HLS_msn"));
  const part = whole(get("_HLS_part"));
  const skip = get("_HLS_skip");
  if (Number.isNaN(msn)) return "_HLS_msn: expected a whole number";
  if (Number.isNaN(part)) return "_HLS_part: expected a whole number";
  if (part !== undefined && msn === undefined) return "_HLS_part without _HLS_msn";
  if (skip !== undefined && skip !== "YES" && skip !== "v2") return "_HLS_skip: expected YES or v2";
  return { msn, part, skip: skip !== undefined };
}

/** Undefined when absent, NaN when it is no decimal integer. */
function whole(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) return NaN;
  const value = Number(text);
  return value < MAX ? value : NaN;
}

/**
 * RFC 8216bis, 6.2.5.2: how many parts beyond the last one a client may ask for: three, or three seconds' worth
 * where parts are shorter than a second.
 */
export function advancePartLimit(partTargetSeconds: number): number {
  return partTargetSeconds >= 1 ? 3 : Math.ceil(3 / partTargetSeconds);
}
