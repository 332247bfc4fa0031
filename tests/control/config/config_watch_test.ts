import { expect, test } from "bun:test";
import { ConfigWatch, POLL_MILLIS, SETTLE_MILLIS } from "../../../src/control/config/config_watch.ts";
import { ManualClock } from "../../manual_clock.ts";
import { keptLog, MemoryStore } from "./memory_store.ts";

const FILES = new Set(["/c/fogcast.yaml", "/c/streams.yaml", "/secret/key"]);

async function watching() {
  const store = new MemoryStore({ "/c/fogcast.yaml": "a", "/c/streams.yaml": "b", "/secret/key": "k" });
  const clock = new ManualClock();
  const told = new Map<string, () => void>();
  let reloads = 0;
  const ports = {
    clock,
    log: keptLog(),
    stamp: (path: string) => Promise.resolve(store.files[path] ?? ""),
    list: (path: string) => store.list(path),
    watchFolder(path: string, changed: () => void) {
      if (path === "/") throw new Error("ENOENT");
      told.set(path, changed);
      return () => void told.delete(path);
    },
  };
  const record = { files: FILES, folders: new Set(["/c"]) };
  const watch = new ConfigWatch(ports, () => record, () => Promise.resolve(reloads++));
  await watch.start();
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(Math.min(50, left));
      for (let n = 0; n < 50; n++) await Promise.resolve();
    }
  };
  return { store, clock, told, watch, pass, reloads: () => reloads };
}

test("a change is taken up once the files are still", async () => {
  const { store, told, pass, reloads } = await watching();
  expect([...told.keys()].sort()).toEqual(["/c", "/secret"]);
  store.files["/c/streams.yaml"] = "half";
  told.get("/c")?.();
  await pass(SETTLE_MILLIS - 50);
  store.files["/c/streams.yaml"] = "whole";
  told.get("/c")?.();
  await pass(SETTLE_MILLIS - 50);
  expect(reloads()).toBe(0);
  await pass(SETTLE_MILLIS * 2);
  expect(reloads()).toBe(1);
});

test("new and removed files of a folder count, other files beside them do not", async () => {
  const { store, told, pass, reloads } = await watching();
  store.files["/secret/other"] = "x";
  told.get("/secret")?.();
  await pass(SETTLE_MILLIS * 3);
  expect(reloads()).toBe(0);
  store.files["/c/hls.yaml"] = "x";
  told.get("/c")?.();
  await pass(SETTLE_MILLIS * 3);
  expect(reloads()).toBe(1);
  delete store.files["/c/hls.yaml"];
  told.get("/c")?.();
  await pass(SETTLE_MILLIS * 3);
  expect(reloads()).toBe(2);
});

test("what nobody tells is seen by looking now and then", async () => {
  const { store, pass, reloads } = await watching();
  store.files["/secret/key"] = "new";
  await pass(POLL_MILLIS + SETTLE_MILLIS * 3);
  expect(reloads()).toBe(1);
});

test("a folder that vanishes and comes back is a change each time, and is watched anew", async () => {
  const { store, told, pass, reloads } = await watching();
  const before = told.get("/c");
  const files = { ...store.files };
  for (const path of Object.keys(files)) delete store.files[path];
  await pass(POLL_MILLIS + SETTLE_MILLIS * 3);
  expect(reloads()).toBe(1);
  Object.assign(store.files, files);
  await pass(POLL_MILLIS + SETTLE_MILLIS * 3);
  expect(reloads()).toBe(2);
  expect(told.get("/c")).not.toBe(before);
});

test("after stop() nothing is watched and nothing happens", async () => {
  const { store, told, watch, pass, reloads } = await watching();
  watch.stop();
  store.files["/c/fogcast.yaml"] = "new";
  await pass(POLL_MILLIS * 2);
  expect([told.size, reloads()]).toEqual([0, 0]);
});
