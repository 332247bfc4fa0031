import { expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { readPlaylist } from "../../../wire/protocol/hls/read_playlist.ts";
import { settle } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { ALAW, AUDIO, ID3, SyntheticCamera, VIDEO } from "../test_door.ts";
import type { AudioTrack, DataTrack, VideoTrack } from "../../../../src/media/track.ts";

const { open } = testApps();
const MP3: AudioTrack = { ...AUDIO, codec: "mp3", config: new Uint8Array(0), codecString: "mp4a.40.34" };

test("the multivariant playlist lists video with audio as a rendition of its own", async () => {
  const t = open();
  await t.camera(7);
  const text = await t.text("/hls/cam/index.m3u8");
  const { playlists = [], mediaGroups } = readPlaylist(text);
  expect(text).toContain("#EXT-X-INDEPENDENT-SEGMENTS");
  expect(playlists.length).toBe(1);
  expect(playlists[0]?.uri).toBe("0/index.m3u8");
  expect(playlists[0]?.attributes).toMatchObject({
    CODECS: "avc1.42C00D,mp4a.40.2",
    RESOLUTION: { width: 320, height: 180 },
    "FRAME-RATE": 25,
    AUDIO: "audio",
  });
  expect(mediaGroups?.AUDIO["audio"]).toEqual({
    English: expect.objectContaining({
      uri: "1/index.m3u8",
      default: true,
      autoselect: true,
      language: "en",
    }),
  });
});

for (const address of ["/hls/cam/index.m3u8", "/hls/cam/index.m3u8?container=ts"]) {
  test(`sound in several languages is chosen by their names, each once: ${address}`, async () => {
    const t = open();
    const languages = ["eng", "deu", "ger", "und", "", "qaa"];
    await t.camera(7, [VIDEO, ...languages.map((language, n) => ({ ...AUDIO, id: n + 1, language }))]);
    const { mediaGroups } = readPlaylist(await t.text(address));
    const listed = Object.entries(mediaGroups?.AUDIO["audio"] ?? {}).map(([name, a]) => [name, a.language]);
    expect(listed).toEqual([
      ["English", "en"],
      ["German", "de"],
      ["German 2", "de"],
      ["audio", undefined],
      ["audio 2", undefined],
      ["qaa", "qaa"],
    ]);
  });
}

test("BANDWIDTH is what the segments with their audio take, AVERAGE-BANDWIDTH not more", async () => {
  const t = open();
  await t.camera(9);
  const { BANDWIDTH, "AVERAGE-BANDWIDTH": average } = readPlaylist(await t.text("/hls/cam/index.m3u8"))
    .playlists?.[0]?.attributes as Record<string, number>;
  let most = 0;
  for (const track of ["0", "1"]) {
    let peak = 0;
    for (const { uri, duration } of readPlaylist(await t.text(`/hls/cam/${track}/index.m3u8`)).segments) {
      peak = Math.max(peak, (await t.bytes(`/hls/cam/${track}/${uri}`)).length * 8 / duration);
    }
    most += peak;
  }
  expect(BANDWIDTH).toBeGreaterThan(most * 0.97);
  expect(BANDWIDTH).toBeLessThan(most * 1.1);
  expect(Number(average)).toBeLessThanOrEqual(BANDWIDTH as number);
});

test("?muxed=1 gives audio and video in one playlist", async () => {
  const t = open();
  await t.camera(5);
  const { playlists = [], mediaGroups } = readPlaylist(await t.text("/hls/cam/index.m3u8?muxed=1"));
  expect(playlists.map((p) => p.uri)).toEqual(["0-1/index.m3u8"]);
  expect(playlists[0]?.attributes).toMatchObject({ CODECS: "avc1.42C00D,mp4a.40.2" });
  expect(Object.keys(mediaGroups?.AUDIO ?? {})).toEqual([]);
  const media = readPlaylist(await t.text("/hls/cam/0-1/index.m3u8"));
  expect(media.segments.length).toBe(2);
  expect(await t.text("/hls/cam/muxed/index.m3u8")).toBe(await t.text("/hls/cam/0-1/index.m3u8"));
});

test("G.711 is listed as the FLAC that it goes out as", async () => {
  const t = open();
  await t.camera(5, [VIDEO, ALAW]);
  const { playlists = [] } = readPlaylist(await t.text("/hls/cam/index.m3u8"));
  expect(playlists[0]?.attributes).toMatchObject({ CODECS: "avc1.42C00D,fLaC" });
  const init = await t.bytes(
    `/hls/cam/1/${readPlaylist(await t.text("/hls/cam/1/index.m3u8")).segments[0]?.map.uri}`,
  );
  expect(new TextDecoder("latin1").decode(init)).toContain("dfLa");
});

test("FRAME-RATE is measured where the parameter sets do not say", async () => {
  const t = open();
  await t.camera(5, [{ ...VIDEO, frameRate: 0 }]);
  expect(readPlaylist(await t.text("/hls/cam/index.m3u8")).playlists?.[0]?.attributes["FRAME-RATE"]).toBe(25);
});

test("pictures are not told of alone while their sound may be on its way, for as long as a first segment takes", async () => {
  const t = open();
  const camera = await t.camera(0.4, [VIDEO]);
  const early = t.text("/hls/cam/index.m3u8");
  let answered = false;
  void early.then(() => answered = true);
  await Bun.sleep(300);
  expect(answered).toBe(false);
  await camera.add(AUDIO);
  camera.writeUntil(0.8);
  expect(await early).toContain('CODECS="avc1.42C00D,mp4a.40.2"');
  for (const wait of ["its first segment", "two seconds"]) {
    const alone = open();
    const silent = await alone.camera(0.4, [VIDEO]);
    const text = alone.text("/hls/cam/index.m3u8");
    if (wait === "two seconds") alone.clock.time += 2000;
    else silent.writeUntil(5);
    expect([wait, readPlaylist(await text).playlists?.length]).toEqual([wait, 1]);
  }
});

test("audio alone is a variant", async () => {
  const t = open();
  await t.camera(5, [{ ...AUDIO, id: 0 }]);
  const text = await t.text("/hls/cam/index.m3u8");
  expect(readPlaylist(text).playlists?.map((p) => p.uri)).toEqual(["0/index.m3u8"]);
  expect(text).not.toContain("RESOLUTION");
});

test("what HLS cannot carry is left out by name; with nothing else the answer is 406", async () => {
  const jpeg: VideoTrack = { ...VIDEO, codec: "jpeg", codecString: "", config: new Uint8Array(0) };
  const onvif: DataTrack = {
    id: 1,
    kind: "data",
    codec: "onvif",
    timescale: 90_000,
    config: new Uint8Array(0),
    codecString: "",
    language: "und",
  };
  const opus: AudioTrack = {
    ...AUDIO,
    id: 2,
    codec: "opus",
    codecString: "opus",
    config: Uint8Array.of(0, 2, 0, 0, 0, 0, 0xbb, 0x80, 0, 0, 0),
  };
  const t = open();
  await t.camera(5, [jpeg, onvif, opus]);
  const text = await t.text("/hls/cam/index.m3u8");
  expect(text).toContain("# track 0, JPEG, is left out");
  expect(text).toContain("# track 1, ONVIF metadata, is left out");
  expect(readPlaylist(text).playlists?.map((p) => p.attributes["CODECS"])).toEqual(["opus"]);
  const alone = open();
  await alone.camera(5, [jpeg]);
  const refused = await alone.get("/hls/cam/index.m3u8");
  expect(refused.status).toBe(406);
  expect(await refused.text()).toContain("track 0, JPEG");
});

test("while sound that HLS can carry may still come, the answer is 503 and not for ever", async () => {
  const t = open();
  const camera = new SyntheticCamera(t.stream);
  await camera.add({ ...VIDEO, codec: "jpeg", codecString: "", config: new Uint8Array(0) });
  await camera.add(AUDIO);
  camera.muted.add(AUDIO.id);
  camera.writeUntil(5);
  const refused = t.get("/hls/cam/index.m3u8");
  await settle();
  t.clock.time += 5000;
  expect((await refused).status).toBe(503);
  expect((await refused).headers.get("retry-after")).toBe("2");
  expect(await (await refused).text()).toContain("nothing of it has come yet");
});

test("the media playlist says what RFC 8216bis wants of a low-latency playlist", async () => {
  const t = open();
  await t.camera(13.3);
  const list = readPlaylist(await t.text("/hls/cam/0/index.m3u8"));
  expect(list.targetDuration).toBe(2);
  expect(list.partTargetDuration).toBeLessThan(0.2 / 0.85); // parts may be 15 % shorter than the target
  expect(list.serverControl["canBlockReload"]).toBe(true);
  expect(list.serverControl["canSkipUntil"]).toBeGreaterThanOrEqual(12);
  expect(list.serverControl["partHoldBack"]).toBeGreaterThanOrEqual(3 * list.partTargetDuration);
  expect(list.mediaSequence).toBe(0);
  expect(list.segments.map((s) => s.uri)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `${n}.m4s`));
  expect(list.segments.map((s) => s.duration)).toEqual([2, 2, 2, 2, 2, 2]);
  // Parts for the last three target durations only.
  expect(list.segments.map((s) => s.parts?.length ?? 0)).toEqual([0, 0, 0, 10, 10, 10]);
  expect(list.preloadSegment?.parts?.map((p) => p.uri)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `6.${n}.m4s`));
  expect(list.preloadSegment?.preloadHints?.map((h) => h.uri)).toEqual(["6.6.m4s"]);
  const independent = list.segments[5]?.parts?.map((p) => p.independent === true);
  expect(independent).toEqual([true, ...Array(9).fill(false)]);
  const times = list.segments.map((s) => s.programDateTime - (list.segments[0]?.programDateTime ?? 0));
  expect(times).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
  expect(list.renditionReports).toEqual(
    [{ uri: "../1/index.m3u8", lastMsn: 6, lastPart: 5 }].map((r) =>
      expect.objectContaining({ uri: r.uri, lastMsn: r.lastMsn })
    ),
  );
});

test("no part is longer than PART-TARGET, no segment than TARGETDURATION, in any rendition", async () => {
  const t = open();
  await t.camera(15);
  for (const key of ["0", "1", "0-1", "0_1", "1.ts"]) {
    const list = readPlaylist(await t.text(`/hls/cam/${key}/index.m3u8`));
    for (const segment of list.segments) {
      expect(Math.round(segment.duration)).toBeLessThanOrEqual(list.targetDuration);
      for (const part of segment.parts ?? []) {
        expect(part.duration).toBeLessThanOrEqual(list.partTargetDuration);
      }
    }
  }
});

test("the parts of a segment, one behind the other, are the segment", async () => {
  const t = open();
  await t.camera(7);
  for (const key of ["0", "1", "0-1", "0_1", "1.ts"]) {
    const { segments } = readPlaylist(await t.text(`/hls/cam/${key}/index.m3u8`));
    for (const segment of segments) {
      const parts = await Promise.all((segment.parts ?? []).map((p) => t.bytes(`/hls/cam/${key}/${p.uri}`)));
      expect(parts.length).toBeGreaterThan(5);
      expect(joinBytes(parts)).toEqual(
        await t.bytes(`/hls/cam/${key}/${segment.uri}`) as Uint8Array<ArrayBuffer>,
      );
    }
  }
});

test("a long stream lists 20 s, and what left the list can still be had, byte for byte", async () => {
  const t = open();
  const camera = await t.camera(5);
  await t.text("/hls/cam/0/index.m3u8");
  const before = new Map<number, Uint8Array>();
  for (let at = 6; at <= 32; at++) {
    camera.writeUntil(at);
    await settle(1);
    if (at % 2 === 1) before.set((at - 3) / 2, await t.bytes(`/hls/cam/0/${(at - 3) / 2}.m4s`));
  }
  const list = readPlaylist(await t.text("/hls/cam/0/index.m3u8"));
  expect(list.mediaSequence).toBeGreaterThanOrEqual(5);
  expect(list.segments.length).toBeLessThanOrEqual(11);
  const gone = list.mediaSequence - 1;
  const again = await t.bytes(`/hls/cam/0/${gone}.m4s`);
  expect(again).toEqual(before.get(gone) as Uint8Array);
  expect((await t.bytes(`/hls/cam/0/${gone}.3.m4s`)).length).toBeLessThan(again.length / 5);
});

test("a delta update continues the playlist that it shortens", async () => {
  const t = open();
  await t.camera(24);
  const whole = await t.text("/hls/cam/0/index.m3u8");
  for (const skip of ["YES", "v2"]) {
    const delta = await t.text(`/hls/cam/0/index.m3u8?_HLS_skip=${skip}`);
    const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(delta)?.[1]);
    expect(skipped).toBeGreaterThan(0);
    expect(readPlaylist(delta).segments.length).toBe(readPlaylist(whole).segments.length - skipped);
    expect(whole.endsWith(delta.slice(delta.indexOf("#EXT-X-PROGRAM-DATE-TIME")))).toBe(true);
  }
});

test("a short playlist is not shortened", async () => {
  const t = open();
  await t.camera(5);
  expect(await t.text("/hls/cam/0/index.m3u8?_HLS_skip=YES")).toBe(await t.text("/hls/cam/0/index.m3u8"));
});

test("after the camera came back the playlist goes on behind a discontinuity", async () => {
  const t = open();
  await t.camera(5);
  const before = readPlaylist(await t.text("/hls/cam/0/index.m3u8"));
  t.stream.writer.end();
  const again = new SyntheticCamera(t.stream);
  await again.add({
    ...VIDEO,
    width: 640,
    height: 360,
    config: VIDEO.config.map((b, n) => n === 3 ? 0x1e : b),
  });
  await again.add(AUDIO);
  again.writeUntil(5);
  await settle();
  const text = await t.text("/hls/cam/0/index.m3u8");
  const after = readPlaylist(text);
  expect(after.segments.slice(0, before.segments.length).map((s) => s.uri)).toEqual(
    before.segments.map((s) => s.uri),
  );
  expect(text.match(/^#EXT-X-DISCONTINUITY$/gm)?.length).toBe(1);
  expect(new Set(after.segments.map((s) => s.map.uri)).size).toBe(2);
  for (const { map, uri } of after.segments) {
    expect((await t.bytes(`/hls/cam/0/${map.uri}`)).length).toBeGreaterThan(400);
    expect((await t.bytes(`/hls/cam/0/${uri}`)).length).toBeGreaterThan(10_000);
  }
  const { playlists = [] } = readPlaylist(await t.text("/hls/cam/index.m3u8"));
  expect(playlists[0]?.attributes["RESOLUTION"]).toEqual({ width: 640, height: 360 });
});

test("the discontinuity number grows when the tag leaves the playlist", async () => {
  const t = open({ listMillis: 6000 });
  await t.camera(3);
  t.stream.writer.end();
  const again = new SyntheticCamera(t.stream);
  await again.add(VIDEO);
  again.writeUntil(3);
  expect(readPlaylist(await t.text("/hls/cam/0/index.m3u8")).discontinuitySequence).toBe(0);
  for (let at = 4; at < 20; at++) {
    again.writeUntil(at);
    await settle(1);
  }
  const text = await t.text("/hls/cam/0/index.m3u8");
  expect(text).not.toMatch(/^#EXT-X-DISCONTINUITY$/m);
  expect(readPlaylist(text).discontinuitySequence).toBe(1);
});

test("audio that falls silent, of a codec whose silence is not known, gets gaps, so that nobody waits for it, and goes on afterwards", async () => {
  const t = open();
  const camera = await t.camera(5, [VIDEO, MP3]);
  await t.text("/hls/cam/1/index.m3u8");
  camera.muted.add(1);
  for (let at = 7; at <= 13; at += 0.2) {
    camera.writeUntil(at);
    t.clock.time += 200;
  }
  camera.writeUntil(13);
  await settle();
  const silent = await t.text("/hls/cam/1/index.m3u8");
  expect(silent).toContain("#EXT-X-GAP\n#EXTINF:2.00000,\n3.m4s");
  expect((await t.get("/hls/cam/1/3.m4s")).status).toBe(404);
  camera.muted.clear();
  camera.writeUntil(19);
  await settle();
  const list = await t.text("/hls/cam/1/index.m3u8");
  expect(list).not.toContain("#EXT-X-GAP\n#EXTINF:2.00000,\n7.m4s");
  expect((await t.bytes("/hls/cam/1/7.m4s")).length).toBeGreaterThan(1000);
});

test("two workers, one there from the start and one that came late, send the same bytes", async () => {
  const t = open();
  const camera = await t.camera(3, [VIDEO, ALAW, { ...AUDIO, id: 2 }, ID3]);
  const early = t.app;
  const keys = ["0", "1", "0-1", "0_2_3", "2.ts"];
  for (const key of keys) await t.get(`/hls/cam/${key}/index.m3u8`);
  for (let at = 16; at <= 60; at++) {
    camera.writeUntil(at * 0.2);
    await settle(1);
  }
  const late = t.another();
  for (const key of keys) {
    const text = await t.text(`/hls/cam/${key}/index.m3u8`);
    const other = await (await t.get(`/hls/cam/${key}/index.m3u8`, {}, late)).text();
    const untold = (s: string) => s.replace(/^#EXT-X-RENDITION-REPORT.*\n/gm, "");
    expect(untold(other)).toBe(untold(text));
    const { segments, preloadSegment } = readPlaylist(text);
    const uris = [
      ...segments.flatMap((s) => [s.map?.uri, s.uri, ...(s.parts ?? []).map((p) => p.uri)]),
      ...(preloadSegment?.parts ?? []).map((p) => p.uri),
    ].filter((uri) => uri !== undefined);
    expect(uris.length).toBeGreaterThan(40);
    for (const uri of uris) {
      const path = `/hls/cam/${key}/${uri}`;
      expect(await t.bytes(path, late)).toEqual(await t.bytes(path, early));
    }
  }
  late.close();
});

test("dates are those of the first sample of each rendition, so that sound and picture lie side by side by them", async () => {
  const t = open();
  await t.camera(9);
  const zero: number[] = [];
  for (const [track, scale] of [["0", 90_000], ["1", 48_000]] as const) {
    for (const segment of readPlaylist(await t.text(`/hls/cam/${track}/index.m3u8`)).segments) {
      const bytes = await t.bytes(`/hls/cam/${track}/${segment.uri}`);
      const at = Buffer.from(bytes).indexOf("tfdt") + 8;
      const dts = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at));
      zero.push(segment.programDateTime - dts / scale * 1000);
    }
  }
  expect(zero.length).toBe(8);
  // dates are told in whole milliseconds
  expect(Math.max(...zero) - Math.min(...zero)).toBeLessThan(1);
});

test(
  "the hinted part is the one that comes, with sound of 128 ms frames that fit no boundary of the picture",
  async () => {
    const t = open();
    const camera = await t.camera(3, [VIDEO, { ...AUDIO, timescale: 8000, sampleRate: 8000 }]);
    let hinted: string | undefined;
    let met = 0;
    for (let at = 3; at < 24; at += 0.04) {
      camera.writeUntil(at);
      await settle(1);
      const text = await t.text("/hls/cam/1/index.m3u8");
      const parts = [...text.matchAll(/#EXT-X-PART:.*URI="([^"]+)"/g)].map((m) => m[1] as string);
      const hint = /#EXT-X-PRELOAD-HINT:.*URI="([^"]+)"/.exec(text)?.[1];
      if (hinted !== undefined && hint !== hinted) {
        expect(parts).toContain(hinted);
        met++;
      }
      hinted = hint;
    }
    expect(met).toBeGreaterThan(90);
  },
  15_000,
);
