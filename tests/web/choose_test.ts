import { describe, expect, test } from "bun:test";
import { type Abilities, candidates, labelOf } from "../../src/web/player/choose.ts";
import {
  newestMillis,
  sourceUrl,
  type StreamInfo,
  type TrackInfo,
} from "../../src/web/player/stream_info.ts";

const H264: TrackInfo = { codec: "H264", type: "video", idx: 0, codecstring: "avc1.64001f" };
const HEVC: TrackInfo = { codec: "HEVC", type: "video", idx: 0, codecstring: "hvc1.1.6.L93.B0" };
const VP8: TrackInfo = { codec: "VP8", type: "video", idx: 0, codecstring: "vp8" };
const JPEG: TrackInfo = { codec: "JPEG", type: "video", idx: 0 };
const AAC: TrackInfo = { codec: "AAC", type: "audio", idx: 1, codecstring: "mp4a.40.2" };
const ALAW: TrackInfo = { codec: "ALAW", type: "audio", idx: 1 };

const TYPES = [
  "html5/image/jpeg",
  "html5/audio/wav",
  "html5/video/webm",
  "html5/video/mp4",
  "dash/video/mp4",
  "html5/application/vnd.apple.mpegurl",
  "html5/application/vnd.apple.mpegurl;version=7",
  "ws/video/mp4",
  "whep",
  "rtsp",
];

const infoOf = (...tracks: TrackInfo[]): StreamInfo => ({
  meta: { tracks: Object.fromEntries(tracks.map((t) => [`${t.type}${t.idx}`, t])) },
  source: TYPES.map((type) => ({ type, relurl: type })),
});

/** A browser by regular expressions over what it is asked. */
const browser = (mse: RegExp, element: RegExp, more: Partial<Abilities> = {}): Abilities => ({
  mse: (mime) => mse.test(mime),
  element: (mime) => element.test(mime),
  webCodecs: () => false,
  software: true,
  webSocket: true,
  webRtc: false,
  thrifty: false,
  ...more,
});

const chromium = browser(
  /avc1|mp4a|flac|opus|vp09|av01/,
  /avc1|mp4a|vp8|vp09|opus|flac|audio\/wav$|audio\/mpeg/,
);
const safari = browser(/avc1|mp4a|hvc1/, /mpegurl|avc1|hvc1|mp4a/);
const iphone = browser(/^$/, /mpegurl|avc1|hvc1|mp4a/);
const firefoxOld = browser(/avc1|mp4a|flac/, /avc1|mp4a|vp8|webm/, { webSocket: false });

const names = (info: StreamInfo, able: Abilities, wishes = {}) =>
  candidates(info, able, wishes).map(({ way }) => way.name);

test("no two entries of the menu are called the same where several ways play one source", () => {
  const source = [
    { type: "ws/video/mp4", hrn: "MP4 WebSocket", relurl: "a" },
    { type: "html5/application/vnd.apple.mpegurl;version=7", hrn: "HLS (CMAF)", relurl: "b" },
  ];
  const labels = candidates({ ...infoOf(HEVC), source }, safari).map(labelOf);
  expect(labels).toEqual([
    "MP4 WebSocket",
    "HLS (CMAF)",
    "HLS (CMAF), by the browser",
    "MP4 WebSocket, decoded by the player",
  ]);
});

describe("candidates() puts the ways in order", () => {
  const cases: { name: string; info: StreamInfo; able: Abilities; best: string[] }[] = [
    {
      name: "H.264 in Chromium: least latency first",
      info: infoOf(H264, AAC),
      able: chromium,
      best: ["mews", "hlsjs", "hlsjs", "dashjs", "html5"],
    },
    { name: "H.264 on an iPhone: its own HLS", info: infoOf(H264, AAC), able: iphone, best: ["html5hls"] },
    { name: "H.264 without WebSockets", info: infoOf(H264), able: firefoxOld, best: ["hlsjs"] },
    {
      name: "H.265 where the browser has it",
      info: infoOf(HEVC, AAC),
      able: safari,
      best: ["mews", "hlsjs"],
    },
    {
      name: "H.265 where it has not: decoded by the page, before sound alone",
      info: infoOf(HEVC, AAC),
      able: chromium,
      best: ["canvas", "mews", "hlsjs"],
    },
    { name: "Motion JPEG: an image", info: infoOf(JPEG), able: chromium, best: ["img"] },
    { name: "VP8: no MP4 of it, but WebM", info: infoOf(VP8), able: chromium, best: ["html5"] },
    { name: "G.711 alone: FLAC in MP4", info: infoOf(ALAW), able: chromium, best: ["mews", "hlsjs"] },
    {
      name: "G.711 alone where nothing takes FLAC: WAV",
      info: infoOf(ALAW),
      able: browser(/^$/, /audio\/wav/),
      best: ["html5"],
    },
    {
      name: "on a slow network: what adapts first",
      info: infoOf(H264),
      able: { ...chromium, thrifty: true },
      best: ["hlsjs", "hlsjs", "mews"],
    },
  ];
  for (const { name, info, able, best } of cases) {
    test(name, () => expect(names(info, able).slice(0, best.length)).toEqual(best));
  }

  test("LL-HLS before HLS of TS", () => {
    const types = candidates(infoOf(H264), chromium).filter((c) => c.way.name === "hlsjs").map((c) =>
      c.source.type
    );
    expect(types).toEqual([...TYPES.slice(5, 7)].reverse());
  });

  test("what the page forces, in the order in which it does", () => {
    expect(names(infoOf(H264), chromium, { forcePlayer: "dashjs, hlsjs" })).toEqual([
      "dashjs",
      "hlsjs",
      "hlsjs",
    ]);
    expect(names(infoOf(H264), chromium, { forceType: "html5/video/mp4" })).toEqual(["html5"]);
    expect(names(infoOf(H264), chromium, { forcePlayer: "silverlight" })).toEqual([]);
  });

  test("WebRTC stands before all once there is an opener for it", () =>
    expect(names(infoOf(H264), { ...chromium, webRtc: true })[0]).toBe("webrtc"));

  test("nothing for what the browser does not play at all", () =>
    expect(names(infoOf(H264), browser(/^$/, /^$/, { software: false }))).toEqual([]));

  test("the usual ways when nothing is known of the tracks", () =>
    expect(names({ source: infoOf().source ?? [] }, chromium).slice(0, 2)).toEqual(["mews", "hlsjs"]));
});

describe("stream information", () => {
  test("sourceUrl() goes below the server's address, sockets with their own scheme", () => {
    const base = "https://box.example/cams/";
    expect(sourceUrl({ type: "ws/video/mp4", relurl: "a.mp4", url: "ws://inside/a.mp4" }, base)).toBe(
      "wss://box.example/cams/a.mp4",
    );
    expect(sourceUrl({ type: "html5/video/mp4", url: "http://other/a.mp4" }, base)).toBe(
      "http://other/a.mp4",
    );
  });
  test("newestMillis() is that of the newest track, -1 without any", () => {
    expect(newestMillis(infoOf({ ...H264, lastms: 5 }, { ...AAC, lastms: 9 }))).toBe(9);
    expect(newestMillis({})).toBe(-1);
  });
});
