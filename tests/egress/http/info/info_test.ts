import { describe, expect, test } from "bun:test";
import type { OutputDescriptor } from "../../../../src/config/option.ts";
import { listSources } from "../../../../src/egress/http/info/sources.ts";
import type { TrackInfo } from "../../../../src/egress/http/info/track_info.ts";
import type { RequestInfo } from "../../../../src/host/http_server.ts";
import type { WebSocketHandlers } from "../../../../src/host/websocket.ts";
import { FakePeer } from "../mp4_socket/socket_fixture.ts";
import { settle, type TestApp } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { ALAW, AUDIO, VIDEO } from "../test_door.ts";

const { open: start } = testApps();

async function json(app: TestApp, path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await app.text(path)) as Record<string, unknown>;
}

describe("stream information", () => {
  test("has the reference's shape", async () => {
    const app = start();
    await app.camera(5);
    const info = await json(app, "/json_cam.js");
    expect(info).toEqual({
      width: 320,
      height: 180,
      type: "live",
      unixoffset: Date.UTC(2026, 5, 1, 12) - 1000,
      selver: 2,
      capa: { datachannels: false, selver: 2, ssl: true },
      meta: {
        tracks: {
          "video_H264_320x180_25fps_0": expect.objectContaining({
            codec: "H264",
            codecstring: "avc1.42C00D",
            type: "video",
            idx: 0,
            trackid: 0,
            init: String.fromCharCode(...VIDEO.config),
            firstms: 1000,
            lastms: 5960,
            width: 320,
            height: 180,
            fpks: 25_000,
            h264_profile: "Constrained Baseline",
            h264_level: "1.3",
          }),
          "audio_AAC_2ch_48000hz_eng_1": expect.objectContaining({
            codec: "AAC",
            type: "audio",
            lang: "eng",
            language: "English",
            rate: 48_000,
            channels: 2,
          }),
        },
        jitter: expect.any(Number),
        bframes: 0,
        live: 1,
        version: 4,
        buffer_window: 4971,
      },
      source: expect.any(Array),
    });
    const bps = (info["meta"] as { tracks: Record<string, { bps: number }> }).tracks;
    // 1.35 KB a frame and 9 KB a key frame; bytes, not bits
    expect(bps["video_H264_320x180_25fps_0"]?.bps).toBeGreaterThan(30_000);
    expect(bps["video_H264_320x180_25fps_0"]?.bps).toBeLessThan(50_000);
  });

  test("lists sources under the address that the client sees, the best first", async () => {
    const app = start();
    await app.camera(3);
    const sources = (await json(app, "/json_cam.js"))["source"] as Record<string, unknown>[];
    expect(sources[0]).toEqual({
      type: "ws/video/mp4",
      hrn: "MP4 WebSocket",
      relurl: "cam.mp4",
      priority: 10,
      simul_tracks: 2,
      total_matches: 2,
      url: "ws://host/cam.mp4",
    });
    expect(sources.map((s) => s["type"])).toContain("html5/application/vnd.apple.mpegurl;version=7");
    expect(sources.map((s) => s["type"])).not.toContain("html5/image/jpeg");
    const all = (await json(app, "/json_cam.js?inclzero=1"))["source"] as Record<string, unknown>[];
    expect(all.map((s) => s["type"])).toContain("html5/image/jpeg");
    const behind = await app.get("/json_cam.js", { headers: { "x-mst-path": "https://cdn.example/cams/" } });
    expect((await behind.json() as { source: { url: string }[] }).source[0]?.url).toBe("ws://host/cam.mp4");
    const proxy = await app.app(
      new Request("http://host/json_cam.js", { headers: { "x-mst-path": "https://cdn.example/cams/" } }),
      { remote: "127.0.0.1" },
    );
    expect((await proxy.json() as { source: { url: string }[] }).source[0]?.url)
      .toBe("wss://cdn.example/cams/cam.mp4");
  });

  test("of a stream that does not play says why", async () => {
    const app = start();
    expect(await json(app, "/json_none.js")).toEqual({
      error: "Could not retrieve stream. Sorry.",
      error_guru: "no such stream",
    });
    expect(await json(app, "/json_cam.js")).toEqual({ error: "Stream is initializing" });
    for (
      const [state, error] of [
        ["idle", "Stream is offline"],
        ["connecting", "Stream is booting"],
        ["waiting", "Stream is waiting for data"],
        ["refused", "Stream is offline"],
      ] as const
    ) {
      app.state = { state, reason: "because" };
      app.clock.time += 1000;
      expect(await json(app, "/json_cam+x.js").then((i) => i["error"])).toBe("Stream is offline");
      expect(await json(app, "/json_cam.js")).toEqual({ error, error_guru: "because" });
    }
    expect(app.door.opens).toBe(1);
  });

  test("has the operator's words for streams that do not play", async () => {
    const app = start();
    const other = app.another({}, { noStreamText: "Back at 8" });
    const said = async () => JSON.parse(await (await app.get("/json_cam.js", {}, other)).text());
    expect(await said()).toEqual({ error: "Stream is initializing", on_error: "Back at 8" });
    await app.camera(3);
    expect((await said())["on_error"]).toBe("Back at 8");
    other.close();
  });

  test("as a script, and as a call of a function", async () => {
    const app = start();
    await app.camera(3);
    const script = await app.text("/info_cam.js");
    const mistvideo = new Function(`var mistvideo; ${script}; return mistvideo`)() as Record<
      string,
      { type: string }
    >;
    expect(mistvideo["cam"]?.type).toBe("live");
    const odd = await app.text(`/info_cam+${encodeURIComponent("'<script>\u2028\"")}.js`);
    expect(odd).not.toContain("<script>");
    const [name] = Object.keys(new Function(`var mistvideo; ${odd}; return mistvideo`)() as object);
    expect(name).toBe("cam+'<script>\u2028\"");
    const called = await app.text("/json_cam.js?callback=a.b");
    expect(called).toMatch(/^a\.b\(\{.*\}\);\n$/s);
    expect((await app.get("/json_cam.js?jsonp=alert(1)")).status).toBe(400);
    const head = await app.get("/json_cam.js", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });
});

/** Opens a WebSocket at the app, which is told that the request became one. */
async function upgrade(app: TestApp, path: string): Promise<{ peer: FakePeer; owner: WebSocketHandlers }> {
  let owner: WebSocketHandlers | undefined;
  const info: RequestInfo = {
    remote: "192.0.2.1",
    upgrade: (handlers) => {
      owner = handlers;
      return new Response();
    },
  };
  await app.app(new Request(`http://host${path}`, { headers: { upgrade: "websocket" } }), info);
  if (owner === undefined) throw new Error("no upgrade");
  const peer = new FakePeer();
  owner.open(peer);
  return { peer, owner };
}

describe("stream information over a WebSocket", () => {
  test("comes at once, at every change, and starts the stream", async () => {
    const app = start();
    app.state = { state: "idle", reason: "" };
    const { peer, owner } = await upgrade(app, "/json_cam.js");
    const until = async (count: number) => {
      for (let n = 0; n < 200 && peer.got.length < count; n++) {
        app.clock.time += 500;
        await settle(10);
      }
    };
    await until(1);
    expect(app.door.opens).toBe(1);
    expect(peer.texts(/.*/)).toEqual([{ error: "Stream is offline" }]);
    app.state = { state: "online", reason: "" };
    await until(2);
    await app.camera(3, [VIDEO, AUDIO]);
    await until(3);
    const told = peer.got.map((m) =>
      JSON.parse(m as string) as { error?: string; meta?: { tracks: object } }
    );
    expect(told.map((i) => i.error ?? Object.keys(i.meta?.tracks ?? {}).length)).toEqual([
      "Stream is offline",
      "Stream is initializing",
      2,
    ]);
    expect(app.door.touches.length).toBeGreaterThan(0);
    owner.close();
    expect(peer.got.length).toBe(3);
  });

  for (const [what, code] of [["begins anew", 1012], ["ends", 1001]] as const) {
    test(`ends where the server ${what}, and says so`, async () => {
      const app = start();
      const { peer } = await upgrade(app, "/json_cam.js");
      if (code === 1012) app.app.leaveSockets();
      else app.app.close();
      expect(peer.closed).toBe(code);
    });
  }

  test("takes no place where it does not come about", async () => {
    const app = start();
    const asked = { headers: { upgrade: "websocket" } };
    for (let n = 0; n < 20_000; n++) {
      await app.app(new Request("http://host/json_cam.js", asked), { remote: "192.0.2.1" });
    }
    await upgrade(app, "/json_cam.js");
  });
});

describe("sources", () => {
  const track = (type: TrackInfo["type"], codec: string): TrackInfo => ({
    codec,
    codecstring: "",
    type,
    idx: 0,
    trackid: 0,
    init: "",
    firstms: 0,
    lastms: 0,
    nowms: 0,
    bps: 0,
    maxbps: 0,
  });
  const output = (path: string, priority: number, codecs: OutputDescriptor["codecs"]): OutputDescriptor => ({
    name: path,
    urls: [],
    help: "",
    codecs,
    options: [],
    sources: [{ type: path, name: path, path: `NAME.${path}`, priority }],
  });
  const question = {
    name: "a+b c",
    base: "https://h:1/p",
    withNone: false,
    dataEverywhere: false,
    ports: {},
  };

  test("are in order of kinds at once, priority, matches, address", () => {
    const tracks = [track("video", "H264"), track("audio", "AAC"), track("audio", "ALAW")];
    const outputs = [
      output("d", 1, ["h264"]),
      output("c", 9, ["h264"]),
      output("b", 1, ["h264", "aac"]),
      output("a", 1, ["h264", "aac", "alaw"]),
      output("none", 9, ["vp8"]),
      output("aa", 1, ["h264", "aac", "alaw"]),
    ];
    const found = listSources(outputs, { ...question, tracks });
    expect(found.map((s) => [s.type, s.simul_tracks, s.total_matches])).toEqual([
      ["a", 2, 3],
      ["aa", 2, 3],
      ["b", 2, 2],
      ["c", 1, 1],
      ["d", 1, 1],
    ]);
    expect(found[0]).toMatchObject({ url: "https://h:1/p/a%2Bb%20c.a", relurl: "a%2Bb%20c.a" });
  });

  test("count data tracks everywhere if asked to, and have ports of their own", () => {
    const tracks = [track("meta", "JSON")];
    const rtsp: OutputDescriptor = {
      ...output("x", 2, ["h264"]),
      sources: [{ type: "rtsp", name: "RTSP", path: "NAME", priority: 2, scheme: "rtsp" }],
    };
    expect(listSources([output("x", 2, ["h264"])], { ...question, tracks })).toEqual([]);
    const asked = { ...question, tracks, dataEverywhere: true };
    expect(listSources([output("x", 2, ["h264"])], asked)[0]?.simul_tracks).toBe(1);
    expect(listSources([rtsp], asked)).toEqual([]);
    expect(listSources([rtsp], { ...asked, ports: { rtsp: 554 } })[0]?.url).toBe("rtsp://h:554/a%2Bb%20c");
  });
});

test("pages: one of a stream, one to embed it, and files for plugins of old", async () => {
  const app = start();
  await app.camera(3, [VIDEO, ALAW]);
  const name = encodeURIComponent("<b>'\"");
  const page = await app.text(`/cam+${name}.html`);
  expect(page).toContain("<title>cam+&#60;b&#62;&#39;&#34;</title>");
  expect(page).not.toContain("<b>");
  const embed = await app.text(`/embed_cam+${name}.js`);
  expect(embed).toContain('box.id = "cam+\\u003cb\\u003e\'\\""');
  expect(() => new Function(embed)).not.toThrow();
  expect((await app.get("/index.html")).status).toBe(200);
  expect(await app.text("/index.html")).toBe("<p>page");
  for (const path of ["/crossdomain.xml", "/clientaccesspolicy.xml"]) {
    const answer = await app.get(path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/xml; charset=utf-8"]);
  }
  expect((await app.get("/favicon.ico")).status).toBe(404);
});
