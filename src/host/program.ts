import type { ChildEnd } from "./child.ts";
import { nodeModule } from "./runtime.ts";

/** Longest line of standard error that is kept whole; the rest of it is cut off. */
const LINE_MAX = 4096;
/** How long a program may take to end by itself when it was asked to, milliseconds. */
const KILL_AFTER = 2000;

export interface ProgramOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** What it reads: nothing, or what this process was given. */
  readonly input: "nothing" | "ours";
  /** A line that it wrote to its standard error. */
  errorLine(line: string): void;
}

/** A program whose output is read. */
export interface RunningProgram {
  readonly pid: number;
  /** Its standard output; it waits while nobody reads. Ends with the program's output. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when it has ended. */
  readonly ended: Promise<ChildEnd>;
  /** Ends it and all that it started: SIGTERM, SIGKILL after two seconds. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts a program in a process group of its own. Rejects when it cannot be started. */
export function startProgram(o: ProgramOptions): Promise<RunningProgram> {
  const [file = "", ...args] = o.command;
  const child = nodeModule("node:child_process").spawn(file, args, {
    stdio: [o.input === "ours" ? "inherit" : "ignore", "pipe", "pipe"],
    // what reads a terminal has to stay in its group
    detached: o.input === "nothing",
  });
  const { stdout, stderr } = child;
  let rest = "";
  stderr?.on("data", (bytes: Uint8Array) => {
    const lines = (rest + new TextDecoder().decode(bytes)).split("\n");
    rest = (lines.pop() ?? "").slice(0, LINE_MAX);
    for (const line of lines) o.errorLine(line.slice(0, LINE_MAX));
  });
  stderr?.on("end", () => {
    if (rest !== "") o.errorLine(rest);
  });
  let over = false;
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once("close", (code, signal) => {
      over = true;
      resolve({ code: code ?? undefined, signal: signal ?? undefined });
    });
  });
  const kill = (signal: "SIGTERM" | "SIGKILL") => {
    if (over || child.pid === undefined) return;
    try {
      if (o.input === "nothing") nodeModule("node:process").kill(-child.pid, signal);
      else child.kill(signal);
    } catch (failure) {
      // it ended a moment ago
      if (!(failure instanceof Error) || !("code" in failure) || failure.code !== "ESRCH") throw failure;
    }
  };
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      child.on("error", () => kill("SIGKILL"));
      resolve({
        pid: child.pid ?? 0,
        output: stdout as AsyncIterable<Uint8Array>,
        ended,
        async stop() {
          stdout?.destroy();
          kill("SIGTERM");
          const late = setTimeout(() => kill("SIGKILL"), KILL_AFTER);
          await ended;
          clearTimeout(late);
        },
      });
    });
  });
}
