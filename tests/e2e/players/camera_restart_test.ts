import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { playback, startChromium } from "../../peers/browser.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { readPlaylist } from "../../wire/protocol/hls/read_playlist.ts";

/** Follows the video of a stream part by part, as a low-latency player does, and keeps what it was told. */
class Follower {
  readonly durations: number[] = [];
  readonly troubles: string[] = [];
  #end = false;
  #done: Promise<void> = Promise.resolve();

  start(server: string, stream: string): void {
    this.#done = this.#run(`${server}/hls/${stream}/0/index.m3u8`);
  }

  stop(): Promise<void> {
    this.#end = true;
    return this.#done;
  }

  async #run(url: string): Promise<void> {
    const seen = new Set<string>();
    let query = "";
    while (!this.#end) {
      const answer = await fetch(url + query);
      const text = await answer.text();
      if (answer.status !== 200) {
        this.troubles.push(`${answer.status} ${text}`);
        return;
      }
      const list = readPlaylist(text);
      if (/EXT-X-(GAP|DISCONTINUITY\n)|GAP=YES/.test(text)) this.troubles.push(text);
      for (const part of list.segments.concat(list.preloadSegment as never).flatMap((s) => s?.parts ?? [])) {
        if (seen.has(part.uri)) continue;
        seen.add(part.uri);
        this.durations.push(part.duration);
      }
      const hint = /URI="(\d+)\.(\d+)\.m4s"/.exec(text.slice(text.indexOf("EXT-X-PRELOAD-HINT")));
      query = `?_HLS_msn=${hint?.[1]}&_HLS_part=${hint?.[2]}`;
    }
  }
}

describe("a camera that dies and comes back", () => {
  const cameras: GstCamera[] = [];
  let server: RunningFogcast;
  let browser: Browser;
  let page: Page;
  let port = 0;
  const start = async (...args: string[]) => {
    const camera = await startGstCamera(...args);
    cameras.push(camera);
    return camera;
  };
  const frames = async () => (await playback(page)).frames;
  const state = async (name: string) => {
    const list = await (await fetch(`${server.url}/streams.json`)).json() as {
      name: string;
      state: string;
    }[];
    return list.find((stream) => stream.name === name)?.state;
  };

  /** Lines of the video's playlist; the window is longer than the test. */
  const discontinuities = async () => {
    const text = await (await fetch(`${server.url}/hls/dying/0/index.m3u8`)).text();
    expect(text).not.toContain("EXT-X-GAP");
    return text.match(/^#EXT-X-DISCONTINUITY$/gm) ?? [];
  };

  beforeAll(async () => {
    const [dying, steady, chromium] = await Promise.all([start(), start(), startChromium()]);
    browser = chromium;
    port = dying.port;
    server = await startFogcast(
      `streams:\n  dying:\n    source: ${dying.url("h264aac")}\n    alwaysOn: true\n` +
        `  steady:\n    source: ${steady.url("h264aac")}\n    alwaysOn: true\n`,
    );
    page = await browser.newPage();
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    for (const camera of cameras) await camera.kill();
  }, 30_000);

  /** How long the camera is away, seconds; a held request is given up after 6. */
  test.each([0, 8])(
    "after %d s Chromium plays on, and the stream beside it is not disturbed",
    async (away) => {
      await page.goto(`${server.url}/`);
      const cutsBefore = (await discontinuities()).length;
      await until(30_000, "the stream plays", async () => await frames() > 25 ? true : undefined);
      const steady = new Follower();
      steady.start(server.url, "steady");

      const dying = cameras.find((camera) => camera.port === port) as GstCamera;
      const beganAt = performance.now();
      await dying.kill();
      await until(
        30_000,
        "the loss is noticed",
        async () => await state("dying") !== "online" ? true : undefined,
      );
      await until(
        away * 1000 + 1000,
        "the time",
        () => Promise.resolve(performance.now() - beganAt >= away * 1000 || undefined),
      );
      cameras.splice(cameras.indexOf(dying), 1);
      await start("--port", String(port));
      const backAt = performance.now();
      await until(
        30_000,
        "the camera is back",
        async () => await state("dying") === "online" ? true : undefined,
      );

      // the discontinuity is in the playlist from the first part on
      await until(
        15_000,
        "a discontinuity",
        async () => (await discontinuities()).length > cutsBefore || undefined,
      );
      expect((await discontinuities()).length).toBe(cutsBefore + 1);
      const then = await frames();
      await until(30_000, "2 s of new frames", async () => await frames() >= then + 50 ? true : undefined);
      const seconds = (performance.now() - backAt) / 1000;
      console.log(
        `  noticed and restarted after ${((backAt - beganAt) / 1000).toFixed(1)} s, 2 s played ${
          seconds.toFixed(1)
        } s later`,
      );

      // every part of the time between is there
      const followed = (performance.now() - beganAt) / 1000;
      await until(15_000, `parts of ${followed} s`, () => {
        const sum = steady.durations.reduce((sum, d) => sum + d, 0);
        if (steady.troubles.length > 0 || sum > followed - 1) return Promise.resolve(true);
        throw new Error(`${sum} s`);
      });
      await steady.stop();
      expect(steady.troubles).toEqual([]);
      expect(Math.max(...steady.durations)).toBeLessThan(0.25);
    },
    150_000,
  );
});
