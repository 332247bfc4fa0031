import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { playback, startChromium } from "../../peers/browser.ts";
import { until } from "../../peers/fogcast.ts";
import { startWatchedCamera, type WatchedCamera } from "../../peers/watched_camera.ts";

/** Seconds of calm before the player tries a better way. */
const CALM = 1;

/** Red, green and blue of one point of what the browser shows. */
async function pointOf(page: Page, x: number, y: number): Promise<readonly number[]> {
  const png = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  const packed: Uint8Array[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) !== "IDAT") continue;
    packed.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  // one row of one point: the filter's number, and nothing that it could refer to
  return [...inflateSync(Buffer.concat(packed)).subarray(1, 4)];
}

describe("the player that fell to a worse way", () => {
  let watched: WatchedCamera<Browser>;
  let page: Page;
  let shut = false;
  /** Connections of the better way, and how many were refused. */
  let sockets: WebSocketRoute[] = [];
  let refused = 0;
  /** How often a way was given up. */
  let falls = 0;

  beforeAll(async () => {
    watched = await startWatchedCamera(["h264bars"], startChromium(), { alwaysOn: "true" });
  }, 30_000);
  afterAll(() => watched?.stop(), 30_000);

  async function open(): Promise<void> {
    [shut, sockets, refused, falls] = [false, [], 0, 0];
    page = await watched.browser.newPage({ viewport: { width: 640, height: 360 } });
    page.on("console", (message) => {
      const text = message.text();
      if (!text.startsWith("fogcast:")) return;
      console.log(`  ${text}`);
      if (text.includes(" for h264bars: ")) falls++;
    });
    await page.routeWebSocket(/h264bars\.mp4/, (socket) => {
      if (shut) {
        refused++;
        return void socket.close();
      }
      sockets.push(socket);
      socket.connectToServer();
    });
    await page.goto(`${watched.server.url}/h264bars.html?autoplay=0`);
    await page.evaluate(`(() => {
      const player = document.querySelector("fogcast-player");
      player.setAttribute("better-after", "${CALM}");
      player.play();
    })()`);
  }

  const playsBy = (way: string) =>
    until(20_000, `pictures by ${way}`, async () => {
      const now = await playback(page);
      return now.way === way && now.state === "playing" ? now : undefined;
    });

  /** Cuts the better way off; the worse one plays. */
  async function fall(): Promise<void> {
    await playsBy("mews");
    shut = true;
    for (const socket of sockets) await socket.close();
    await playsBy("hlsjs");
  }

  test("tries the better one behind the picture, and nobody notices that it does not play", async () => {
    await open();
    await fall();
    const before = await playback(page);
    await until(20_000, "two trials", () => Promise.resolve(refused >= 2 || undefined));
    await until(10_000, "it plays on", async () => {
      const now = await playback(page);
      return now.frames > before.frames + 25 && now.way !== "mews" || undefined;
    });
    await page.close();
  }, 60_000);

  /** Opens the better way again and watches one point of the picture until a while after it plays. */
  async function watchTheChange(): Promise<readonly (readonly number[])[]> {
    shut = false;
    const points: (readonly number[])[] = [];
    for (let back: number | undefined; back === undefined || performance.now() - back < 1500;) {
      points.push(await pointOf(page, 40, 60));
      if ((await playback(page)).way === "mews") back ??= performance.now();
    }
    return points;
  }

  test("goes back when the better one plays, without a black picture, and with sound", async () => {
    for (;;) {
      await open();
      await fall();
      const points = await watchTheChange();
      console.log(`  looked ${points.length} times`);
      // on a busy machine the worse way, or the better one, may stand still so long that it is given up: once more
      if (falls === 1) {
        // the camera's white bar
        expect(points.filter((point) => Math.min(...point) < 150)).toEqual([]);
        break;
      }
      await page.close();
    }
    const { audio, frames } = await playsBy("mews");
    await until(5000, "pictures and sound go on", async () => {
      const now = await playback(page);
      return now.audio > audio && now.frames > frames + 10 || undefined;
    });
    // nothing is left of the trial
    await until(5000, "one stage", async () => await page.locator(".stage").count() === 1 || undefined);
    await page.close();
  }, 120_000);
});
