/** A source file reduced to what rules look at. */
export interface SourceText {
  /** Comments and the insides of strings blanked; line breaks kept, so that offsets and lines stay true. */
  readonly code: string;
  /** Comments alone blanked. */
  readonly withStrings: string;
}

const BEFORE_REGEX =
  /(?:^|[=(,:;!&|?{}[\n+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|await|yield|throw|else|do))\s*$/;

/** Tells code from comments, strings, templates and regular expressions. Good enough for this project's own sources. */
export function readSource(text: string): SourceText {
  const code = [...text];
  const withStrings = [...text];
  const blank = (from: number, to: number, comment: boolean) => {
    for (let i = from; i < to && i < text.length; i++) {
      if (text[i] === "\n") continue;
      code[i] = " ";
      if (comment) withStrings[i] = " ";
    }
  };
  /** Brace depths at which a template's `${` was opened. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const c = text[at] as string;
    const next = text[at + 1];
    if (c === "/" && (next === "/" || next === "*")) {
      const end = next === "/" ? text.indexOf("\n", at) : text.indexOf("*/", at + 2) + 2;
      const to = next === "/" ? (end < 0 ? text.length : end) : (end < 2 ? text.length : end);
      blank(at, to, true);
      at = to;
    } else if (c === '"' || c === "'") {
      const end = endOfString(text, at, c);
      blank(at + 1, end - 1, false);
      at = end;
    } else if (c === "`" || (c === "}" && templates[templates.length - 1] === depth)) {
      if (c === "}") templates.pop();
      const end = endOfTemplate(text, at + 1);
      blank(at + 1, end.at, false);
      if (end.opens) templates.push(depth);
      at = end.at + (end.opens ? 2 : 1);
    } else if (c === "/" && BEFORE_REGEX.test(text.slice(Math.max(0, at - 20), at))) {
      const end = endOfRegex(text, at);
      blank(at + 1, end - 1, false);
      at = end;
    } else {
      if (c === "{") depth++;
      else if (c === "}") depth--;
      at++;
    }
  }
  return { code: code.join(""), withStrings: withStrings.join("") };
}

/** Offset behind the closing quote. */
function endOfString(text: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < text.length && text[at] !== quote && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfTemplate(text: string, from: number): { at: number; opens: boolean } {
  let at = from;
  while (at < text.length && text[at] !== "`") {
    if (text[at] === "$" && text[at + 1] === "{") return { at, opens: true };
    at += text[at] === "\\" ? 2 : 1;
  }
  return { at, opens: false };
}

function endOfRegex(text: string, from: number): number {
  let at = from + 1;
  let inClass = false;
  while (at < text.length && text[at] !== "\n" && (inClass || text[at] !== "/")) {
    if (text[at] === "[") inClass = true;
    else if (text[at] === "]") inClass = false;
    at += text[at] === "\\" ? 2 : 1;
  }
  return at + 1;
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** From 1. */
  readonly line: number;
}

const IMPORT =
  /(?<![.\w])(?:import\s*\(\s*(["'])([^"'\n]+)\1|(?:import|export)\s+(type\s)?(?:[\w$*\s{},]*?\s*from\s*)?(["'])([^"'\n]+)\4|new\s+URL\s*\(\s*(["'])([^"'\n]+)\6)/g;

/** Every module that a file names: import, export from, `import()`, and `new URL("./x.ts", …)`. */
export function readImports(text: string): Import[] {
  const { withStrings, code } = readSource(text);
  const found: Import[] = [];
  for (const match of withStrings.matchAll(IMPORT)) {
    const at = match.index;
    if (!/\w/.test(code[at] ?? "")) continue; // inside a string
    const specifier = match[2] ?? match[5] ?? match[7];
    if (specifier === undefined) continue;
    const line = text.slice(0, at).split("\n").length;
    found.push({ specifier, typeOnly: match[3] !== undefined, line });
  }
  return found;
}

/** `../base/x.ts` as seen from `src/a/b.ts` is `src/base/x.ts`; undefined for what is no relative path. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
