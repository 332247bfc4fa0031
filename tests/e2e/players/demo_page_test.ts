import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { playback, startChromium } from "../../peers/browser.ts";
import { BINARY, type RunningFogcast, startCommand, until } from "../../peers/fogcast.ts";

/** Where to leave a picture of the page; nowhere unless given. */
const SCREENSHOT = process.env["FOGCAST_SCREENSHOT"];

describe("fogcast demo in Chromium, as a new user sees it", () => {
  let server: RunningFogcast;
  let browser: Browser;
  let page: Page;
  const requests: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([
      startCommand([BINARY, "demo", "--port", "0"]),
      startChromium(),
    ]);
    page = await browser.newPage();
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${server.url}/`);
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    if (server !== undefined) await server.stop();
  }, 30_000);

  test("the video plays by itself, with sound", async () => {
    const first = await until(30_000, "the first frames", async () => {
      const now = await playback(page);
      return now.frames > 5 && now.audio > 0 ? now : undefined;
    });
    const later = await until(20_000, "2 s more", async () => {
      const now = await playback(page);
      return now.frames >= first.frames + 50 ? now : undefined;
    });
    expect(later.time).toBeGreaterThan(first.time + 1);
    expect(later.audio).toBeGreaterThan(first.audio);
    expect(later.width).toBeGreaterThan(0);
  }, 60_000);

  test("it settles near the live edge, frame by frame over a WebSocket", async () => {
    const { latency, way } = await until(30_000, "a latency below 1.5 s", async () => {
      const now = await playback(page);
      return now.latency !== undefined && now.latency > 0 && now.latency < 1.5 ? now : undefined;
    });
    expect(way).toBe("mews");
    console.log(`  latency ${latency?.toFixed(2)} s`);
  }, 40_000);

  test("the card names the stream, its codecs and its state", async () => {
    const text = await until(15_000, "the state live", async () => {
      const text = await page.innerText("article");
      return text.includes("live") ? text : undefined;
    });
    expect(text).toContain("demo");
    expect(text).toContain("H.264 + AAC");
    if (SCREENSHOT !== undefined) await page.screenshot({ path: SCREENSHOT });
  }, 30_000);

  test("nobody but the server is asked for anything, and nothing fails", () => {
    const { host } = new URL(server.url);
    expect(requests.length).toBeGreaterThan(5);
    const elsewhere = requests.filter((url) => !/^(blob|data):/.test(url) && new URL(url).host !== host);
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("Ctrl-C ends it by itself, with code 0, while somebody watches", async () => {
    const { code, ms } = await server.stop("SIGINT");
    console.log(`  it took ${ms.toFixed(0)} ms`);
    // what does not end in 5 s is killed, and has no code
    expect(code).toBe(0);
  }, 10_000);
});
