import { expect, test } from "bun:test";
import { adviceOn, printCameras } from "../../src/app/discover_command.ts";
import type { FoundCamera } from "../../src/link/discovery/discover.ts";

const stream = {
  token: "main",
  name: "Main",
  video: "H264",
  width: 1280,
  height: 720,
  framesPerSecond: 25,
  audio: "AAC",
  url: "rtsp://10.0.0.7/main",
};
const open: FoundCamera = {
  id: "1",
  host: "10.0.0.7",
  name: "Yard",
  hardware: "M",
  location: "",
  manufacturer: "Made",
  model: "Up",
  firmware: "1.2",
  serial: "",
  streams: [stream],
  trouble: "",
  locked: false,
};
const locked: FoundCamera = {
  ...open,
  host: "10.0.0.8",
  streams: [],
  trouble: "wants a login",
  locked: true,
};
const entry = { name: "yard", source: "rtsp://10.0.0.7/main" };
const o = { config: "fogcast.yaml", user: "" };

test("a camera is a paragraph, a stream two lines", () => {
  expect(printCameras([open, locked])).toBe(
    "10.0.0.7  Yard  Made Up  firmware 1.2\n  Main: H264 1280x720 25/s + AAC\n    rtsp://10.0.0.7/main\n\n" +
      "10.0.0.8  Yard  Made Up  firmware 1.2\n  wants a login",
  );
});

test("where no camera answered, what to look at and how to do without", () => {
  expect(printCameras([])).toBe("No camera answered.");
  expect(adviceOn([], [], o).join("\n")).toMatch(/ONVIF must be on.*--interface[^]*source: rtsp:\/\//);
});

test("what cameras want that told nothing", () => {
  expect(adviceOn([locked], [], o)).toEqual([
    "One camera wants a login: --user NAME asks for its password and tries it at all of them.",
  ]);
  expect(adviceOn([locked, locked, open], [entry], { ...o, user: "admin" })).toEqual([
    "2 cameras want another login than admin's: a further run with that one adds the rest.",
  ]);
});

test("what comes next, where something was found", () => {
  expect(adviceOn([open], [entry], o)).toEqual([]);
  expect(adviceOn([open], [], o)).toEqual(["fogcast.yaml has these streams already."]);
  expect(adviceOn([open], [entry], { ...o, config: undefined })).toEqual([
    "--config PATH adds the streams to that configuration, after asking.",
  ]);
});
