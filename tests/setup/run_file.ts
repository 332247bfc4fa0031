import { existsSync, readdirSync, readFileSync } from "node:fs";

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

/** Longest that one test may take, unless it says otherwise; what waits in vain says so earlier. Milliseconds. */
const TEST_MILLIS = 60_000;
/** How long what a file printed is waited for once all that it started was ended, milliseconds. */
const OUTPUT_MILLIS = 5000;
/** Variable of the environment that tells what a test file started, in whatever process group or session that is. */
const MARK = "TEST_FILE_MARK";

let files = 0;

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
  const mark = `${process.pid}-${files++}`;
  const child = Bun.spawn([process.execPath, "test", "--timeout", String(TEST_MILLIS), `./${path}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...env, NO_COLOR: "1", [MARK]: mark },
    detached: true,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child.pid);
  }, limitSeconds * 1000);
  const printed = [follow(child.stdout), follow(child.stderr)];
  const exitCode = await child.exited;
  clearTimeout(timer);
  // a peer left behind would hold the pipes open, and the next file's ports
  endGroup(child.pid);
  endMarked(mark);
  await Promise.race([Promise.all(printed.map((one) => one.ended)), Bun.sleep(OUTPUT_MILLIS)]);
  let output = printed.map((one) => one.text).join("");
  if (late) output += `\n${path} took longer than ${limitSeconds} s and was ended\n`;
  return { ...readCounts(output, exitCode), seconds: (performance.now() - started) / 1000, output };
}

/** Text that comes from a pipe, as far as it has come. */
function follow(pipe: ReadableStream<Uint8Array>): { text: string; readonly ended: Promise<void> } {
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const bytes of pipe) printed.text += decoder.decode(bytes, { stream: true });
  };
  const printed: { text: string; ended: Promise<void> } = { text: "", ended: Promise.resolve() };
  printed.ended = read();
  return printed;
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
  endProcess(-pid);
}

/** Ends what was started with a mark and left its group, as daemons and browsers do. */
function endMarked(mark: string): void {
  if (!existsSync("/proc/self/environ")) return;
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name) && environmentOf(name).includes(`${MARK}=${mark}`)) endProcess(Number(name));
  }
}

/** Variables that a process was started with; none where it has ended, or is somebody else's. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch (failure) {
    if (failure instanceof Error && "code" in failure) return [];
    throw failure;
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (failure) {
    // it has ended meanwhile: as it should be
    if (!(failure instanceof Error && "code" in failure && failure.code === "ESRCH")) throw failure;
  }
}
