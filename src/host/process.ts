import process from "node:process";
import { isatty } from "node:tty";
import { bun } from "./runtime.ts";

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

/** What {@link exit} is not needed for: the code that the process ends with when nothing is left to do. */
export function setExitCode(code: number): void {
  process.exitCode = code;
}

/** Calls `run` for an error that nothing caught, promise or not, in place of ending the thread. */
export function onUncaught(run: (failure: unknown) => void): void {
  process.on("uncaughtException", run);
  process.on("unhandledRejection", run);
}

/** A place for lines: says how many bytes wait, and whether nobody reads any more. */
interface LineSink {
  readonly waiting: number;
  readonly broken: boolean;
  write(text: string): void;
}

class NodeSink implements LineSink {
  readonly #stream: NodeJS.WriteStream;
  broken = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on("error", () => this.broken = true);
  }

  get waiting(): number {
    return this.#stream.writableLength;
  }

  write(text: string): void {
    this.#stream.write(text);
  }
}

/** Bun's own sink: the process is 6 MB smaller than with node's streams. */
class BunSink implements LineSink {
  readonly #sink: Bun.FileSink;
  waiting = 0;
  broken = false;

  constructor(sink: Bun.FileSink) {
    this.#sink = sink;
  }

  write(text: string): void {
    this.#sink.write(text);
    this.waiting += text.length;
    try {
      const flushed = this.#sink.flush();
      if (typeof flushed === "number") this.waiting = 0;
      else flushed.then(() => this.waiting = 0, () => this.broken = true);
    } catch {
      // Nobody reads any more (EPIPE): what is said from now on is for nobody.
      this.broken = true;
    }
  }
}

class Output {
  readonly #open: () => LineSink;
  #sink: LineSink | undefined;
  #dropped = 0;

  constructor(open: () => LineSink) {
    this.#open = open;
  }

  write(text: string): void {
    const sink = this.#sink ??= this.#open();
    if (sink.broken) return;
    if (sink.waiting > OUTPUT_QUEUE_MAX) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      sink.write(`(${this.#dropped} lines dropped: the reader of this output is too slow)\n`);
      this.#dropped = 0;
    }
    sink.write(text);
  }
}

const output = new Output(() =>
  bun === undefined ? new NodeSink(process.stdout) : new BunSink(bun.stdout.writer())
);
const errors = new Output(() =>
  bun === undefined ? new NodeSink(process.stderr) : new BunSink(bun.stderr.writer())
);

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
  return isatty(which === "stdout" ? 1 : 2);
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
