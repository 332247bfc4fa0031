import { stringify } from "yaml";
import { isPlainMap, type Plain } from "./plain.ts";

/** How a file writes: what is added looks like what is there. */
export interface Layout {
  readonly json: boolean;
  /** Blanks of one level. */
  readonly indent: string;
}

/** Scalars and lists that need no lines of their own. */
export function fitsInline(value: Plain): boolean {
  if (isPlainMap(value)) return Object.keys(value).length === 0;
  if (Array.isArray(value)) return value.every((item) => fitsInline(item) && !Array.isArray(item));
  return typeof value !== "string" || !value.includes("\n");
}

/** A value in flow style on one line, such as `{ a: 1, b: [x, y] }`; strict JSON where the file is JSON. */
export function printFlow(value: Plain, { json }: Layout): string {
  if (Array.isArray(value)) {
    return `[${value.map((item) => printFlow(item, { json, indent: "" })).join(", ")}]`;
  }
  if (isPlainMap(value)) {
    const pairs = Object.entries(value).map(([key, item]) =>
      `${printKey(key, json)}: ${printFlow(item, { json, indent: "" })}`
    );
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  return json ? JSON.stringify(value) : printScalar(value, true);
}

/** A value in flow style, each key of a mapping on a line of its own behind `margin`. */
export function printFlowLines(value: Plain, layout: Layout, margin: string): string {
  if (!isPlainMap(value) || Object.keys(value).length === 0) return printFlow(value, layout);
  const inner = margin + layout.indent;
  const pairs = Object.entries(value).map(([key, item]) =>
    `${inner}${printKey(key, layout.json)}: ${printFlowLines(item, layout, inner)}`
  );
  return `{\n${pairs.join(",\n")}\n${margin}}`;
}

/** One key with its value in block style, each line behind `margin`, without the last line break. */
export function printBlockPair(key: string, value: Plain, layout: Layout, margin: string): string {
  if (fitsInline(value)) return `${margin}${printKey(key, false)}: ${printFlow(value, layout)}`;
  const text = stringify({ [key]: value }, { indent: layout.indent.length, lineWidth: 0 }).trimEnd();
  return text.split("\n").map((line) => line === "" ? line : margin + line).join("\n");
}

/** A scalar on one line as YAML, in the quotes of the one that it replaces where that is possible. */
export function printScalar(value: Plain, inFlow: boolean, like?: string): string {
  if (typeof value !== "string") return String(value);
  if (like === "QUOTE_DOUBLE") return JSON.stringify(value);
  // deno-lint-ignore no-control-regex
  const simple = !/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(value);
  if (like === "QUOTE_SINGLE" && simple) return `'${value.replaceAll("'", "''")}'`;
  const text = stringify(value, { lineWidth: 0 }).trimEnd();
  const quoted = text.startsWith('"') || text.startsWith("'");
  return !simple || text.includes("\n") || (inFlow && !quoted && /[,[\]{}]/.test(text))
    ? JSON.stringify(value)
    : text;
}

export function printKey(key: string, json: boolean): string {
  return json ? JSON.stringify(key) : printScalar(key, true);
}
