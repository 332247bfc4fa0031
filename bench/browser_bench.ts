/**
 * Camera to screen: a clock is drawn, encoded by ffmpeg, sent over RTSP to the server, and played by our page's player
 * in Chromium on the same machine, where each frame that is shown is read back. The encoder is part of what is measured.
 * Then the connection of the way that plays is cut, or falls silent, and the time to the next way's first frame is taken.
 */
import type { Page, WebSocketRoute } from "playwright-core";
import { startChromium } from "../tests/peers/browser.ts";
import { startFogcast, until } from "../tests/peers/fogcast.ts";
import { startClockCamera } from "./clock_camera.ts";
import { percentile, printMeasurement } from "./measurement.ts";
import { WATCH_CLOCK } from "./screen_clock.ts";

const SETTLE_MILLIS = 10_000;
const MEASURE_MILLIS = 8000;
const TAKEOVERS = 3;

const camera = await startClockCamera();
const server = await startFogcast(
  `streams:\n  clock:\n    source: ${camera.url}\n    transport: tcp\n    alwaysOn: true\n    part: 200ms\n`,
);
const browser = await startChromium();

interface Seen {
  readonly ages: number[];
  readonly faults: number;
  readonly player: number | null;
  readonly rate: number;
  readonly way: string;
}

async function measureLatency(way: string, name: string, bar: number, aim: number): Promise<void> {
  const page = await browser.newPage();
  await page.addInitScript(WATCH_CLOCK);
  await page.goto(`${server.url}/clock.html?forcePlayer=${way}`);
  await page.evaluate(`customElements.whenDefined("fogcast-player").then(() => {
    watchClock(document.querySelector("fogcast-player").video);
  })`);
  await page.waitForTimeout(SETTLE_MILLIS);
  const settled = await page.evaluate<number>("clockAges.length");
  await page.waitForTimeout(MEASURE_MILLIS);
  const seen = await page.evaluate<Seen>(`({
    ages: clockAges.slice(${settled}),
    faults: clockFaults,
    player: document.querySelector("fogcast-player").latency ?? null,
    rate: document.querySelector("fogcast-player").video.playbackRate,
    way: document.querySelector("fogcast-player").way,
  })`);
  await page.close();
  printMeasurement("browser", `camera to screen, Chromium, ${name}`, {
    way: seen.way,
    frames: seen.ages.length,
    unreadable: seen.faults,
    p50: percentile(seen.ages, 0.5) / 1000,
    p95: percentile(seen.ages, 0.95) / 1000,
    max: Math.max(...seen.ages) / 1000,
    playerLatency: seen.player ?? undefined,
    playbackRate: seen.rate,
    aim,
    unit: "s",
  }, { p50: { max: bar }, p95: { max: bar }, frames: { min: (MEASURE_MILLIS / 1000) * 20 } });
}

/** When the page's player shows pictures in another way than `before`, by its own clock. */
async function takenOver(page: Page, before: string): Promise<void> {
  await until(20_000, "the next way plays", async () => {
    const now = await page.evaluate<{ way?: string; state: string }>(
      `(({ way, state }) => ({ way, state }))(document.querySelector("fogcast-player"))`,
    );
    return now.way !== undefined && now.way !== before && now.state === "playing" ? now : undefined;
  });
}

async function measureTakeover(how: "cut" | "silent"): Promise<void> {
  const millis: number[] = [];
  for (let i = 0; i < TAKEOVERS; i++) {
    const page = await browser.newPage();
    const sockets: WebSocketRoute[] = [];
    let killed = false;
    await page.routeWebSocket(/clock\.mp4/, (socket) => {
      if (killed) return void socket.close();
      sockets.push(socket);
      const to = socket.connectToServer();
      to.onMessage((message) => void (killed || socket.send(message)));
    });
    await page.goto(`${server.url}/clock.html`);
    await page.waitForFunction(`document.querySelector("fogcast-player")?.stats()?.frames > 50`);
    killed = true;
    const began = performance.now();
    if (how === "cut") { for (const socket of sockets) await socket.close(); }
    await takenOver(page, "mews");
    millis.push(performance.now() - began);
    await page.close();
  }
  printMeasurement("browser", `the next way takes over, WebSocket ${how}`, {
    median: percentile(millis, 0.5) / 1000,
    max: Math.max(...millis) / 1000,
    unit: "s",
  }, { max: { max: 3 } });
}

await measureLatency("mews", "MP4 over WebSocket", 0.25, 0.2);
await measureLatency("hlsjs", "LL-HLS in parts of 200 ms", 1, 0.6);
await measureTakeover("cut");
await measureTakeover("silent");
await browser.close();
await server.stop();
await camera.close();
