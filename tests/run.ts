/**
 * The one gate, behind `npm test`, `deno task ok` and `.ci/run`: peers, format, lint, types, the binary, then every
 * test file, each in a process of its own. Ends with `N passed, N failed`.
 *
 *   bun run tests/run.ts                 everything
 *   bun run tests/run.ts tests/host …    only the test files below these paths, with the binary that is there
 */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { installPeers } from "./setup/install_peers.ts";
import { type FileResult, runFile, worthReading } from "./setup/run_file.ts";
import { findTestFiles, type TestFile } from "./setup/test_files.ts";

/** What ends a file that hangs: several times what the longest takes on a slow machine. */
const LIMIT_SECONDS = { unit: 240, peer: 360, binary: 480 } as const;

process.chdir(`${import.meta.dir}/..`);
const only = process.argv.slice(2);
const inCi = process.env["CI"] === "true";
const binary = process.env["FOGCAST_BINARY"] ?? `${process.cwd()}/dist/fogcast`;
const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

function say(mark: string, what: string, seconds: number, more = ""): void {
  console.log(`${mark} ${what} ${seconds.toFixed(1)} s${more}`);
}

/** A command that must succeed; its output is shown when it does not. */
async function step(name: string, command: string[]): Promise<boolean> {
  const started = performance.now();
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe", env });
  const texts = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const good = await child.exited === 0;
  say(good ? "ok  " : "FAIL", name, (performance.now() - started) / 1000);
  if (good) total.passed++;
  else {
    total.failed++;
    failures.push(name);
    console.log(worthReading(texts.join("")));
  }
  return good;
}

function report(file: TestFile, result: FileResult): void {
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped += result.skipped;
  const bad = result.failed > 0 || (inCi && result.skipped > 0);
  const skips = result.skipped > 0 ? `, ${result.skipped} skipped` : "";
  const fails = result.failed > 0 ? `, ${result.failed} failed` : "";
  say(bad ? "FAIL" : "ok  ", file.path, result.seconds, `, ${result.passed} passed${fails}${skips}`);
  if (bad) {
    failures.push(file.path);
    console.log(worthReading(result.output));
  }
}

async function runAll(files: readonly TestFile[], atOnce: number): Promise<void> {
  const waiting = [...files];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      report(file, await runFile(file.path, LIMIT_SECONDS[file.group], { FOGCAST_BINARY: binary }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

let files = findTestFiles(only);
const missing = await installPeers([...new Set(files.flatMap((file) => file.peers))]);
for (const peer of missing) {
  const without = files.filter((file) => file.peers.includes(peer));
  files = files.filter((file) => !file.peers.includes(peer));
  const paths = without.map((file) => file.path);
  const mark = peer.elsewhere === true ? "LEFT OUT" : inCi ? "FAIL" : "SKIPPED";
  console.log(`${mark}: ${peer.name} is missing, so these do not run: ${paths.join(", ")}`);
  if (peer.elsewhere === true) continue;
  if (inCi) {
    total.failed += without.length;
    failures.push(...paths);
  } else total.skipped += without.length;
}

if (only.length === 0) {
  const deno = `${process.cwd()}/node_modules/.bin/deno`;
  await step("deno fmt --check", [deno, "fmt", "--check"]);
  await step("deno lint", [deno, "lint"]);
  // the page is for browsers, whose types clash with the server's
  const folders = readdirSync("src").filter((name) => name !== "web").map((name) => `src/${name}/`);
  await step("deno check", [deno, "check", ...folders, "tests/", "bench/"]);
  await step("deno check of the page", [deno, "check", "--config", "src/web/deno.json", "src/web/"]);
  if (process.env["FOGCAST_BINARY"] === undefined && !await step("compile.sh", ["./compile.sh"])) {
    // an old binary must not stand in for the one that could not be built
    const without = files.filter((file) => file.group === "binary");
    total.failed += without.length;
    files = files.filter((file) => file.group !== "binary");
  }
}

// Tests against other programs mostly wait for media that plays in real time: two at once leave the cores enough.
const media = files.filter((file) => file.group !== "unit");
await runAll(files.filter((file) => file.group === "unit"), availableParallelism());
await runAll(media.filter((file) => !file.alone), Math.min(2, availableParallelism()));
await runAll(media.filter((file) => file.alone), 1);

if (files.length === 0) {
  console.log(only.length === 0 ? "no test file found" : `no test file below ${only.join(", ")}`);
  total.failed++;
}
if (inCi && total.skipped > 0) {
  console.log(`CI=true: ${total.skipped} skipped count as failed`);
  total.failed += total.skipped;
  total.skipped = 0;
}
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((name) => `  ${name}`).join("\n")}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
