/** Longest that a program may run, milliseconds; then it is killed. */
const PROGRAM_MILLIS = 25_000;

/** Runs a program without input; answers what it printed, what it said on standard error, and its exit code. */
export async function run(...command: string[]): Promise<{ out: string; said: string; code: number }> {
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  const timer = setTimeout(() => child.kill(), PROGRAM_MILLIS);
  const [out, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(timer);
  return { out, said, code };
}
