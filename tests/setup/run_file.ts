export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface FileResult extends Counts {
  readonly seconds: number;
  readonly output: string;
}

/** What `bun test` says at its end; at least one failure when it ended badly, or ran nothing. */
export function readCounts(output: string, exitCode: number): Counts {
  const count = (what: string): number => {
    const found = [...output.matchAll(new RegExp(`^ *(\\d+) ${what}$`, "gm"))].at(-1);
    return Number(found?.[1] ?? 0);
  };
  const passed = count("pass");
  const skipped = count("skip") + count("todo");
  let failed = count("fail") + count("errors?");
  if (failed === 0 && (exitCode !== 0 || passed + skipped === 0)) failed = 1;
  return { passed, failed, skipped };
}

/**
 * Runs one test file in a process group of its own, which is ended after `limitSeconds`, and whatever it left running
 * with it.
 */
export async function runFile(
  path: string,
  limitSeconds: number,
  env: Record<string, string>,
): Promise<FileResult> {
  const started = performance.now();
  const child = Bun.spawn([process.execPath, "test", "--timeout", "20000", `./${path}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...env, NO_COLOR: "1" },
    detached: true,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child.pid);
  }, limitSeconds * 1000);
  const texts = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const exitCode = await child.exited;
  clearTimeout(timer);
  // a peer left behind would hold the pipes open, and the next file's ports
  endGroup(child.pid);
  let output = (await texts).join("");
  if (late) output += `\n${path} took longer than ${limitSeconds} s and was ended\n`;
  return { ...readCounts(output, exitCode), seconds: (performance.now() - started) / 1000, output };
}

/** What of a failed file's output is worth reading: no passes, and at most `max` lines, from both ends. */
export function worthReading(output: string, max = 200): string {
  const lines = output.split("\n").filter((line) => !line.startsWith("(pass)") && !line.startsWith("(skip)"));
  if (lines.length <= max) return lines.join("\n");
  const head = lines.slice(0, Math.ceil(max * 0.75));
  const tail = lines.slice(lines.length - Math.floor(max * 0.25));
  return [...head, `… ${lines.length - max} lines left out …`, ...tail].join("\n");
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (failure) {
    // nobody left in it: as it should be
    if (!(failure instanceof Error && "code" in failure && failure.code === "ESRCH")) throw failure;
  }
}
