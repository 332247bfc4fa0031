import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { contentTypeOf, listAssets, readAsset } from "../../src/host/assets.ts";

test("the page, the player, its libraries and the demo clip are there by their names", () => {
  const names = listAssets();
  for (const name of ["index.html", "player.js", "hls.js", "hevc_decoder.wasm", "demo/clip.h264"]) {
    expect(names).toContain(name);
  }
  expect(names.filter((name) => name.endsWith(".md"))).toEqual([]);
  expect(readAsset("hls.js")).toEqual(new Uint8Array(readFileSync("node_modules/hls.js/dist/hls.min.js")));
  expect(new TextDecoder().decode(readAsset("licences.txt"))).toMatch(
    /^@hevcjs[^]*^dashjs[^]*^hls\.js[^]*^hono[^]*^yaml/m,
  );
  expect(readAsset("demo/clip.h264")!.subarray(0, 4)).toEqual(new Uint8Array([0, 0, 0, 1]));
});

for (const name of ["nothing.html", "", "../app/main.ts", "/etc/passwd", "demo/../index.html", "README.md"]) {
  test(`readAsset() has nothing called ${JSON.stringify(name)}`, () =>
    expect(readAsset(name)).toBeUndefined());
}

test("contentTypeOf() goes by the end of the name", () => {
  expect(contentTypeOf("index.html")).toBe("text/html; charset=utf-8");
  expect(contentTypeOf("hls.JS")).toBe("text/javascript; charset=utf-8");
  expect(contentTypeOf("demo/clip.h264")).toBe("application/octet-stream");
  expect(contentTypeOf("no-ending")).toBe("application/octet-stream");
});
