import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startChromium } from "../../peers/browser.ts";
import { answered, answeredText } from "../../peers/answered.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { startPlayerSite } from "../../peers/player_page.ts";
import { playback } from "../../peers/browser.ts";

describe("a source on demand", () => {
  let camera: GstCamera;
  let server: RunningFogcast;
  beforeAll(async () => {
    camera = await startGstCamera();
    server = await startFogcast(
      `streams:\n  cam:\n    source: ${camera.url("h264aac")}\n    transport: tcp\n    idle: 1s\n`,
    );
  }, 30_000);
  afterAll(async () => {
    await server?.stop();
    await camera?.kill();
  }, 30_000);

  const state = async () => {
    const list = await (await answered(`${server.url}/streams.json`)).json() as { state: string }[];
    return list[0]?.state;
  };
  /** Connections that the camera's machine has to its RTSP port. */
  const connections = () => {
    const hex = camera.port.toString(16).toUpperCase().padStart(4, "0");
    // columns: number, local address, remote address, state; 01: established
    return (new TextDecoder().decode(Bun.spawnSync(["cat", "/proc/net/tcp"]).stdout)).split("\n")
      .filter((line) => new RegExp(`^ *\\d+: 0100007F:${hex} [0-9A-F:]+ 01 `).test(line)).length;
  };

  test("is not connected before somebody looks, not even by the list of streams", async () => {
    expect(await state()).toBe("idle");
    expect(connections()).toBe(0);
  });

  test("runs while somebody watches, and ends after the last viewer", async () => {
    const site = startPlayerSite();
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      await page.goto(site.page("hls", `${server.url}/hls/cam/index.m3u8`));
      // longer than the idle time: watching keeps it
      await until(30_000, "4 s of frames", async () => (await playback(page)).frames >= 100 || undefined);
      expect(await state()).toBe("online");
      expect(connections()).toBe(1);
      // and nobody began it anew meanwhile
      expect(server.output()).not.toContain("nobody looks any more");
      await page.close();
      await isLetGo();
      expect(server.output().split("nobody looks any more").length).toBe(2);
    } finally {
      await browser.close();
      await site.stop();
    }
  }, 80_000);

  /** How long after the last viewer is a matter of a clock that tests set: tests/control/stream/idle_watch_test.ts. */
  const isLetGo = async () => {
    await until(15_000, "the camera is let go", () => Promise.resolve(connections() === 0 || undefined));
    await until(15_000, "the state idle", async () => await state() === "idle" || undefined);
  };

  test("starts again for the next viewer, with segment numbers that were never used", async () => {
    await answered(`${server.url}/hls/cam/index.m3u8`);
    expect(connections()).toBe(1);
    const text = await answeredText(`${server.url}/hls/cam/0/index.m3u8`);
    expect(text).not.toContain("EXT-X-DISCONTINUITY");
    expect(text).toContain("#EXTINF");
  }, 30_000);

  // while the camera is asked or starts, and while its first segment comes
  for (const [who, moments] of [["server", [60, 700]], ["camera", [100]]] as const) {
    test(
      `who waits gets the stream though the ${who} stands still for longer than the idle time`,
      async () => {
        const { pid } = who === "server" ? server : camera;
        for (const before of moments) {
          await isLetGo();
          const asked = answeredText(`${server.url}/hls/cam/0/index.m3u8`);
          // an answer that is not the right one is told of below
          asked.catch(() => {});
          await Bun.sleep(before);
          process.kill(pid, "SIGSTOP");
          await Bun.sleep(1300);
          process.kill(pid, "SIGCONT");
          expect(await asked).toContain("#EXTINF");
        }
      },
      90_000,
    );
  }
});
