import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { type Playback, playback, startChromium } from "../../peers/browser.ts";
import { type RunningFogcast, until } from "../../peers/fogcast.ts";
import { type PlayerSite, startPlayerSite } from "../../peers/player_page.ts";
import { type Relay, startRelay } from "../../peers/relay.ts";
import { startWatchedCamera, type WatchedCamera } from "../../peers/watched_camera.ts";

const MOUNTS = ["h264aac", "h265bars", "mjpegpcma"];

/** Waits until the page's player has shown some frames more, in one way, and in `way` if that is asked for. */
async function playsOn(page: Page, what: string, way?: string, frames = 15): Promise<Playback> {
  let base: Playback | undefined;
  let last: Playback | undefined;
  return await until(30_000, "frames", async () => {
    const now = await playback(page);
    last = now;
    if (now.frames === 0 || now.way === undefined || (way !== undefined && now.way !== way)) return undefined;
    // begun anew: on a machine that is busy the player may take a way for dead
    if (base === undefined || base.way !== now.way || now.time < base.time) base = now;
    return now.frames >= base.frames + frames && now.time > base.time ? now : undefined;
  }).catch((error) => {
    throw new Error(`${what}: ${error}: ${JSON.stringify(last)}`);
  });
}

describe("the player in Chromium", () => {
  let watched: WatchedCamera<Browser>;
  let server: RunningFogcast;
  let browser: Browser;
  let site: PlayerSite;
  const complaints: string[] = [];

  beforeAll(async () => {
    watched = await startWatchedCamera(MOUNTS, startChromium(), { alwaysOn: "true" });
    ({ server, browser } = watched);
    site = startPlayerSite();
  }, 30_000);
  afterAll(async () => {
    await site?.stop();
    await watched?.stop();
  }, 30_000);

  async function open(address: string): Promise<Page> {
    const page = await browser.newPage();
    // which ways were given up, and why, for the output of a test that fails
    page.on(
      "console",
      (message) => message.text().startsWith("fogcast:") && console.log(`  ${message.text()}`),
    );
    page.on("pageerror", (error) => complaints.push(`${address}: ${error.stack ?? error.message}`));
    await page.goto(address.startsWith("http") ? address : `${server.url}/${address}`);
    return page;
  }

  test("plays in each way that the stream and the browser have, and the clock advances", async () => {
    const ways = [
      ["h264aac.html?forcePlayer=mews", "mews", 320],
      ["h264aac.html?forcePlayer=hlsjs&muted", "hlsjs", 320],
      ["h264aac.html?forcePlayer=dashjs&muted", "dashjs", 320],
      ["h264aac.html?forceType=html5/video/mp4&muted", "html5", 320],
      ["h264aac.html?video=none&forcePlayer=mews", "mews", 0],
    ] as const;
    const pages = await Promise.all(ways.map(([address]) => open(address)));
    await Promise.all(ways.map(async ([address, way, width], i) => {
      const page = pages[i] as Page;
      if (width > 0) expect((await playsOn(page, address, way)).width).toBe(width);
      else {
        const heard = (least: number) =>
          until(20_000, `sound of ${address}`, async () => {
            const now = await playback(page);
            return now.way === way && now.time > 0 && now.audio > least ? now : undefined;
          });
        const first = await heard(0);
        expect((await heard(first.audio + 2000)).time).toBeGreaterThan(first.time);
      }
      await page.close();
    }));
  }, 60_000);

  test(
    "begins at the time of the stream that is asked for, in every way; live at one that is to come",
    async () => {
      // times of the stream: the oldest that there is, and the newest
      const times = async () => {
        const info = await (await fetch(`${server.url}/json_h264aac.js`)).json() as {
          meta?: { tracks: Record<string, { type: string; firstms: number; lastms: number }> };
        };
        const video = Object.values(info.meta?.tracks ?? {}).find((t) => t.type === "video");
        return { first: (video?.firstms ?? 0) / 1000, last: (video?.lastms ?? 0) / 1000 };
      };
      const behind = 9;
      await until(30_000, "what lies so far back", async () => {
        const { first, last } = await times();
        return last - first > behind + 3 || undefined;
      });
      for (const way of ["mews", "hlsjs", "dashjs"]) {
        const { last } = await times();
        const [then, never] = await Promise.all(
          [last - behind, last + 5000].map((t) => open(`h264aac.html?muted&forcePlayer=${way}&t=${t}`)),
        ) as [Page, Page];
        const late = await playsOn(then, `${way} from then`, way);
        // it keeps its distance; a busy machine makes it larger
        const back = (late.latency ?? 0) > behind - 2;
        expect({ ...late, back }).toEqual({ ...late, back: true });
        // what is live catches up, as soon as the machine lets it
        await playsOn(never, `${way} of what is to come`, way);
        await until(30_000, `${way} to be live`, async () => {
          const { latency = Infinity } = await playback(never);
          return latency < behind - 3 || undefined;
        });
        await Promise.all([then.close(), never.close()]);
      }
      // a plain element counts from where it began: what is asked for says it
      const { last } = await times();
      for (
        const [t, start] of [[last - behind, `${Math.round((last - behind) * 1000)}`], [last + 5000, null]]
      ) {
        const page = await open("");
        const asked = page.waitForRequest(/h264aac\.mp4/);
        await page.goto(`${server.url}/h264aac.html?muted&forceType=html5/video/mp4&t=${t}`);
        expect(new URL((await asked).url()).searchParams.get("start")).toBe(start as string | null);
        await playsOn(page, `html5 from ${t}`, "html5");
        await page.close();
      }
    },
    120_000,
  );

  test("shows Motion JPEG in an image", async () => {
    const page = await open("mjpegpcma.html?forcePlayer=img");
    const { width } = await until(15_000, "a picture", async () => {
      const now = await playback(page);
      return now.way === "img" && now.state === "playing" && now.width > 0 ? now : undefined;
    });
    expect(width).toBe(320);
    await page.close();
  }, 20_000);

  test("shows that there is sound where there are no pictures: its controls stay", async () => {
    const page = await open("h264aac.html?video=none&forcePlayer=mews");
    await until(20_000, "sound", async () => (await playback(page)).audio > 0 || undefined);
    const look = () =>
      page.evaluate<[boolean, boolean, string]>(`(() => {
        const player = document.querySelector("fogcast-player");
        const { opacity } = getComputedStyle(player.shadowRoot.querySelector(".bar"));
        return [player.classList.contains("sound"), player.classList.contains("quiet"), opacity];
      })()`);
    await until(10_000, "the mark of sound", async () => (await look())[0] || undefined);
    // twice as long as the bar stays over pictures
    await page.waitForTimeout(5500);
    expect(await look()).toEqual([true, false, "1"]);
    await page.close();
    const pictures = await open("h264aac.html?forcePlayer=mews");
    await playsOn(pictures, "pictures", "mews");
    const seen = pictures.locator("fogcast-player");
    expect(await seen.evaluate((e) => e.classList.contains("sound"))).toBe(false);
    await until(
      10_000,
      "the bar to go",
      async () => await seen.evaluate((e) => e.classList.contains("quiet")) || undefined,
    );
    await pictures.close();
  }, 60_000);

  test("says what there is where the page asks for a player that there is not", async () => {
    const page = await open("h264aac.html?forcePlayer=bogus");
    await page.getByText(/^Cannot be played by bogus, but by mews, /).first().waitFor({ timeout: 20_000 });
    await page.close();
  }, 30_000);

  test("decodes H.265 in software, in the right colours, with its sound", async () => {
    const page = await open("h265bars.html");
    const { audio } = await playsOn(page, "h265bars", "canvas");
    expect(audio).toBeGreaterThan(0);
    const seen = await page.evaluate<number[][]>(`(() => {
      const player = document.querySelector("fogcast-player");
      const canvas = player.shadowRoot.querySelector("canvas.surface");
      const context = canvas.getContext("2d");
      return [0, 1, 2, 3, 4, 5, 6].map((bar) =>
        [...context.getImageData((bar + 0.5) * canvas.width / 7, canvas.height / 3, 1, 1).data.slice(0, 3)]);
    })()`);
    // white, yellow, cyan, green, magenta, red, blue
    const bars = [[1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1]];
    for (const [i, bar] of bars.entries()) {
      for (const [j, on] of bar.entries()) {
        expect(Math.abs((seen[i]?.[j] ?? -99) - on * 255)).toBeLessThan(25);
      }
    }
    expect(await page.evaluate("document.querySelector('fogcast-player').stats().notes.decoder")).toContain(
      "software",
    );
    await page.close();
  }, 40_000);

  test("takes the next way when the one that plays falls silent", async () => {
    const page = await browser.newPage();
    const sockets: WebSocketRoute[] = [];
    let silent = false;
    await page.routeWebSocket(/h264aac\.mp4/, (socket) => {
      sockets.push(socket);
      const to = socket.connectToServer();
      to.onMessage((message) => void (silent || socket.send(message)));
    });
    await page.goto(`${server.url}/h264aac.html`);
    await playsOn(page, "before", "mews", 5);
    silent = true;
    const cut = performance.now();
    await until(15_000, "another way shows pictures", async () => {
      const now = await playback(page);
      return now.way === "hlsjs" && now.state === "playing" ? now : undefined;
    });
    console.log(`  taken over ${((performance.now() - cut) / 1000).toFixed(1)} s after the last frame`);
    await page.close();
  }, 50_000);

  test("comes back by itself after the server was away, and says so meanwhile", async () => {
    const relay: Relay = startRelay(Number(new URL(server.url).port));
    const page = await open(`http://127.0.0.1:${relay.port}/h264aac.html`);
    try {
      await playsOn(page, "before", "mews", 5);
      relay.down();
      await page.getByText("The server does not answer").first().waitFor({ timeout: 20_000 });
      relay.up();
      await playsOn(page, "after", undefined, 5);
      await until(
        10_000,
        "nothing more is said",
        async () => (await playback(page)).reason === "" || undefined,
      );
    } finally {
      await page.close();
      relay.stop();
    }
  }, 100_000);

  test("is embedded in a page of another origin by the reference's one line", async () => {
    const page = await open(site.embed(server.url, "h264aac", { muted: true, width: 480 }));
    await playsOn(page, "embedded", undefined, 5);
    const { width } = await page.locator("fogcast-player").boundingBox() ?? { width: 0 };
    expect(width).toBe(480);
    // taken out of the page it asks for nothing more, not even for the still that a stopped one shows
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.evaluate(`document.querySelector("fogcast-player").remove()`);
    await page.waitForTimeout(700);
    expect(asked).toEqual([]);
    await page.close();
  }, 30_000);

  test("is operated by keys, and tells what it does to who cannot see it", async () => {
    const page = await open("h264aac.html");
    await playsOn(page, "keys", undefined, 5);
    const player = page.locator("fogcast-player");
    const video = (property: string) =>
      page.evaluate(`document.querySelector("fogcast-player").video.${property}`);
    expect(await page.evaluate("document.activeElement.localName")).toBe("fogcast-player");
    const muted = await video("muted");
    await page.keyboard.press("m");
    expect(await video("muted")).toBe(!muted);
    await page.keyboard.press("i");
    await page.getByText("protocol").waitFor();
    expect(await page.locator(".numbers-box").innerText()).toContain("latency");
    await page.keyboard.press("k");
    expect(await video("paused")).toBe(true);
    const held = await playback(page);
    await page.waitForTimeout(1500);
    expect((await playback(page)).time).toBe(held.time);
    await page.keyboard.press("Space");
    // at the newest again, not where it stopped
    await until(15_000, "it goes on", async () => {
      const { time, latency } = await playback(page);
      return time > held.time + 0.7 && latency !== undefined && latency < 3 || undefined;
    });
    await page.keyboard.press("c");
    const menu = page.getByRole("menu", { name: "Settings" });
    await menu.waitFor();
    const chosen = menu.getByRole("menuitemradio", { checked: true });
    expect(await chosen.last().innerText()).toMatch(/WebSocket|HLS/i);
    await page.keyboard.press("Escape");
    expect(await menu.isVisible()).toBe(false);
    // every control has a name and can be reached
    for (const name of ["Pause", "Live", "Settings", "Statistics", "Full screen"]) {
      expect(await player.getByRole("button", { name, exact: true }).count()).toBe(1);
    }
    expect(await player.getByRole("slider", { name: "Volume" }).count()).toBe(1);
    expect(await player.getByRole("status").innerText()).toBe("Playing");
    await page.close();
  }, 40_000);

  test("nothing threw in any page", () => expect(complaints).toEqual([]));
});
