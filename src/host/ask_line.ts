import process from "node:process";

/** Whether somebody sits at the standard input. */
export function isAttended(): boolean {
  return process.stdin.isTTY === true;
}

/** Asks at the terminal, on standard error, and reads a line; empty at the end of the input. */
export function askLine(question: string): Promise<string> {
  const input = process.stdin;
  process.stderr.write(question);
  return new Promise((resolve) => {
    const finish = (line: string) => {
      input.off("data", take);
      input.off("end", end);
      input.pause();
      resolve(line.trim());
    };
    const take = (chunk: Uint8Array | string) => finish(String(chunk).split("\n")[0] ?? "");
    const end = () => finish("");
    input.on("data", take);
    input.on("end", end);
    input.resume();
  });
}
