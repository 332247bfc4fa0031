import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Track } from "../../src/media/track.ts";
import { type Clip, type ClipName, makeClip } from "../wire/container/mp4/peer_media.ts";
import { aacClip, alawClip, LiveServer, type LiveTrack, videoClip } from "./live_clip.ts";
import { run } from "./run_program.ts";

/** Software not written here; without it the suite says so, and fails where nothing may be skipped. */
const MISSING = ["ffmpeg", "ffprobe", "gst-launch-1.0"].filter((program) => Bun.which(program) === null);
if (MISSING.length > 0) {
  console.error(`SKIPPED tests/egress/progressive_peer_test.ts: not installed: ${MISSING.join(", ")}`);
  if (process.env["CI"] === "true") throw new Error(`Cannot run without ${MISSING.join(", ")}`);
}
const withPeers = MISSING.length === 0 ? test : test.skip;

/** Frames of a clip in a loop; a last one may be shorter than the others. */
function looped(name: ClipName): LiveTrack {
  const { track, samples }: Clip = makeClip(name);
  return { track, frames: samples.slice(0, -1), step: samples[0]?.duration ?? 0 };
}

function texts(codec: "json" | "subtitle", print: (n: number) => string): LiveTrack {
  const track: Track = {
    ...{ id: 0, kind: "data", codec, timescale: 90_000, codecString: "", language: "eng" },
    config: new Uint8Array(0),
  };
  const frames = Array.from(
    { length: 20 },
    (_, n) => ({ data: new TextEncoder().encode(print(n)), key: true }),
  );
  return { track, frames, step: 18_000 };
}

/** Everything that a stream may have, once: the number of a track is its place here. */
function makeTracks(): readonly LiveTrack[] {
  const tracks = [
    videoClip(),
    aacClip(),
    alawClip(),
    looped("vp9"),
    looped("opus"),
    looped("mp3"),
    looped("flac"),
    looped("jpeg"),
    texts("json", (n) => `{"n":${n}}`),
    texts("subtitle", (n) => `Line ${n}`),
  ];
  return tracks.map((of, id) => ({ ...of, track: { ...of.track, id } }));
}

let tracks: readonly LiveTrack[] = [];
let live: LiveServer;

beforeAll(async () => {
  if (MISSING.length > 0) return;
  tracks = makeTracks();
  live = await LiveServer.start(tracks);
  // The first key frames of all tracks.
  for (let tries = 0; (await fetch(`${live.url}/cam.flv`, { method: "HEAD" })).status !== 200; tries++) {
    if (tries > 20) throw new Error("The stream did not begin");
  }
});

afterAll(async () => {
  await live?.stop();
  expect(live?.said ?? []).toEqual([]);
});

interface Probed {
  readonly streams: readonly { readonly index: number; readonly codec_name: string }[];
  readonly packets: readonly { readonly stream_index: number; readonly data_hash: string }[];
}

/** What ffprobe finds in a second of the stream. */
async function probe(
  file: string,
  query: string,
  options: readonly string[],
): Promise<Probed & { said: string }> {
  const url = `${live.url}/${file}?duration=1${query === "" ? "" : `&${query}`}`;
  const shown = ["-show_entries", "stream=index,codec_name:packet=stream_index,data_hash", "-show_packets"];
  const { out, said } = await run(
    "ffprobe",
    "-v",
    "error",
    ...options,
    ...shown,
    "-show_data_hash",
    "md5",
    "-of",
    "json",
    url,
  );
  return { ...JSON.parse(out) as Probed, said: said.trim() };
}

/** The hashes of a stream's packets are those of so many frames of a track, one after the other. */
function expectFrames(probed: Probed, index: number, track: number): void {
  const found = probed.packets.filter((p) => p.stream_index === index).map((p) => p.data_hash);
  const all = (tracks[track]?.frames ?? []).map(({ data }) =>
    `MD5:${new Bun.CryptoHasher("md5").update(data).digest("hex")}`
  );
  // Some frames of a steady tone are alike: any place where they all fit will do.
  const places = all.keys().filter((at) => found.every((hash, i) => hash === all[(at + i) % all.length]));
  expect([track, found, places.next().done]).toEqual([track, found, false]);
}

interface Case {
  readonly file: string;
  readonly query?: string;
  /** Codecs that are found, and of which tracks they are; byte by byte where the container leaves frames as they are. */
  readonly streams: readonly (readonly [codec: string, track: number, exact: boolean])[];
  /** Packets of the first stream, at least and at most. */
  readonly packets: readonly [number, number];
  readonly options?: readonly string[];
}

const cases: readonly Case[] = [
  { file: "cam.mp4", streams: [["h264", 0, true], ["aac", 1, true]], packets: [25, 25] },
  {
    file: "cam.fmp4",
    query: "audio=alaw",
    streams: [["h264", 0, true], ["flac", 2, false]],
    packets: [25, 25],
  },
  {
    file: "cam.3gp",
    query: "video=vp9&audio=opus",
    streams: [["vp9", 3, true], ["opus", 4, true]],
    packets: [25, 25],
  },
  { file: "cam.ts", streams: [["h264", 0, false], ["aac", 1, false]], packets: [25, 25] },
  { file: "cam.ts", query: "track=5", streams: [["mp3", 5, false]], packets: [40, 43] },
  { file: "cam.flv", streams: [["h264", 0, true], ["aac", 1, true]], packets: [25, 25] },
  {
    file: "cam.flv",
    query: "audio=alaw",
    streams: [["h264", 0, true], ["pcm_alaw", 2, true]],
    packets: [25, 25],
  },
  {
    file: "cam.mkv",
    query: "audio=all,!opus",
    packets: [25, 25],
    streams: [
      ["h264", 0, true],
      ["aac", 1, true],
      ["pcm_alaw", 2, true],
      ["mp3", 5, true],
      ["flac", 6, true],
    ],
  },
  { file: "cam.webm", streams: [["vp9", 3, true], ["opus", 4, true]], packets: [25, 25] },
  { file: "cam.ogg", streams: [["opus", 4, true]], packets: [50, 51] },
  { file: "cam.oga", query: "audio=flac", streams: [["flac", 6, false]], packets: [8, 12] },
  { file: "cam.opus", streams: [["opus", 4, true]], packets: [50, 51] },
  { file: "cam.wav", streams: [["pcm_alaw", 2, false]], packets: [2, 50] },
  { file: "cam.aac", streams: [["aac", 1, false]], packets: [47, 48] },
  { file: "cam.mp3", streams: [["mp3", 5, true]], packets: [40, 43] },
  { file: "cam.flac", query: "audio=flac", streams: [["flac", 6, true]], packets: [8, 12] },
  { file: "cam.h264", streams: [["h264", 0, false]], packets: [25, 25] },
  { file: "cam.mjpg", streams: [["mjpeg", 7, true]], packets: [25, 25] },
  { file: "cam.jpg", streams: [["mjpeg", 7, true]], packets: [1, 1] },
  { file: "cam.still.mp4", streams: [["h264", 0, true]], packets: [1, 1] },
  { file: "cam.vtt", streams: [["webvtt", 9, true]], packets: [5, 6] },
  { file: "cam.srt", streams: [["subrip", 9, false]], packets: [5, 6] },
];

withPeers("ffprobe reads a second of every container, and the frames in it are the source's", async () => {
  const probed = await Promise.all(
    cases.map(({ file, query = "", options = [] }) => probe(file, query, options)),
  );
  cases.forEach(({ file, query, streams, packets }, i) => {
    const found = probed[i] as (typeof probed)[number];
    const codecs = found.streams.map((s) => s.codec_name);
    expect([file, query, codecs, found.said]).toEqual([file, query, streams.map(([codec]) => codec), ""]);
    const count = found.packets.filter((p) => p.stream_index === 0).length;
    expect([file, count >= packets[0] && count <= packets[1], count]).toEqual([file, true, count]);
    streams.forEach(([, track, exact], index) => {
      if (exact) expectFrames(found, index, track);
    });
  });
}, 30_000);

/** Elements behind GStreamer's HTTP client, and how many buffers they make of 0.6 s at least. */
const PIPES: readonly (readonly [file: string, elements: string, atLeast: number])[] = [
  ["cam.ts?", "tsdemux ! h264parse ! avdec_h264", 10],
  ["cam.mkv?", "matroskademux ! h264parse ! avdec_h264", 10],
  ["cam.flv?", "flvdemux name=d d.video ! h264parse ! avdec_h264", 10],
  ["cam.mp4?audio=none&", "qtdemux ! h264parse ! avdec_h264", 10],
  ["cam.webm?audio=none&", "matroskademux ! vp9dec", 10],
  ["cam.aac?", "aacparse ! avdec_aac", 20],
  ["cam.wav?", "wavparse ! alawdec", 1],
  ["cam.opus?", "oggdemux ! opusdec", 25],
  ["cam.oga?audio=flac&", "oggdemux ! flacparse ! flacdec", 4],
  ["cam.mp3?", "mpegaudioparse ! avdec_mp3", 20],
  ["cam.flac?audio=flac&", "flacparse ! flacdec", 4],
  ["cam.h264?", "h264parse ! avdec_h264", 10],
  ["cam.srt?", "subparse", 2],
  ["cam.vtt?", "subparse", 2],
  ["cam.mjpg?", "multipartdemux ! jpegdec", 10],
  ["cam.jpg?", "jpegdec", 1],
  ["cam.still.mp4?", "qtdemux ! h264parse ! avdec_h264", 1],
];

withPeers("GStreamer decodes what comes over HTTP", async () => {
  const ends = await Promise.all(PIPES.map(async ([file, elements, atLeast]) => {
    const source = ["souphttpsrc", `location=${live.url}/${file}duration=0.6`, "!"];
    const rest = `${elements} ! fakesink silent=false sync=false`.split(" ");
    const { code, said, out } = await run("gst-launch-1.0", "-v", ...source, ...rest);
    const buffers = out.match(/last-message = chain/g)?.length ?? 0;
    return [file, code, said, buffers >= atLeast ? "enough" : buffers];
  }));
  expect(ends).toEqual(PIPES.map(([file]) => [file, 0, "", "enough"]));
}, 30_000);
