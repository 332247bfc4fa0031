import { expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { TsDemuxer } from "../../../../src/wire/container/ts/demux/demuxer.ts";
import { silentFrame } from "../../../../src/wire/codec/silent_frame.ts";
import { readPlaylist } from "../../../wire/protocol/hls/read_playlist.ts";
import { TsKeeper } from "../../../wire/container/ts/ts_media.ts";
import { settle } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { ALAW, AUDIO, frameBytes, ID3, SyntheticCamera, VIDEO } from "../test_door.ts";

const { open, live } = testApps();

function demux(bytes: Uint8Array) {
  const keeper = new TsKeeper();
  const demuxer = new TsDemuxer(keeper);
  demuxer.push(bytes);
  demuxer.flush();
  return { keeper, demuxer };
}

const codecs = (text: string) => readPlaylist(text).playlists?.map((p) => [p.uri, p.attributes["CODECS"]]);

test("MPEG-TS is one playlist with sound and metadata in it; what it cannot carry is named", async () => {
  const { t } = await live(7, [VIDEO, ALAW, { ...AUDIO, id: 2 }, ID3]);
  const text = await t.text("/hls/cam/index.m3u8?container=ts");
  expect(codecs(text)).toEqual([["0_2_3/index.m3u8", "avc1.42C00D,mp4a.40.2"]]);
  expect(text).toContain("# track 1, G.711 A-law, is left out: MPEG-TS has no form for it");
  const { BANDWIDTH = 0 } = readPlaylist(text).playlists?.[0]?.attributes as Record<string, number>;
  let peak = 0;
  const media = readPlaylist(await t.text("/hls/cam/0_2_3/index.m3u8"));
  for (const { uri, duration } of media.segments) {
    peak = Math.max(peak, ((await t.bytes(`/hls/cam/0_2_3/${uri}`)).length * 8) / duration);
  }
  expect(BANDWIDTH).toBeGreaterThanOrEqual(peak);
  expect(BANDWIDTH).toBeLessThan(peak * 1.35);
  expect(await t.text("/hls/cam/muxed.ts/index.m3u8")).toBe(await t.text("/hls/cam/0_2/index.m3u8"));
  for (
    const path of [
      "1.ts/index.m3u8",
      "0_1/index.m3u8",
      "3.ts/index.m3u8",
      "0_0/index.m3u8",
      "0-2_3/index.m3u8",
    ]
  ) {
    expect([path, (await t.get(`/hls/cam/${path}`)).status]).toEqual([path, 404]);
  }
  for (const file of ["0.m4s", "init-1.00000000.mp4"]) {
    expect((await t.get(`/hls/cam/0_2/${file}`)).status).toBe(404);
  }
  expect((await t.get("/hls/cam/index.m3u8?container=flv")).status).toBe(400);
});

test("further sound is a rendition of its own beside the first, which is in the variants", async () => {
  const { t } = await live(7, [VIDEO, AUDIO, { ...AUDIO, id: 2, language: "deu" }]);
  const { playlists, mediaGroups } = readPlaylist(
    await t.text("/hls/cam/index.m3u8?container=ts&llhls=0&listlimit=2"),
  );
  expect(playlists?.map((p) => p.uri)).toEqual(["0_1/index.m3u8?llhls=0&listlimit=2"]);
  expect(mediaGroups?.AUDIO["audio"]?.["English"]).not.toHaveProperty("uri");
  expect(mediaGroups?.AUDIO["audio"]).toMatchObject({
    German: { language: "de", uri: "2.ts/index.m3u8?llhls=0&listlimit=2" },
  });
  const plain = await t.text("/hls/cam/2.ts/index.m3u8?llhls=0&listlimit=2");
  expect(plain).toMatch(/^#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n/);
  expect(plain).not.toContain("EXT-X-PART");
  const some = await t.text("/hls/cam/index.m3u8?container=ts&audio=deu");
  expect(codecs(some)?.map(([uri]) => uri)).toEqual(["0_2/index.m3u8"]);
});

test("every frame of sound and metadata is in one part, segments follow without an error, each part stands alone", async () => {
  const { t } = await live(9, [AUDIO, ID3]);
  const list = readPlaylist(await t.text("/hls/cam/1_3/index.m3u8"));
  const segments = await Promise.all(list.segments.map((s) => t.bytes(`/hls/cam/1_3/${s.uri}`)));
  expect(segments.length).toBeGreaterThan(3);
  const { keeper, demuxer } = demux(joinBytes(segments));
  expect(demuxer.counters).toMatchObject({
    continuityErrors: 0,
    sectionErrors: 0,
    skippedBytes: 0,
    clockJumps: 0,
  });
  expect([...keeper.tracks.values()].map((track) => track.codec)).toEqual(["aac", "id3"]);
  for (const [id, source] of [[0, AUDIO], [1, ID3]] as const) {
    const frames = keeper.frames.get(id) ?? [];
    // The last PES packet of a PID is known to be whole when the next one comes.
    expect(frames.length).toBeGreaterThan(id === 0 ? 370 : 395);
    const from = new DataView(frames[0]?.data.buffer as ArrayBuffer).getUint32(0);
    expect(from).toBeLessThan(2);
    frames.forEach(({ data }, n) => expect(data).toEqual(frameBytes(source, from + n, true)));
  }
  const part = await t.bytes(`/hls/cam/1_3/${list.segments[2]?.parts?.[4]?.uri}`);
  expect(demux(part).keeper.tracks.size).toBe(2);
});

test("silence takes the place of sound that stopped: no hole, no continuity error", async () => {
  const { t, camera } = await live(5.1, [VIDEO, AUDIO]);
  await t.text("/hls/cam/0_1/index.m3u8");
  camera.muted.add(AUDIO.id);
  for (let at = 5.2; at < 12.3; at += 0.2) camera.writeUntil(at);
  camera.writeUntil(12.3);
  await settle();
  camera.muted.clear();
  for (let at = 12.4; at < 17; at += 0.2) camera.writeUntil(at);
  await settle();
  const text = await t.text("/hls/cam/0_1/index.m3u8");
  expect(text).not.toContain("GAP");
  const media = readPlaylist(text).segments;
  const bytes = await Promise.all(media.map(({ uri }) => t.bytes(`/hls/cam/0_1/${uri}`)));
  const { keeper, demuxer } = demux(joinBytes(bytes));
  expect(demuxer.counters.continuityErrors).toBe(0);
  const sound = keeper.of("aac");
  const { timescale } = [...keeper.tracks.values()].find((track) => track.codec === "aac") ??
    { timescale: NaN };
  const frame = (1024 / 48_000) * timescale;
  const steps = sound.slice(1).map(({ dts }, n) => dts - (sound[n] as typeof sound[number]).dts);
  // up to half a frame where sound stopped and came back
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(frame / 2);
  expect(Math.max(...steps)).toBeLessThanOrEqual(frame * 1.5);
  expect(steps.filter((step) => Math.abs(step - frame) > 2).length).toBeLessThanOrEqual(2);
  const silent = silentFrame(AUDIO)?.data.length;
  expect(sound.filter(({ data }) => data.length === silent).length).toBeGreaterThan(330);
});

test("a segment has the name that the reference product gives it, too", async () => {
  const { t } = await live(9, [VIDEO, AUDIO]);
  await t.text("/hls/cam/0_1/index.m3u8");
  expect(await t.bytes("/hls/cam/0_1/3000_5000.ts")).toEqual(await t.bytes("/hls/cam/0_1/1.ts"));
  expect((await t.get("/hls/cam/0_1/3001_5000.ts")).status).toBe(404);
});

test("metadata that comes late is in the part in which it comes, for an early and a late worker", async () => {
  const { t, camera } = await live(3, [VIDEO, AUDIO, ID3]);
  camera.muted.add(3);
  const path = "/hls/cam/0_1_3/index.m3u8";
  await t.text(path);
  const early = new Map<string, Uint8Array>();
  for (let at = 16; at <= 60; at++) {
    camera.writeUntil(at * 0.2);
    // half a second late
    if (at % 7 === 0) {
      camera.sinks.get(3)?.write(
        {
          dts: (at * 0.2 - 0.5) * 90_000 as never,
          ptsOffset: 0,
          duration: 0,
          key: true,
          discontinuity: false,
        },
        frameBytes(ID3, at, true),
      );
    }
    await settle(1);
    for (const [, uri = ""] of (await t.text(path)).matchAll(/EXT-X-PART:.*URI="([^"]+)"/g)) {
      if (early.has(uri)) continue;
      early.set(uri, await t.bytes(`${path}/../${uri}`));
    }
  }
  const late = t.another();
  let metadata = 0;
  for (const [uri, bytes] of early) {
    expect(await t.bytes(`${path}/../${uri}`, late)).toEqual(bytes);
    metadata += demux(bytes).keeper.frames.get(2)?.length ?? 0;
  }
  expect(metadata).toBeGreaterThan(4);
  late.close();
});

test("video whose key frames are elsewhere is left out of manifests, unless there is no other", async () => {
  const t = open();
  const camera = new SyntheticCamera(t.stream);
  camera.clock = t.clock;
  await camera.add(VIDEO);
  const sink = await camera.sink.addTrack({ ...VIDEO, id: 1 });
  for (let n = 0; n < 225; n++) {
    camera.writeUntil((n + 1) / 25);
    sink.write(
      { dts: n * 3600 as never, ptsOffset: 0, duration: 3600, key: n % 50 === 20, discontinuity: false },
      frameBytes(VIDEO, n, false),
    );
  }
  const text = await t.text("/hls/cam/index.m3u8");
  expect(codecs(text)?.map(([uri]) => uri)).toEqual(["0/index.m3u8"]);
  expect(text).toContain("# track 1, H.264, is left out: its key frames are not where segments begin");
  const alone = await t.text("/hls/cam/index.m3u8?video=1");
  expect(codecs(alone)?.map(([uri]) => uri)).toEqual(["1/index.m3u8"]);
  expect(alone).not.toContain("INDEPENDENT-SEGMENTS");
});

test("where parts are not offered by themselves, who asks for them gets them", async () => {
  const { t } = await live(7, [VIDEO, AUDIO]);
  t.lowLatency = false;
  expect(await t.text("/hls/cam/0/index.m3u8")).not.toContain("EXT-X-PART");
  expect(await t.text("/hls/cam/index.m3u8")).not.toContain("llhls");
  expect(await t.text("/hls/cam/index.m3u8?llhls=1")).toContain("0/index.m3u8?llhls=1\n");
  expect(await t.text("/hls/cam/0/index.m3u8?llhls=1")).toContain("#EXT-X-PART:");
  expect(await t.text("/cmaf/cam/index.mpd")).not.toContain("availabilityTimeOffset");
  expect(await t.text("/cmaf/cam/index.mpd?llhls=1")).toContain("availabilityTimeOffset");
  t.lowLatency = true;
  expect(await t.text("/hls/cam/0/index.m3u8")).toContain("#EXT-X-PART:");
});
