/** An attribute's value; undefined leaves the attribute out. */
export type XmlValue = string | number | boolean | undefined;

/** An element: its name, attributes in order, and elements in it, or text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, XmlValue>>;
  readonly children: readonly (XmlElement | string)[];
}

/** One element. */
export function element(
  name: string,
  attributes: Readonly<Record<string, XmlValue>>,
  ...children: readonly (XmlElement | string | undefined)[]
): XmlElement {
  return { name, attributes, children: children.filter((c) => c !== undefined) };
}

/** A document (XML 1.0), two spaces a level. An element has either text, which stands alone in it, or elements. */
export function printXml(root: XmlElement): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  push(lines, root, "");
  lines.push("");
  return lines.join("\n");
}

function push(lines: string[], { name, attributes, children }: XmlElement, indent: string): void {
  let tag = `${indent}<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}="${escape(String(value))}"`;
  }
  if (children.length === 0) {
    lines.push(`${tag}/>`);
    return;
  }
  const [only] = children;
  if (typeof only === "string") {
    lines.push(`${tag}>${escape(only)}</${name}>`);
    return;
  }
  lines.push(`${tag}>`);
  for (const child of children) if (typeof child !== "string") push(lines, child, `${indent}  `);
  lines.push(`${indent}</${name}>`);
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML cannot hold at all (control characters) is dropped. */
function escape(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f]/g, "").replace(/[&<>"]/g, (c) => ESCAPES[c] as string);
}
