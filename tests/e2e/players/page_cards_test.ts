import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { contentTypeOf, readAsset } from "../../../src/host/assets.ts";
import { startChromium } from "../../peers/browser.ts";
import { until } from "../../peers/fogcast.ts";

interface Row {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly tracks: readonly { readonly label: string }[];
}

const row = (name: string, state = "idle", reason = ""): Row => ({ name, state, reason, tracks: [] });

describe("the page, before a server of which every answer is known", () => {
  let rows: Row[] = [];
  let asked: string[] = [];
  let browser: Browser;
  let page: Page;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      if (pathname === "/streams.json") return Response.json(rows);
      if (pathname.startsWith("/hls/")) return new Response("", { status: 503 });
      const name = pathname === "/" ? "index.html" : pathname.slice(1);
      const bytes = readAsset(name);
      return bytes === undefined
        ? new Response("", { status: 404 })
        : new Response(bytes.slice(), { headers: { "content-type": contentTypeOf(name) } });
    },
  });

  beforeAll(async () => {
    browser = await startChromium();
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    await server.stop(true);
  });
  beforeEach(async () => {
    await page?.close();
    page = await browser.newPage();
    asked = [];
  });

  const open = () => page.goto(server.url.href);
  const names = () => page.locator("h2").allInnerTexts();
  const playlists = () => new Set(asked.filter((path) => path.startsWith("/hls/"))).size;

  test("streams stand in the order of their numbers, and one that comes later among them", async () => {
    rows = ["cam1", "cam10", "cam2", "cam3", "door"].map((name) => row(name));
    await open();
    await page.locator("h2").first().waitFor();
    expect(await names()).toEqual(["cam1", "cam2", "cam3", "cam10", "door"]);
    rows = [...rows, row("cam4")];
    const later = await until(6000, "the new stream", async () => {
      const now = await names();
      return now.length === 6 ? now : undefined;
    });
    expect(later).toEqual(["cam1", "cam2", "cam3", "cam4", "cam10", "door"]);
  }, 20_000);

  test("five streams wait for their buttons, four start by themselves", async () => {
    rows = ["a", "b", "c", "d", "e"].map((name) => row(name));
    await open();
    await page.locator("button.start").first().waitFor();
    expect(await page.locator("button.start:visible").count()).toBe(5);
    expect(playlists()).toBe(0);
    rows = rows.slice(0, 4);
    await open();
    await until(5000, "four playlists asked for", () => Promise.resolve(playlists() === 4 || undefined));
    expect(await page.locator("button.start:visible").count()).toBe(0);
  }, 20_000);

  test("a viewer is told that the stream starts, then why not, also while it is tried again", async () => {
    rows = [row("door")];
    await page.route("**/hls/**", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      await route.continue();
    });
    await open();
    const say = page.locator(".say");
    await page.getByText("Starting the stream…").waitFor({ timeout: 2000 });
    // It waits: its state is asked for more often than every 3 s.
    await until(
      2500,
      "three lists",
      () => Promise.resolve(asked.filter((path) => path === "/streams.json").length >= 3 || undefined),
    );
    await page.getByText("The stream is offline, trying again").waitFor({ timeout: 3000 });
    for (let i = 0; i < 15; i++) {
      expect(await say.innerText()).toBe("The stream is offline, trying again");
      await page.waitForTimeout(100);
    }
  }, 20_000);

  test("the reason of a camera that refuses stands on its card", async () => {
    rows = [row("door", "refused", "camera refuses the user name or password (401)")];
    await open();
    await page.getByText("camera refuses the user name or password (401)").waitFor({ timeout: 2000 });
  }, 10_000);

  test("without streams the page says what to write, and leaves a selection in it alone", async () => {
    rows = [];
    await open();
    await page.locator(".empty pre").waitFor();
    expect(await page.innerText(".empty")).toContain("source: rtsp://");
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector("pre"))`);
    const before = asked.length;
    await until(6000, "the next list", () => Promise.resolve(asked.length > before || undefined));
    await page.waitForTimeout(200);
    expect(await page.evaluate("String(getSelection())")).toContain("front-door");
    expect(await page.locator(".empty").count()).toBe(1);
  }, 15_000);
});
