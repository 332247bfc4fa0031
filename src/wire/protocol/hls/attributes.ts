/**
 * RFC 8216bis, 4.2: attribute lists. A text goes out quoted; {@link Bare} values (numbers, enumerated words,
 * resolutions) go out as they are; undefined is left out.
 */
export type AttributeValue = string | number | Bare | undefined;

/** An unquoted value: an enumerated string such as `YES`, a resolution, a decimal printed by the caller. */
export class Bare {
  constructor(readonly text: string) {}
}

export const YES = new Bare("YES");
export const NO = new Bare("NO");

/** `#TAG:A=1,B="x"` of what is defined, in the order given. Numbers are printed by {@link printDecimal}. */
export function printTag(tag: string, attributes: readonly (readonly [string, AttributeValue])[]): string {
  let out = `#${tag}`;
  let separator = ":";
  for (const [name, value] of attributes) {
    if (value === undefined) continue;
    out += `${separator}${name}=${printValue(value)}`;
    separator = ",";
  }
  return out;
}

function printValue(value: string | number | Bare): string {
  if (typeof value === "number") return printDecimal(value);
  return value instanceof Bare ? value.text : `"${quotable(value)}"`;
}

/** A quoted string cannot hold line feeds, carriage returns or double quotes, and has no escapes: they are dropped. */
function quotable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f"]/g, "");
}

/** A number without exponent, at most six decimals, no trailing zeros: `0.2`, `2`, `0.213333`. */
export function printDecimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(0) : String(Number(value.toFixed(6)));
}
