/** From exec to a listening port, and to the first answer: the compiled binary, ten times. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "../tests/peers/fogcast.ts";
import { median, printMeasurement } from "./measurement.ts";

const RUNS = 10;
const GIVE_UP_MILLIS = 10_000;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** True when somebody listens. */
function tryConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => (socket.destroy(), resolve(true)));
    socket.on("error", () => resolve(false));
  });
}

const folder = mkdtempSync(join(tmpdir(), "fogcast-bench-"));
const config = join(folder, "fogcast.yaml");
const listening: number[] = [];
const answered: number[] = [];
try {
  for (let run = 0; run < RUNS; run++) {
    const port = await freePort();
    writeFileSync(config, `http:\n  listen: 127.0.0.1:${port}\n`);
    const from = performance.now();
    const child = Bun.spawn([BINARY, "serve", "--config", config], { stdout: "ignore", stderr: "ignore" });
    try {
      while (!await tryConnect(port)) {
        if (performance.now() - from > GIVE_UP_MILLIS) throw new Error("The server does not listen");
        await Bun.sleep(1);
      }
      listening.push(performance.now() - from);
      const { status } = await fetch(`http://127.0.0.1:${port}/streams.json`);
      if (status !== 200) throw new Error(`/streams.json: ${status}`);
      answered.push(performance.now() - from);
    } finally {
      child.kill("SIGTERM");
      await child.exited;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
printMeasurement("startup", "exec to listening", {
  median: median(listening),
  max: Math.max(...listening),
  firstAnswerMedian: median(answered),
  runs: RUNS,
  unit: "ms",
}, { median: { max: 150 } });
