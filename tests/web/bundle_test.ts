import { expect, test } from "bun:test";
import { readAsset } from "../../src/host/assets.ts";

/** Gzipped bytes that a page has to load before anything plays. */
const PLAYER_MAX = 40 * 1024;

test("player.js is one classic script within its budget", () => {
  const script = readAsset("player.js") as Uint8Array<ArrayBuffer>;
  const gzipped = Bun.gzipSync(script, { level: 9 }).length;
  console.log(`  player.js: ${gzipped} bytes gzipped`);
  expect(gzipped).toBeLessThan(PLAYER_MAX);
  const text = new TextDecoder().decode(script);
  // neither a module, nor names in the page's scope, nor anybody else's address
  expect(() => new Function(text)).not.toThrow();
  expect(text).toStartWith("(()=>{");
  const addresses = [...text.matchAll(/https?:\/\/[\w.-]+/g)].map(([address]) => address);
  expect(addresses).toEqual([]);
});

test("the page's other scripts are there, and small", () => {
  for (const name of ["page.js", "hevc_worker.js"]) {
    const script = readAsset(name) as Uint8Array<ArrayBuffer>;
    expect(Bun.gzipSync(script).length).toBeLessThan(8 * 1024);
  }
});
