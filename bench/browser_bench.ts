/**
 * Camera to screen: a clock is drawn, encoded by ffmpeg, sent over RTSP to the server, and played by our page's player
 * in Chromium on the same machine, where each frame that is shown is read back. The encoder is part of what is measured.
 */
import { startChromium } from "../tests/peers/browser.ts";
import { startFogcast } from "../tests/peers/fogcast.ts";
import { startClockCamera } from "./clock_camera.ts";
import { percentile, printMeasurement } from "./measurement.ts";
import { WATCH_CLOCK } from "./screen_clock.ts";

const SETTLE_MILLIS = 12_000;
const MEASURE_MILLIS = 8000;

const camera = await startClockCamera();
const server = await startFogcast(
  `streams:\n  clock:\n    source: ${camera.url}\n    transport: tcp\n    alwaysOn: true\n    part: 200ms\n`,
);
const browser = await startChromium();
const page = await browser.newPage();
await page.addInitScript(WATCH_CLOCK);
await page.goto(`${server.url}/`);
await page.evaluate(`(async () => {
  await customElements.whenDefined("fogcast-player");
  document.body.innerHTML = '<fogcast-player stream="clock" autoplay></fogcast-player>';
  watchClock(document.querySelector("video"));
})()`);
await page.waitForTimeout(SETTLE_MILLIS);
const settled = await page.evaluate<number>("clockAges.length");
await page.waitForTimeout(MEASURE_MILLIS);
interface Seen {
  readonly ages: number[];
  readonly faults: number;
  readonly player: number | null;
  readonly rate: number;
}
const { ages, faults, player, rate } = await page.evaluate<Seen>(`({
  ages: clockAges.slice(${settled}),
  faults: clockFaults,
  player: document.querySelector("fogcast-player").latency ?? null,
  rate: document.querySelector("video").playbackRate,
})`);
await browser.close();
await server.stop();
await camera.close();
printMeasurement("browser", "camera to screen, Chromium, parts of 200 ms", {
  frames: ages.length,
  unreadable: faults,
  p50: percentile(ages, 0.5) / 1000,
  p95: percentile(ages, 0.95) / 1000,
  max: Math.max(...ages) / 1000,
  playerLatency: player ?? undefined,
  playbackRate: rate,
  aim: 0.6,
  unit: "s",
}, { p50: { max: 1 }, p95: { max: 1 }, frames: { min: (MEASURE_MILLIS / 1000) * 20 } });
