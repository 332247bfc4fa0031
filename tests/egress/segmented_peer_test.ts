import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFile, MP4BoxBuffer } from "mp4box";
import type { Browser } from "playwright-core";
import { joinBytes } from "../../src/base/bytes.ts";
import { CHROMIUM, playback, startChromium } from "../peers/browser.ts";
import { until } from "../peers/fogcast.ts";
import { gstPlay } from "../peers/gst_play.ts";
import { runProgram } from "../peers/run_program.ts";
import { checkTr101290 } from "../peers/tr101290.ts";
import { readPlaylist } from "../wire/protocol/hls/read_playlist.ts";
import { aacClip, id3Clip, LiveServer, videoClip } from "./live_clip.ts";

/** Software not written here; without it the suite says so, and fails where nothing may be skipped. */
const MISSING = ["ffmpeg", "ffprobe", "gst-launch-1.0", "tshark", "tsreport", CHROMIUM].filter((program) =>
  Bun.which(program) === null && !existsSync(program)
);
if (MISSING.length > 0) {
  console.error(`SKIPPED tests/egress/segmented_peer_test.ts: not installed: ${MISSING.join(", ")}`);
  if (process.env["CI"] === "true") throw new Error(`Cannot run without ${MISSING.join(", ")}`);
}

const MODULES = new URL("../../node_modules/", import.meta.url).pathname;
const SCRIPTS: Readonly<Record<string, string>> = {
  "hls.js": "hls.js/dist/hls.min.js",
  "shaka.js": "shaka-player/dist/shaka-player.compiled.js",
  "dash.js": "dashjs/dist/modern/umd/dash.all.min.js",
  "mss.js": "dashjs/dist/modern/umd/dash.mss.min.js",
};

const ID3_EVENTS = "https://aomedia.org/emsg/ID3";

/** Pages by name: each plays one address in one player and keeps what goes wrong for good, and the tags that it finds. */
const PLAYERS: Readonly<Record<string, string>> = {
  "hls.js, HLS of TS": `<script src="hls.js"></script><script>
  const hls = new Hls({ lowLatencyMode: true });
  hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) failures.push(data.details); });
  hls.on(Hls.Events.FRAG_PARSING_METADATA, (_, { samples }) => {
    for (const { type, pts, data } of samples) found(type, pts, titleOf(data));
  });
  hls.loadSource("hls/cam/index.m3u8?container=ts");
  hls.attachMedia(video);
</script>`,
  "hls.js, HLS of MP4": `<script src="hls.js"></script><script>
  const hls = new Hls({ lowLatencyMode: true });
  hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) failures.push(data.details); });
  hls.on(Hls.Events.FRAG_PARSING_METADATA, (_, { samples }) => {
    for (const { type, pts, data } of samples) found(type, pts, titleOf(data));
  });
  hls.loadSource("hls/cam/index.m3u8");
  hls.attachMedia(video);
</script>`,
  // Its low-latency mode has no reserve for a machine that is busy with other tests.
  "shaka, DASH": `<script src="shaka.js"></script><script type="module">
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  player.addEventListener("error", (event) => failures.push("shaka " + event.detail.code));
  player.addEventListener("metadata", ({ metadataType, startTime, payload }) => {
    if (payload.key === "TIT2") found(metadataType, startTime, payload.data);
  });
  await player.attach(video);
  await player.load("cmaf/cam/index.mpd?nonchunked=1").catch((error) => failures.push("shaka " + error.code));
</script>`,
  "dash.js, DASH": `<script src="dash.js"></script><script>
  const player = dashjs.MediaPlayer().create();
  player.updateSettings({ debug: { logLevel: 0 } });
  player.on("error", (event) => failures.push(event.error.message));
  player.on("${ID3_EVENTS}", ({ event }) => {
    found("${ID3_EVENTS}", event.calculatedPresentationTime, titleOf(event.messageData));
  }, null, { mode: "eventModeOnReceive" });
  player.initialize(video, "cmaf/cam/index.mpd", true);
</script>`,
  "dash.js, Smooth Streaming": `<script src="dash.js"></script><script src="mss.js"></script><script>
  const player = dashjs.MediaPlayer().create();
  player.updateSettings({ debug: { logLevel: 0 } });
  player.on("error", (event) => failures.push(event.error.message));
  player.initialize(video, "cmaf/cam/Manifest", true);
</script>`,
};

function assets(name: string): Uint8Array | undefined {
  const script = SCRIPTS[name];
  if (script !== undefined) return readFileSync(MODULES + script);
  const player = PLAYERS[Object.keys(PLAYERS)[Number(/^(\d)\.html$/.exec(name)?.[1])] ?? ""];
  return player === undefined ? undefined : new TextEncoder().encode(
    `<!doctype html><link rel="icon" href="data:,"><video muted autoplay playsinline></video><script>
    var failures = [], tags = [];
    const video = document.querySelector("video");
    const found = (type, time, title) => tags.push({ type, time, title });
    // behind the heads of tag and frame and its encoding
    const titleOf = (tag) => new TextDecoder().decode(tag.subarray(21));
  </script>${player}`,
  );
}

let live: LiveServer;
let browser: Browser;
beforeAll(async () => {
  if (MISSING.length > 0) return;
  [live, browser] = await Promise.all([
    LiveServer.start([videoClip(), aacClip(), id3Clip()], assets),
    startChromium(),
  ]);
}, 30_000);
afterAll(async () => {
  await browser?.close();
  await live?.stop();
  expect(live?.said ?? []).toEqual([]);
});

const address = (path: string) => `${live.url}/${path}`;

/** An ID3 tag as a player tells of it. */
interface FoundTag {
  readonly type: string;
  readonly time: number;
  readonly title: string;
}

/** The tags are half a second apart; a player may have left some out. */
function expectTags(tags: readonly FoundTag[], type: string): void {
  const count = id3Clip().frames.length;
  const begin = Math.min(...tags.map(({ time }) => time));
  // What was loaded as a part and again as a segment is found twice.
  const found = tags.map(({ time, title }) => [Math.round((time - begin) * 100), title] as const);
  const titles = [...new Map(found)].sort(([a], [b]) => a - b);
  const first = Number(titles[0]?.[1].replace("tag ", ""));
  expect(titles).toEqual(titles.map(([at]) => [at, `tag ${(first + at / 50) % count}`]));
  expect(new Set(tags.map((tag) => tag.type))).toEqual(new Set([type]));
}

/** Plays in a page of its own for half a second; its tags are of that type, undefined where it has none. */
async function inChromium(player: string, type: string | undefined): Promise<void> {
  const page = await browser.newPage();
  try {
    await page.goto(address(`${Object.keys(PLAYERS).indexOf(player)}.html`));
    const played = await until(30_000, player, async () => {
      const now = await playback(page);
      const tags = await page.evaluate("tags") as readonly FoundTag[];
      const plays = now.frames > 12 && now.audio > 0 && (tags.length > 3 || type === undefined);
      return now.failures.length > 0 || plays ? { ...now, tags } : undefined;
    }).catch(async (failure) => {
      throw new Error(`${failure}: ${JSON.stringify([await playback(page), await page.evaluate("tags")])}`);
    });
    expect(played.failures).toEqual([]);
    expect(played.width).toBe(320);
    if (type === undefined) expect(played.tags).toEqual([]);
    else expectTags(played.tags, type);
  } finally {
    await page.close();
  }
}

/** dash.js begins some chunks behind the newest, and does not get on where there are too few. */
async function smooth(): Promise<void> {
  await until(20_000, "chunks", async () => {
    const text = await (await fetch(address("cmaf/cam/Manifest"))).text();
    return /<StreamIndex Type="video"[^>]* Chunks="([6-9]|\d\d)"/.test(text) || undefined;
  });
  await inChromium("dash.js, Smooth Streaming", undefined);
}

async function decodes(path: string): Promise<void> {
  const { code, said } = await runProgram(
    25_000,
    ..."ffmpeg -hide_banner -v warning -i".split(" "),
    address(path),
    ..."-t 2 -map 0:v -map 0:a -f null -".split(" "),
  );
  expect([code, said]).toEqual([0, ""]);
}

async function gst(path: string, wanted: number): Promise<void> {
  const { video, audio, said } = await gstPlay(
    wanted,
    "playbin",
    `uri=${address(path)}`,
    "video-sink=fakesink name=video silent=false sync=false",
    "audio-sink=fakesink name=audio silent=false sync=false",
  );
  expect(Math.min(video, audio), said).toBeGreaterThanOrEqual(wanted);
}

/** Segments of a playlist, one behind the other. */
async function whole(path: string, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const list = await until(15_000, `${count} segments of ${path}`, async () => {
    const { segments } = readPlaylist(await (await fetch(address(`${path}/index.m3u8`))).text());
    return segments.length >= count ? segments : undefined;
  });
  const get = async (uri: string) => await (await fetch(address(`${path}/${uri}`))).bytes();
  const map = list[0]?.map?.uri;
  const segments = await Promise.all(list.slice(0, count).map((s) => get(s.uri)));
  return joinBytes(map === undefined ? segments : [await get(map), ...segments]);
}

/** Segments of MPEG-TS without a fault for anybody who looks for one, and with their metadata. */
async function transportStream(): Promise<void> {
  const bytes = await whole("hls/cam/0_1_2", 2);
  expect([...checkTr101290(bytes, { pcrMillis: 100, tablesMillis: 500 }).first]).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), "segments-"));
  try {
    const file = join(folder, "a.ts");
    writeFileSync(file, bytes);
    const [dropped, report, probe] = await Promise.all([
      runProgram(20_000, "tshark", "-r", file, "-Y", "mp2t.cc.drop", "-T", "fields", "-e", "frame.number"),
      runProgram(20_000, "tsreport", "-b", file),
      runProgram(
        20_000,
        ..."ffprobe -v error -show_entries stream=codec_name:packet=codec_type -of csv".split(" "),
        file,
      ),
    ]);
    expect([dropped.code, dropped.out]).toEqual([0, ""]);
    expect(report.out).not.toMatch(/discontinu/i);
    for (const codec of ["h264", "aac", "timed_id3"]) expect(probe.out).toContain(`stream,${codec}`);
    expect(probe.out.match(/^packet,video/gm)?.length).toBe(100);
    expect(probe.out.match(/^packet,data/gm)?.length).toBeGreaterThan(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Number of a tag. */
function numberOf(tag: Uint8Array): number {
  return Number(new TextDecoder().decode(tag.subarray(21)).replace("tag ", ""));
}

/** A CMAF track with its tags as mp4box sees it. */
async function cmafTrack(): Promise<void> {
  const bytes = await whole("cmaf/cam/0", 2);
  const file = createFile();
  const samples: number[] = [];
  file.onReady = ({ tracks: [track] }) => {
    file.onSamples = (_id, _user, read) => void samples.push(...read.map((sample) => sample.duration));
    file.setExtractionOptions(track?.id ?? 0, undefined, { nbSamples: 1 });
    file.start();
  };
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(bytes.buffer, 0));
  file.flush();
  expect(samples).toEqual(Array(100).fill(3600));
  const events = file.getBoxes("emsg", false);
  expect(events.length).toBeGreaterThan(6);
  for (const { version, scheme_id_uri, timescale, event_duration, message_data } of events) {
    expect([version, scheme_id_uri, timescale, event_duration]).toEqual([1, ID3_EVENTS, 90_000, 0xffffffff]);
    expect(message_data).toEqual(id3Clip().frames[numberOf(message_data)]?.data as Uint8Array);
  }
}

type Checks = Readonly<Record<string, () => Promise<void>>>;

/** Half of them at a time: all at once starve a small machine. */
const ROUNDS: readonly Checks[] = [{
  "hls.js, HLS of TS": () => inChromium("hls.js, HLS of TS", ID3_EVENTS),
  "dash.js, DASH": () => inChromium("dash.js, DASH", ID3_EVENTS),
  "ffmpeg, HLS of TS": () => decodes("hls/cam/index.m3u8?container=ts"),
  "TR 101 290, tshark, tstools, ffprobe": transportStream,
  "mp4box, CMAF": cmafTrack,
}, {
  "shaka, DASH": () => inChromium("shaka, DASH", "org.id3"),
  "hls.js, HLS of MP4": () => inChromium("hls.js, HLS of MP4", ID3_EVENTS),
  "dash.js, Smooth Streaming": smooth,
  // Where addresses hold numbers, FFmpeg 5.1 begins again at the oldest segment when it reads the manifest again and one
  // came into it meanwhile: it then looks for its place counting from 0 instead of from startNumber.
  "ffmpeg, DASH": () => decodes("cmaf/cam/index.mpd?bytime=1"),
  "GStreamer, HLS of TS": () => gst("hls/cam/index.m3u8?container=ts&llhls=0", 20),
  "GStreamer, DASH": () => gst("cmaf/cam/index.mpd?timeline=0&nonchunked=1", 20),
  "GStreamer, Smooth Streaming": () => gst("cmaf/cam/Manifest", 15),
}];

for (const checks of ROUNDS) {
  (MISSING.length === 0 ? test : test.skip)(
    `players and checkers that others wrote: ${Object.keys(checks).join("; ")}`,
    async () => {
      const failed: string[] = [];
      await Promise.all(
        Object.entries(checks).map(([name, check]) =>
          check().catch((failure) => void failed.push(`${name}: ${failure}`))
        ),
      );
      expect(failed).toEqual([]);
    },
    60_000,
  );
}
