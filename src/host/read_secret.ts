import process from "node:process";

/** Longest line that is read. */
export const SECRET_MAX = 1000;

/**
 * A line from standard input, without its line break: from a terminal after `prompt` and without echo, else the first
 * line that is there. Throws for one that is too long, and for Ctrl-C.
 */
export function readSecret(prompt: string): Promise<string> {
  const input = process.stdin;
  const isTerminal = input.isTTY === true;
  if (isTerminal) {
    process.stderr.write(prompt);
    input.setRawMode(true);
  }
  input.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    let line = "";
    const finish = (failure?: Error) => {
      input.off("data", take);
      input.off("end", end);
      if (isTerminal) {
        input.setRawMode(false);
        process.stderr.write("\n");
      }
      input.pause();
      if (failure === undefined) resolve(line);
      else reject(failure);
    };
    const take = (chunk: string) => {
      for (const c of chunk) {
        if (c === "\n" || c === "\r" || c === "\x04") return finish();
        if (isTerminal && c === "\x03") return finish(new Error("interrupted"));
        if (isTerminal && (c === "\x7f" || c === "\b")) line = [...line].slice(0, -1).join("");
        else line += c;
        if (line.length > SECRET_MAX) return finish(new Error(`more than ${SECRET_MAX} characters`));
      }
    };
    const end = () => finish();
    input.on("data", take);
    input.on("end", end);
    input.resume();
  });
}
