import { expect, test } from "bun:test";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuMillis, env, pid, printErrorLine, processors, residentBytes } from "../../src/host/process.ts";

const SOURCE = new URL("../../src/host/process.ts", import.meta.url).href;

/** Runs a line of code that has all of host/process.ts as `p`. */
async function run(
  code: string,
  options: { closeStdout?: boolean; signal?: NodeJS.Signals } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = `import * as p from ${JSON.stringify(SOURCE)};\n${code}`;
  const child = Bun.spawn([process.execPath, "-e", text, "one", "two"], { stdout: "pipe", stderr: "pipe" });
  if (options.signal !== undefined) {
    for await (const _chunk of child.stdout) {
      child.kill(options.signal);
      break;
    }
  }
  const stdout = options.closeStdout === true
    ? child.stdout.cancel().then(() => "")
    : options.signal !== undefined
    ? Promise.resolve("")
    : new Response(child.stdout).text();
  const stderr = new Response(child.stderr).text();
  return { code: await child.exited, stdout: await stdout, stderr: await stderr };
}

test("printLine() and printErrorLine() each to its own, exit() with its code", async () => {
  expect(await run('p.printLine("out"); p.printErrorLine("err"); p.exit(2)')).toEqual({
    code: 2,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("a signal is taken in place of ending the process", async () => {
  const code = 'p.onSignal("SIGTERM", () => { p.printErrorLine("asked to end"); p.exit(0); });' +
    'p.printLine("ready"); setTimeout(() => p.exit(9), 60_000)';
  expect(await run(code, { signal: "SIGTERM" })).toMatchObject({ code: 0, stderr: "asked to end\n" });
});

test("a closed standard output ends nothing", async () => {
  const code = 'setInterval(() => p.printLine("x".repeat(1000)), 1); setTimeout(() => p.exit(5), 200)';
  expect(await run(code, { closeStdout: true })).toMatchObject({ code: 5, stderr: "" });
});

test("an output that nobody reads costs bounded memory, and later says how many lines it lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-output-"));
  const fifo = join(folder, "fifo");
  Bun.spawnSync(["mkfifo", fifo]);
  const end = openSync(fifo, "r+");
  const text = `import * as p from ${JSON.stringify(SOURCE)};` +
    'for (let i = 0; i < 20000; i++) p.printLine("x".repeat(999));' +
    'p.printErrorLine("written"); setInterval(() => p.printLine("after"), 20);';
  const child = Bun.spawn([process.execPath, "-e", text], { stdout: end, stderr: "pipe" });
  for await (const said of child.stderr) if (new TextDecoder().decode(said).includes("written")) break;
  const reader = createReadStream(fifo);
  let read = "";
  for await (const bytes of reader) {
    read += String(bytes);
    if (read.endsWith("after\n")) break;
  }
  child.kill();
  closeSync(end);
  const [kept = "", said = ""] = read.split(/(?<=\n)(?=\()/);
  expect(kept.length).toBeWithin(1_000_000, 2 * 1024 * 1024);
  const lost = /^\((\d+) lines dropped: the reader of this output is too slow\)\n(after\n)+$/.exec(said)?.[1];
  expect(Number(lost)).toBeGreaterThanOrEqual(20000 - kept.length / 1000);
  rmSync(folder, { recursive: true });
});

test("numbers about this process", () => {
  expect(pid).toBe(process.pid);
  expect(env("PATH")).toBe(process.env["PATH"]!);
  expect(env("FOGCAST_NOT_SET")).toBeUndefined();
  expect(residentBytes()).toBeGreaterThan(5_000_000);
  const before = cpuMillis();
  for (let i = 0, x = 0; i < 2e7; i++) x += i;
  expect(cpuMillis()).toBeGreaterThan(before);
  expect(processors()).toBeGreaterThanOrEqual(1);
  expect(printErrorLine).toBeFunction();
});
