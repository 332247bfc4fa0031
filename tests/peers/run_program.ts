/** What a program said and how it ended. */
export interface Ended {
  readonly out: string;
  readonly said: string;
  /** -1 when it was ended because it took too long. */
  readonly code: number;
}

/** Runs a program to its end, or for at most `ms`. */
export async function runProgram(ms: number, ...command: string[]): Promise<Ended> {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, ms);
  const [out, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(timer);
  return { out, said, code: late ? -1 : code };
}
