/** Longest command, in characters. */
export const COMMAND_MAX = 4096;

/**
 * Splits a command into its words as a shell does (POSIX 2.2): blanks divide, `'…'` keeps everything, `"…"` keeps all but
 * `\` before `"`, `\`, `$` and `` ` ``, `\` keeps the character behind it. Nothing is expanded: whoever wants variables or
 * pipes names a shell, `sh -c '…'`. A string says what is wrong.
 */
export function splitCommand(text: string): string[] | string {
  if (text.length > COMMAND_MAX) return `at most ${COMMAND_MAX} characters`;
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= "";
    if (c === "\\") {
      if (++i >= text.length) return "nothing behind the last \\";
      word += text[i] as string;
    } else if (c === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) return "a ' without its end";
      word += text.slice(i + 1, end);
      i = end;
    } else if (c === '"') {
      for (i++; text[i] !== '"'; i++) {
        if (i >= text.length) return 'a " without its end';
        if (text[i] === "\\" && '"\\$`'.includes(text[i + 1] ?? " ")) i++;
        word += text[i] as string;
      }
    } else word += c;
  }
  if (word !== undefined) words.push(word);
  return words;
}
