import { expect, test } from "bun:test";
import { StaticFiles } from "../../../src/egress/http/static_files.ts";

const PAGE = "<!doctype html>" + "<p>hello".repeat(500);
let reads = 0;
const files = () =>
  new StaticFiles((name) => {
    reads++;
    if (name === "index.html") return new TextEncoder().encode(PAGE);
    return name === "pixel.png" ? Uint8Array.of(1, 2, 3) : undefined;
  });
const request = (headers: Record<string, string> = {}) => new Request("http://h/", { headers });

test("the page is at /, typed, and read once", async () => {
  const of = files();
  reads = 0;
  const answer = await of.answer(request(), "/", undefined);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(answer.headers.get("cache-control")).toBe("no-cache");
  expect(await answer.text()).toBe(PAGE);
  await of.answer(request(), "/index.html", undefined);
  await of.answer(request(), "/", undefined);
  expect(reads).toBe(1);
});

test("a known ETag is answered 304, in lists and weak form too", async () => {
  const of = files();
  const etag = (await of.answer(request(), "/", undefined)).headers.get("etag") as string;
  for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
    const answer = await of.answer(request({ "if-none-match": known }), "/", undefined);
    expect(answer.status).toBe(304);
    expect(answer.headers.get("etag")).toBe(etag);
  }
  expect((await of.answer(request({ "if-none-match": '"x"' }), "/", undefined)).status).toBe(200);
});

test("text goes out in gzip form, images do not", async () => {
  const of = files();
  const page = await of.answer(request({ "accept-encoding": "gzip" }), "/", undefined);
  expect(page.headers.get("content-encoding")).toBe("gzip");
  expect(page.headers.get("vary")).toBe("Accept-Encoding");
  expect(new TextDecoder().decode(Bun.gunzipSync(await page.bytes() as Uint8Array<ArrayBuffer>))).toBe(PAGE);
  const image = await of.answer(request({ "accept-encoding": "gzip" }), "/pixel.png", undefined);
  expect(image.headers.get("content-encoding")).toBeNull();
  expect(await image.bytes()).toEqual(Uint8Array.of(1, 2, 3));
});

test("an address that carries the file's tag is immutable, with another tag it is not", async () => {
  const of = files();
  const etag = (await of.answer(request(), "/", undefined)).headers.get("etag") as string;
  const fixed = await of.answer(request(), "/", etag.replaceAll('"', ""));
  expect(fixed.headers.get("cache-control")).toContain("immutable");
  expect((await of.answer(request(), "/", "old")).headers.get("cache-control")).toBe("no-cache");
});

test("players' libraries have the reference product's names too, and are there once", async () => {
  const read: string[] = [];
  const of = new StaticFiles((name) => {
    read.push(name);
    return name === "hls.js" || name === "dash.js" ? new TextEncoder().encode(`// ${name}`) : undefined;
  });
  for (const [name, alias] of [["hls.js", "hlsjs.js"], ["dash.js", "dashjs.js"]] as const) {
    const own = await of.answer(request(), `/${name}`, undefined);
    const same = await of.answer(request(), `/${alias}`, undefined);
    expect(same.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect([...same.headers]).toEqual([...own.headers]);
    expect(await same.text()).toBe(`// ${name}`);
  }
  expect(read).toEqual(["hls.js", "dash.js"]);
  expect((await of.answer(request(), "/constructor", undefined)).status).toBe(404);
});

test("what is not there is 404", async () => {
  expect((await files().answer(request(), "/../etc/passwd", undefined)).status).toBe(404);
});
