import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/host/clock.ts";
import { discoverCameras, type FoundCamera } from "../../../src/link/discovery/discover.ts";
import { serviceAt } from "../../../src/link/discovery/probe_network.ts";
import { plainName, streamEntries, withLogin } from "../../../src/link/discovery/stream_entries.ts";
import { STREAM_NAME_MAX } from "../../../src/media/stream_name.ts";
import { type OnvifCamera, startOnvifCamera } from "../../peers/onvif_camera.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const login = { user: "admin", password: "p:w/ä&" };
let cameras: OnvifCamera[] = [];
let found: FoundCamera[] = [];
let without: FoundCamera[] = [];

beforeAll(async () => {
  cameras = [
    await startOnvifCamera({
      name: "Front Door",
      ...login,
      auth: "token",
      clockOffMillis: -86_400_000 * 400,
    }),
    await startOnvifCamera({ name: "Yard", ...login, auth: "http digest", behindRouter: true }),
    await startOnvifCamera({ name: "Attic", old: true }),
    await startOnvifCamera({ name: "Vault", user: "root", password: "other", auth: "token" }),
  ];
  const o = { interfaces: ["lo"], millis: 4000 };
  const ours = (list: FoundCamera[]) => list.filter((c) => cameras.some((k) => k.id === c.id));
  [found, without] = (await Promise.all([
    discoverCameras({ ...o, ...login }, systemClock, quiet),
    discoverCameras({ ...o, user: "", password: "" }, systemClock, quiet),
  ])).map(ours) as [FoundCamera[], FoundCamera[]];
}, 60_000);
afterAll(() => cameras.forEach((camera) => camera.close()));

const named = (name: string, list = found) => list.find((c) => c.name === name);

describe("discoverCameras()", () => {
  test("finds every camera once, whatever it answers to", () => {
    expect(found.map((c) => c.name).sort()).toEqual(["Attic", "Front Door", "Vault", "Yard"]);
  });
  test("reads the streams of the newer media service, by a token of the camera's own time", () => {
    expect(named("Front Door")).toMatchObject({
      host: "127.0.0.1",
      manufacturer: "Made & Up",
      model: "M-1",
      firmware: "1.2",
      location: "hall",
      trouble: "",
      streams: [
        {
          name: "Main Stream",
          video: "H265",
          width: 3840,
          height: 2160,
          framesPerSecond: 25,
          audio: "MP4A-LATM",
        },
        { name: "Sub", token: "s&b", video: "H264", width: 640, height: 360, framesPerSecond: 0, audio: "" },
      ],
    });
    const { id } = cameras[0]!;
    expect(named("Front Door")?.streams.map((s) => s.url)).toEqual([
      `rtsp://10.9.8.7:554/main?id=${id}&x=1`,
      `rtsp://10.9.8.7:554/s%26b?id=${id}&x=1`,
    ]);
  });
  test("answers HTTP Digest, and reaches a camera that knows its own address only", () => {
    const yard = named("Yard");
    expect(yard?.trouble).toBe("");
    expect(yard?.streams[0]?.url).toBe(`rtsp://127.0.0.1:554/main?id=${cameras[1]!.id}&x=1`);
  });
  test("asks old cameras by the older service", () => {
    expect(named("Attic")?.streams).toMatchObject([
      { token: "p0", video: "H264", width: 1280, height: 720, framesPerSecond: 15, audio: "G711" },
    ]);
    expect(cameras[2]!.asked).toContain("GetCapabilities");
  });
  test("says which cameras refuse the login, or want one", () => {
    expect(named("Vault")).toMatchObject({ trouble: "refuses the login", streams: [] });
    for (const name of ["Front Door", "Yard", "Vault"]) {
      expect(named(name, without)).toMatchObject({ trouble: "wants a login", streams: [] });
    }
    expect(named("Attic", without)?.streams).toHaveLength(1);
  });
  test("refuses interfaces that are not there", async () => {
    const asked = discoverCameras({ interfaces: ["nope0"], millis: 10, ...login }, systemClock, quiet);
    expect(asked).rejects.toThrow("no interface nope0: there are lo");
    await asked.catch(() => undefined);
  });
});

describe("streamEntries()", () => {
  const sources = (list: readonly { name: string; source: string }[]) =>
    list.map((e) => `${e.name} ${e.source}`);
  const id = (i: number) => cameras[i]!.id;
  test("takes the largest picture of each camera, with the login", () => {
    const some = found.filter((c) => c.name !== "Attic");
    expect(sources(streamEntries(some, new Map(), { ...login, all: false })).sort()).toEqual([
      `front-door rtsp://admin:p%3Aw%2F%C3%A4%26@10.9.8.7:554/main?id=${id(0)}&x=1`,
      `yard rtsp://admin:p%3Aw%2F%C3%A4%26@127.0.0.1:554/main?id=${id(1)}&x=1`,
    ]);
  });
  test("takes all where that is wanted, under free names, and none that is there", () => {
    const existing = new Map([
      ["front-door-sub", "rtsp://x/1"],
      ["old", `rtsp://joe:hush@10.9.8.7/main?id=${id(0)}&x=1`],
    ]);
    const front = found.filter((c) => c.name === "Front Door");
    expect(sources(streamEntries(front, existing, { user: "", password: "", all: true }))).toEqual([
      `front-door-sub-2 rtsp://10.9.8.7:554/s%26b?id=${id(0)}&x=1`,
    ]);
  });
  test("names are names of streams, whatever the camera is called", () => {
    const names = ["Tür (2)", "  ", "ZUFAHRT/Süd", "日本", "x".repeat(300), "a_b.c"];
    expect(names.map(plainName)).toEqual([
      "tur-2",
      "",
      "zufahrt-sud",
      "",
      "x".repeat(STREAM_NAME_MAX / 2 - 5),
      "a-b-c",
    ]);
    expect(withLogin("rtsp://h/1", { user: "", password: "" })).toBe("rtsp://h/1");
  });
});

test("a login goes to nobody but the address that answered", () => {
  expect(serviceAt(["http://10.0.0.9/x", "http://10.0.0.5:81/y"], "10.0.0.5")).toBe("http://10.0.0.5:81/y");
  expect(serviceAt(["http://evil.example/x"], "10.0.0.5")).toBe("http://10.0.0.5/x");
  expect(serviceAt(["not a url"], "10.0.0.5")).toBeUndefined();
});
