import { bun, compiled, EMBEDDED_ROOT } from "./runtime.ts";
import process from "node:process";

/** How a process ended: by itself with a code, or by a signal. */
export interface ChildEnd {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

export interface ChildProcess {
  readonly pid: number;
  /** Sends a message; false when the process is gone. */
  send(message: unknown): boolean;
  kill(signal: "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGHUP"): void;
}

export interface ChildHandlers {
  message(message: unknown): void;
  /** A line that it wrote to its standard error. */
  errorLine(line: string): void;
  /** Called once, after its last error line. */
  ended(how: ChildEnd): void;
}

/** Longest line of standard error that is kept whole; the rest of it is cut off. */
export const ERROR_LINE_MAX = 4096;
/** How long the last error lines of an ended process are waited for, milliseconds: a grandchild may hold the pipe. */
const LAST_LINES_MILLIS = 200;

/** Whether {@link spawnProgram} works in this runtime. */
export const canSpawn: boolean = bun !== undefined;

/**
 * Starts this program, or `executable` in its place, with arguments. It shares standard input and output, its standard error
 * comes as lines, and messages go both ways: see {@link parentProcess}. Throws when it cannot be started.
 */
export function spawnProgram(
  args: readonly string[],
  o: { readonly executable?: string; readonly environment: Readonly<Record<string, string>> },
  on: ChildHandlers,
): ChildProcess {
  if (bun === undefined) throw new Error("Cannot start processes in this runtime");
  const script = process.argv[1];
  const own = compiled || script === undefined || script.startsWith(EMBEDDED_ROOT) ? [] : [script];
  const command = o.executable === undefined ? [process.execPath, ...own] : [o.executable];
  let lines = Promise.resolve();
  const child = bun.spawn({
    cmd: [...command, ...args],
    env: { ...process.env, ...o.environment },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "pipe",
    serialization: "json",
    ipc: (message) => on.message(message),
    onExit(_child, code, signal) {
      const end = { code: code ?? undefined, signal: signal === null ? undefined : signalName(signal) };
      const late = new Promise<void>((resolve) => setTimeout(resolve, LAST_LINES_MILLIS));
      void Promise.race([lines, late]).then(() => on.ended(end));
    },
  });
  lines = readLines(child.stderr, (line) => on.errorLine(line));
  let gone = false;
  void child.exited.then(() => gone = true);
  return {
    pid: child.pid,
    send(message) {
      if (gone) return false;
      try {
        child.send(message);
        return true;
      } catch (failure) {
        // the channel closes a moment before the exit is known
        return !(failure instanceof Error);
      }
    },
    kill(signal) {
      if (!gone) child.kill(signal);
    },
  };
}

function signalName(signal: number | string): string {
  const names: Readonly<Record<number, string>> = {
    1: "SIGHUP",
    2: "SIGINT",
    4: "SIGILL",
    5: "SIGTRAP",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    15: "SIGTERM",
  };
  return typeof signal === "string" ? signal : names[signal] ?? `signal ${signal}`;
}

async function readLines(stream: ReadableStream<Uint8Array>, put: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = (parts.pop() ?? "").slice(0, ERROR_LINE_MAX);
    for (const part of parts) put(part.slice(0, ERROR_LINE_MAX));
  }
  if (rest !== "") put(rest);
}

export interface ParentProcess {
  /** Sends a message; quietly does nothing once the parent is gone. */
  send(message: unknown): void;
  onMessage(run: (message: unknown) => void): void;
  /** The parent ended or let go. */
  onGone(run: () => void): void;
}

/** The process that started this one with {@link spawnProgram}; undefined when none did. */
export function parentProcess(): ParentProcess | undefined {
  if (bun === undefined || typeof process.send !== "function") return undefined;
  return {
    send(message) {
      if (process.connected) process.send?.(message);
    },
    onMessage(run) {
      process.on("message", run);
    },
    onGone(run) {
      process.on("disconnect", run);
    },
  };
}

/** Sends a signal to a process by its number; false when there is none, or it may not be signalled. */
export function signalProcess(pid: number, signal: "SIGUSR1" | "SIGTERM" | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (failure) {
    if (failure instanceof Error && "code" in failure) return failure.code === "EPERM" && signal === 0;
    throw failure;
  }
}
