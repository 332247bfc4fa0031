import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastWords, quoteInFailures } from "./last_words.ts";

/** The compiled binary under test. */
export const BINARY = process.env["FOGCAST_BINARY"] ??
  new URL("../../dist/fogcast", import.meta.url).pathname;

export interface RunningFogcast {
  /** `http://127.0.0.1:PORT`, as the server printed it. */
  readonly url: string;
  readonly pid: number;
  /** All that it printed so far. */
  output(): string;
  /** Resolves when `text` was printed; rejects with all output after `ms`. */
  printed(text: string | RegExp, ms?: number): Promise<string>;
  /** SIGTERM, answers the exit code and how long it took. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<{ code: number; ms: number }>;
}

/**
 * Starts the binary (or `command` instead of it) with a configuration of the given text and waits until it listens.
 * The port is the system's choice: the text must not set one. `http`: further lines of the section `http`.
 */
export async function startFogcast(
  yaml: string,
  command: readonly string[] = [BINARY],
  http = "",
): Promise<RunningFogcast> {
  const folder = await mkdtemp(join(tmpdir(), "fogcast-test-"));
  const config = join(folder, "fogcast.yaml");
  // many servers run at the same time: not all on the API's own port
  const api = /^api:/m.test(yaml) ? "" : "api: { listen: 127.0.0.1:0 }\n";
  const rtsp = /^rtspServer:/m.test(yaml) ? "" : "rtspServer: { listen: [] }\n";
  await writeFile(
    config,
    `http:\n  listen: 127.0.0.1:0\n${http.replaceAll(/^(?=.)/gm, "  ")}\n${api}${rtsp}${yaml}`,
  );
  return startCommand(
    [...command, "serve", "--no-guardian", "--config", config],
    () => rm(folder, { recursive: true, force: true }),
  );
}

/** Starts any command of the binary that prints the address it listens on. */
export async function startCommand(
  command: readonly string[],
  cleanUp: () => Promise<void> = () => Promise.resolve(),
): Promise<RunningFogcast> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  let text = "";
  let stopping = false;
  const quiet = quoteInFailures(`${command.slice(0, 2).join(" ")} (${child.pid})`, () => text);
  const changed = new Set<() => void>();
  const follow = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      for (const wake of changed) wake();
    }
  };
  void follow(child.stdout);
  void follow(child.stderr);
  void child.exited.then((code) => {
    // a server that vanishes in the middle of a test is seen in its output, that of one that was stopped is left alone
    if (code !== 0 && !stopping) text += `it ended with ${code}, ${child.signalCode ?? "by itself"}\n`;
    for (const wake of changed) wake();
  });
  const printed = (wanted: string | RegExp, ms = 20_000) =>
    new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => finish(new Error(`not printed within ${ms} ms: ${wanted}\n${text}`)),
        ms,
      );
      const look = () => {
        const found = typeof wanted === "string" ? text.includes(wanted) && wanted : wanted.exec(text)?.[0];
        if (found) finish(found);
        else if (child.exitCode !== null) {
          finish(new Error(`ended with ${child.exitCode} before ${wanted}\n${text}`));
        }
      };
      const finish = (result: string | Error) => {
        clearTimeout(timer);
        changed.delete(look);
        if (typeof result === "string") resolve(result);
        else reject(result);
      };
      changed.add(look);
      look();
    });
  const stop = async (signal: "SIGTERM" | "SIGINT" = "SIGTERM") => {
    const before = performance.now();
    stopping = true;
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
    const code = await child.exited;
    clearTimeout(late);
    quiet();
    await cleanUp();
    return { code, ms: performance.now() - before };
  };
  try {
    const url = await printed(/https?:\/\/[\w.:[\]-]+:\d+/);
    return { url, pid: child.pid, output: () => text, printed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Asks again until `good` answers something, or fails after `ms` with the last failure and with what the servers of the
 * test said last. It is asked once more when the time is over: a machine that stood still shows no less than a quick one.
 * `lastLook`: for how many milliseconds more an answer of `good` is waited for.
 */
export async function until<T>(
  ms: number,
  what: string,
  good: () => Promise<T | undefined>,
  lastLook = 10_000,
): Promise<T> {
  const end = performance.now() + ms;
  const fail = (last: unknown) => {
    const found = last === undefined ? "" : `: ${last}`;
    return new Error(`not within ${ms} ms: ${what}${found}${lastWords()}`);
  };
  let last: unknown;
  for (let over = false; !over;) {
    over = performance.now() >= end;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const left = Math.max(0, end - performance.now()) + lastLook;
      timer = setTimeout(() => reject(fail("nothing, it is still being looked for")), left);
    });
    const looking = (async () => await good())().catch((error) => void (last = error));
    const found = await Promise.race([looking, late]).finally(() => clearTimeout(timer));
    if (found !== undefined) return found;
    if (!over) await Bun.sleep(50);
  }
  throw fail(last);
}
