/**
 * JSON with comments as text that YAML reads: every line and block comment, and every tab, becomes blanks of the same length,
 * so that positions stay true. What is inside strings is left alone.
 */
export function blankJsonComments(text: string): string {
  let out = "";
  let from = 0;
  let at = 0;
  const blank = (end: number) => {
    out += text.slice(from, at) + text.slice(at, end).replace(/[^\n]/g, " ");
    from = at = end;
  };
  while (at < text.length) {
    const c = text[at];
    if (c === '"') {
      at++;
      while (at < text.length && text[at] !== '"' && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
      at++;
    } else if (c === "/" && text[at + 1] === "/") {
      const end = text.indexOf("\n", at);
      blank(end < 0 ? text.length : end);
    } else if (c === "/" && text[at + 1] === "*") {
      const end = text.indexOf("*/", at + 2);
      blank(end < 0 ? text.length : end + 2);
    } else if (c === "\t") blank(at + 1);
    else at++;
  }
  return out + text.slice(from);
}
