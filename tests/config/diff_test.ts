import { expect, test } from "bun:test";
import { diffConfigs } from "../../src/config/diff.ts";
import type { Config } from "../../src/config/sections/table.ts";
import { load } from "./memory_files.ts";

async function config(content: Record<string, string>, path = "f.yaml"): Promise<Config> {
  const loaded = await load(content, path);
  if (loaded.config === undefined) throw new Error(String(loaded.errors[0]));
  return loaded.config;
}
const yaml = (text: string) => config({ "f.yaml": text });

test("diffConfigs() sees nothing where only the writing differs", async () => {
  const before = await yaml(
    "hls: { segment: 2 }\nstreams: { b: { source: rtsp://c/2 }, a: { source: rtsp://c/1 } }",
  );
  const after = await config({
    "/c/streams.yaml": "a: { source: rtsp://c/1, idle: 30s }\nb: { source: rtsp://c/2 }",
  }, "/c");
  expect(diffConfigs(before, after)).toEqual({ sections: [], added: [], removed: [], changed: new Map() });
});

test("diffConfigs() names streams added, removed and changed, with the fields", async () => {
  const before = await yaml(
    "streams: { a: { source: rtsp://c/1 }, b: { source: rtsp://c/2 }, c: { source: rtsp://c/3 } }",
  );
  const after = await yaml(
    "streams: { b: { source: rtsp://c/9, idle: 1s }, c: { source: rtsp://c/3 }, d: { source: rtsp://c/4 } }",
  );
  expect(diffConfigs(before, after)).toEqual({
    sections: [],
    added: ["d"],
    removed: ["a"],
    changed: new Map([["b", ["source", "idle"]]]),
  });
});

test("diffConfigs() finds the streams that inherit a new default, and those alone", async () => {
  const streams =
    "streams: { a: { source: rtsp://c/1 }, b: { source: rtsp://c/2, transport: udp }, c: { source: /x } }";
  const change = diffConfigs(await yaml(streams), await yaml(`rtsp: { transport: tcp }\n${streams}`));
  expect(change.changed).toEqual(new Map([["a", ["transport"]]]));
  expect(change.sections).toEqual([]);
});

test("diffConfigs() names the sections that differ", async () => {
  const change = diffConfigs(
    await yaml("http: { listen: [':1', ':2'] }\nlog: { level: warn }"),
    await yaml("http: { listen: [':1', ':3'] }\nlog: { level: warn }\nbuffer: { maxMegabytesPerTrack: 1 }"),
  );
  expect(change.sections).toEqual(["http", "buffer"]);
});

test("diffConfigs() sees an option taken away from a source", async () => {
  const change = diffConfigs(
    await yaml("streams: { a: { source: rtsp://c/1, token: x } }"),
    await yaml("streams: { a: { source: rtsp://c/1 } }"),
  );
  expect(change.changed.get("a")).toEqual(["token"]);
});
