/**
 * An upgrade of the running server while Chromium plays, a second behind and as close as it can: how long the command
 * takes, how long the picture stands still, how often the player runs dry.
 */
import { playback, startChromium } from "../tests/peers/browser.ts";
import { until } from "../tests/peers/fogcast.ts";
import { startGuarded } from "../tests/e2e/guardian/guarded.ts";
import { startLiveCamera } from "../tests/e2e/guardian/live_camera.ts";
import { pictureSeen, watchPicture } from "../tests/e2e/guardian/picture_watch.ts";
import { printMeasurement } from "./measurement.ts";

/** Until the old server has left and all players have moved. */
const AFTER_MILLIS = 8000;

const camera = await startLiveCamera();
const browser = await startChromium();
let held = true;
try {
  for (const latency of ["1", undefined]) {
    const fogcast = await startGuarded(`streams: { cam: { source: "${camera.url}" } }\n`, "--leave", "6");
    try {
      const page = await browser.newPage();
      await page.goto(`${fogcast.url}/cam.html${latency === undefined ? "" : `?latency=${latency}`}`);
      const wanted = latency === undefined ? 0 : 0.8;
      await until(20_000, "frames, and what is wanted of them in hand", async () => {
        const now = await playback(page);
        return now.frames > 50 && (now.latency ?? 0) > wanted || undefined;
      });
      await watchPicture(page);
      const began = performance.now();
      const { code, text } = await fogcast.run("upgrade");
      if (code !== 0) throw new Error(text);
      const seconds = (performance.now() - began) / 1000;
      await Bun.sleep(AFTER_MILLIS);
      const { longest, waiting, back } = await pictureSeen(page);
      const name = `Chromium plays ${latency === undefined ? "as close as it can" : `${latency} s behind`}`;
      held = printMeasurement("upgrade", name, { seconds, stillMillis: longest, ranDry: waiting, back }, {
        back: { max: 0 },
        ...(latency === undefined ? {} : { stillMillis: { max: 250 }, ranDry: { max: 0 } }),
      }) && held;
      await page.close();
    } finally {
      await fogcast.stop();
    }
  }
} finally {
  await browser.close();
  camera.close();
}
process.exit(held ? 0 : 1);
