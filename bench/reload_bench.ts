/**
 * Configured streams that nobody watches: how much memory a further one costs, and how long a reload takes with 200 of
 * them when one changes (from SIGHUP until the server says so). Reading the first hundred or so costs about 10 MB once,
 * whatever their number: the runtime compiles the parser for speed. It is printed, and no part of what each costs.
 */
import { readFileSync } from "node:fs";
import { ConfigFolder, printedTimes } from "../tests/e2e/config/config_folder.ts";
import type { RunningFogcast } from "../tests/peers/fogcast.ts";
import { median, percentile, printMeasurement } from "./measurement.ts";

const KB = 1024;
const RELOADS = 40;
const SETTLE_MILLIS = 3000;
/** Many, so that what each costs stands out of the noise of the whole. */
const MANY = 2000;

function streams(count: number, changed: number): string {
  const lines = [
    "http: { listen: 127.0.0.1:0 }",
    "api: { listen: [] }",
    "log: { linesPerSecond: 100000 }",
    "streams:",
  ];
  for (let n = 0; n < count; n++) {
    const path = n === 0 ? `${n}-${changed}` : `${n}`;
    lines.push(`  cam${n}: # camera ${n}`, `    source: rtsp://user:pass@192.0.2.${n % 250}:554/${path}`);
    lines.push("    transport: tcp", "    idle: 10s");
  }
  return `${lines.join("\n")}\n`;
}

/** What the process wrote itself: its program's pages are shared with any other that runs it. */
function writtenBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Private_Dirty: +(\d+) kB/m.exec(text)?.[1] ?? NaN) * KB;
}

async function idleBytes(server: RunningFogcast): Promise<number> {
  await Bun.sleep(SETTLE_MILLIS);
  const taken: number[] = [];
  for (let n = 0; n < 5; n++) {
    taken.push(writtenBytes(server.pid));
    await Bun.sleep(300);
  }
  return median(taken);
}

async function idle(count: number): Promise<number> {
  const folder = await ConfigFolder.make({ "fogcast.yaml": streams(count, 0) });
  const server = await folder.serve();
  const bytes = await idleBytes(server);
  await server.stop();
  return bytes;
}

{
  const folder = await ConfigFolder.make({ "fogcast.yaml": streams(200, 0) });
  const server = await folder.serve();
  const before = await idleBytes(server);
  const millis: number[] = [];
  for (let n = 1; n <= RELOADS; n++) {
    await folder.write("fogcast.yaml", streams(200, n));
    const from = performance.now();
    process.kill(server.pid, "SIGHUP");
    await printedTimes(server, "streams changed: cam0", n);
    millis.push(performance.now() - from);
    await Bun.sleep(50);
  }
  const grown = await idleBytes(server) - before;
  await server.stop();
  printMeasurement("reload", "200 streams, one changes", {
    p50Millis: median(millis),
    p99Millis: percentile(millis, 0.99),
    grownKBPerReload: grown / RELOADS / KB,
  }, { p99Millis: { max: 250 } });
}

const none = await idle(0);
const some = await idle(200);
const many = await idle(MANY);
printMeasurement("reload", `configured and idle streams`, {
  noneMB: none / KB / KB,
  first200MB: (some - none) / KB / KB,
  [`further${MANY - 200}MB`]: (many - some) / KB / KB,
  furtherStreamKB: (many - some) / (MANY - 200) / KB,
  eachOf2000KB: (many - none) / MANY / KB,
}, { furtherStreamKB: { max: 20 }, eachOf2000KB: { max: 20 } });
