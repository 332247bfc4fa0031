import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { contentTypeOf, readAsset } from "../../../src/host/assets.ts";
import { startChromium } from "../../peers/browser.ts";
import { until } from "../../peers/fogcast.ts";

interface Row {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly tracks: readonly { readonly codec: string; readonly label: string }[];
}

const row = (name: string, state = "idle", reason = ""): Row => ({ name, state, reason, tracks: [] });

describe("the page, before a server of which every answer is known", () => {
  let rows: Row[] = [];
  let asked: string[] = [];
  /** Until then nobody is told how the streams are. */
  let mayTell = Promise.resolve();
  let tell = () => {};
  let browser: Browser;
  let page: Page;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      if (pathname === "/streams.json") return Response.json(rows);
      if (pathname.startsWith("/json_")) {
        await mayTell;
        return Response.json({ error: "Stream is offline", error_guru: "the camera is unplugged" });
      }
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
  }, 30_000);
  beforeEach(async () => {
    await page?.close();
    page = await browser.newPage();
    asked = [];
    mayTell = new Promise((resolve) => tell = resolve);
  });

  const open = () => page.goto(server.url.href);
  const names = () => page.locator("h2:visible").allInnerTexts();
  const watched = () => new Set(asked.filter((path) => path.startsWith("/json_"))).size;
  const focused = () => page.evaluate("document.activeElement.stream ?? document.activeElement.localName");

  test(
    "many streams: in the order of their numbers, waiting for their buttons, filtered, moved through by keys",
    async () => {
      rows = ["cam1", "cam10", "cam2", "cam3", "door", "e", "f", "g", "h"].map((name) => row(name));
      await open();
      await page.locator("button.start").first().waitFor();
      expect((await names()).slice(0, 5)).toEqual(["cam1", "cam2", "cam3", "cam10", "door"]);
      expect(await page.locator("button.start:visible").count()).toBe(9);
      expect(watched()).toBe(0);

      await page.getByRole("searchbox").fill("CAM");
      expect(await names()).toEqual(["cam1", "cam2", "cam3", "cam10"]);

      await page.evaluate(`document.querySelector("fogcast-player").focus()`);
      await page.keyboard.press("ArrowRight");
      expect(await focused()).toBe("cam2");
      await page.keyboard.press("Enter");
      expect(await page.locator("article.large h2").innerText()).toBe("cam2");
      expect(page.url()).toEndWith("#cam2");
      await until(10_000, "it is played", () => Promise.resolve(watched() === 1 || undefined));
      await page.keyboard.press("ArrowRight");
      expect(await page.locator("article.large h2").innerText()).toBe("cam3");
      await page.keyboard.press("Escape");
      await until(
        10_000,
        "all again",
        async () => await page.locator("article.large").count() === 0 || undefined,
      );
      expect(await focused()).toBe("cam3");
    },
    60_000,
  );

  test(
    "few streams start by themselves; why they do not play is told and stays told; one that comes later stands in its place",
    async () => {
      rows = [row("cam1"), row("cam3", "refused", "camera refuses the user name or password (401)")];
      await open();
      const say = page.locator(".say").first();
      await say.getByText("Starting the stream…").waitFor({ timeout: 10_000 });
      tell();
      await page.getByText("camera refuses the user name or password (401)").waitFor({ timeout: 10_000 });
      await say.getByText("Stream is offline: the camera is unplugged").waitFor({ timeout: 10_000 });
      const heard = page.getByRole("status").getByText("the camera is unplugged");
      await until(10_000, "both told", async () => await heard.count() === 2 || undefined);
      expect(await page.locator("button.start:visible").count()).toBe(0);
      rows = [...rows, row("cam2")];
      await until(20_000, "the new stream", async () => (await names()).length === 3 || undefined);
      expect(await names()).toEqual(["cam1", "cam2", "cam3"]);
      expect(await say.innerText()).toBe("Stream is offline: the camera is unplugged");
      expect(await page.locator("article").nth(1).getByRole("link").getAttribute("href")).toBe("cam2.html");
    },
    60_000,
  );

  test("a stream alone fills the page when it is enlarged", async () => {
    rows = [row("door")];
    await open();
    await page.getByRole("button", { name: "Enlarge door" }).click();
    const box = await page.locator("article.large").boundingBox();
    expect(box).toEqual({ x: 0, y: 0, ...page.viewportSize() as { width: number; height: number } });
  }, 40_000);

  test("without streams the page says what to write, and leaves a selection in it alone", async () => {
    rows = [];
    await open();
    await page.locator(".empty pre").waitFor();
    expect(await page.innerText(".empty")).toContain("source: rtsp://");
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector("pre"))`);
    const before = asked.length;
    await until(20_000, "the next list", () => Promise.resolve(asked.length > before || undefined));
    await page.waitForTimeout(100);
    expect(await page.evaluate("String(getSelection())")).toContain("front-door");
    expect(await page.locator(".empty").count()).toBe(1);
  }, 40_000);
});
