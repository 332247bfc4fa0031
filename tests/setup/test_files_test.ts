import { expect, test } from "bun:test";
import { peersIn } from "./peers.ts";
import { ALONE, findTestFiles, groupOf } from "./test_files.ts";

test("groupOf() goes by folder and name", () => {
  expect(groupOf("tests/host/tcp_test.ts")).toBe("unit");
  expect(groupOf("tests/link/rtsp/camera_peer_test.ts")).toBe("peer");
  expect(groupOf("tests/e2e/browser_test.ts")).toBe("binary");
});

test("peersIn() finds what a text uses", () => {
  const names = (text: string) => peersIn(text).map((peer) => peer.name);
  expect(names('spawnSync("ffprobe", [])')).toEqual(["ffmpeg"]);
  expect(names('import { startChromium } from "../peers/browser.ts"')).toEqual(["chromium"]);
  expect(names("python3 camera.py")).toEqual(["gstreamer"]);
  expect(names("const gust = 1")).toEqual([]);
});

test("findTestFiles() finds this file, and keeps to the paths asked for", () => {
  const paths = findTestFiles(["tests/setup"]).map((file) => file.path);
  expect(paths).toContain("tests/setup/test_files_test.ts");
  expect(paths.every((path) => path.startsWith("tests/setup"))).toBe(true);
  expect(findTestFiles().length).toBeGreaterThan(paths.length);
});

test("every file that runs alone is there", () => {
  const alone = findTestFiles().filter((file) => file.alone).map((file) => file.path);
  expect(alone).toEqual([...ALONE].sort());
});
