import { hostname } from "node:os";
import process from "node:process";

/** Bytes that may wait for a slow reader of standard output or error; lines beyond them are dropped and counted. */
const OUTPUT_QUEUE_MAX = 1024 * 1024;

/** Arguments after the program's own name. */
export function args(): readonly string[] {
  return process.argv.slice(2);
}

/** Environment variable; undefined when it is not set. */
export function env(name: string): string | undefined {
  return process.env[name];
}

/** All environment variables. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

export const pid: number = process.pid;

/** Where relative paths begin. */
export function workingDirectory(): string {
  return process.cwd();
}

/** Name of this machine. */
export function hostName(): string {
  return hostname();
}

/** Path of the running executable: the binary itself, or the runtime when run from source. */
export const executablePath: string = process.execPath;

export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";

/** Calls `run` at each signal in place of what the system would do; the answer stops that. Main thread only. */
export function onSignal(name: SignalName, run: () => void): () => void {
  process.on(name, run);
  return () => {
    process.off(name, run);
  };
}

/** Ends the process at once (in a worker: that worker alone). 0 ok, 1 failure, 2 usage or configuration. */
export function exit(code: number): never {
  process.exit(code);
}

class Output {
  readonly #stream: NodeJS.WriteStream;
  /** Characters that were not taken yet; Bun's `writableLength` is 0 whatever waits. */
  #waiting = 0;
  #dropped = 0;
  #broken = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  write(text: string): void {
    if (this.#broken) return;
    if (this.#stream.listenerCount("error") === 0) this.#stream.on("error", () => this.#broken = true);
    if (this.#waiting > OUTPUT_QUEUE_MAX) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      this.#put(`(${this.#dropped} lines dropped: the reader of this output is too slow)\n`);
      this.#dropped = 0;
    }
    this.#put(text);
  }

  #put(text: string): void {
    this.#waiting += text.length;
    this.#stream.write(text, () => this.#waiting -= text.length);
  }
}

const output = new Output(process.stdout);
const errors = new Output(process.stderr);

/** Writes a line to standard output; never waits, drops lines when nobody reads, and stays quiet once it is closed. */
export function printLine(text: string): void {
  output.write(text + "\n");
}

/** The same for standard error. */
export function printErrorLine(text: string): void {
  errors.write(text + "\n");
}

/** Whether a person may be looking: colours make sense. */
export function isTerminal(which: "stdout" | "stderr"): boolean {
  return (which === "stdout" ? process.stdout : process.stderr).isTTY === true;
}

/** Resident memory of the whole process, in bytes. */
export function residentBytes(): number {
  return process.memoryUsage().rss;
}

/** Processor time that the whole process has used so far, all threads, in milliseconds. */
export function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Threads that may run at once on this machine. */
export function processors(): number {
  return Math.max(1, navigator.hardwareConcurrency);
}
