import { expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { ticks } from "../../../../src/base/units.ts";
import type { Track } from "../../../../src/media/track.ts";
import {
  type Mp4Sample,
  readBoxes,
  readDefaults,
  readSamples,
} from "../../../../src/web/player/mp4_boxes.ts";
import { silentFrame } from "../../../../src/wire/codec/silent_frame.ts";
import { readPlaylist } from "../../../wire/protocol/hls/read_playlist.ts";
import { settle, type TestApp } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { ALAW, AUDIO, frameBytes, type SyntheticCamera, VIDEO } from "../test_door.ts";

const FRAME = 1024 / 48_000;
/** A codec whose silence is not known. */
const MP3 = { ...AUDIO, codec: "mp3", config: new Uint8Array(0), codecString: "mp4a.40.34" } as const;

const { open } = testApps();

/** A camera that has written until `stops`, then only pictures until `returns`, then everything until `ends`. */
async function interrupted(
  sound: Track,
  { stops, returns, ends }: { readonly stops: number; readonly returns: number; readonly ends: number },
) {
  const t = open();
  const camera = await t.camera(stops, [VIDEO, sound]);
  await t.text(`/hls/cam/${sound.id}/index.m3u8`);
  camera.muted.add(sound.id);
  await forward(t, camera, stops, returns);
  camera.muted.clear();
  await forward(t, camera, returns, ends);
  return t;
}

/** Time goes on for the clock and the camera. */
async function forward(t: TestApp, camera: SyntheticCamera, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 0.2) {
    camera.writeUntil(at);
    t.clock.time += 200;
  }
  camera.writeUntil(to);
  await settle();
}

/** What a playlist lists, with its media. */
async function listed(t: TestApp, key: string, app = t.app) {
  const folder = `/hls/cam/${key}`;
  const text = await (await t.get(`${folder}/index.m3u8`, {}, app)).text();
  const { segments } = readPlaylist(text);
  const init = await t.bytes(`${folder}/${segments[0]?.map?.uri}`, app) as Uint8Array<ArrayBuffer>;
  const defaults = readDefaults(init);
  return {
    text,
    segments: await Promise.all(segments.map(async (s) => {
      const bytes = await t.bytes(`${folder}/${s.uri}`, app) as Uint8Array<ArrayBuffer>;
      const parts = await Promise.all((s.parts ?? []).map((p) => t.bytes(`${folder}/${p.uri}`, app)));
      const moofs = readBoxes(bytes).filter((b) => b.type === "moof");
      return { ...s, bytes, parts, samples: moofs.flatMap((m) => readSamples(bytes, m, defaults)) };
    })),
  };
}

/** Expects every sample to begin where the one before it ended, or less than `slack` ticks off. */
function expectUnbroken(samples: readonly Mp4Sample[], slack = 1): void {
  const breaks = samples.filter((s, n) =>
    n > 0 && Math.abs(s.dts - endOf(samples[n - 1] as Mp4Sample)) >= slack
  );
  expect(breaks.map((s) => s.dts)).toEqual([]);
}

const endOf = ({ dts, duration }: Mp4Sample): number => dts + duration;

for (const returns of [12, 12.3, 12.05, 13.99]) {
  test(`sound that stops in the middle of a part and is back at ${returns} s leaves no hole`, async () => {
    const t = await interrupted(AUDIO, { stops: 5.1, returns, ends: 19 });
    const { text, segments } = await listed(t, "1");
    expect(text).not.toContain("GAP");
    const samples = segments.flatMap((s) => s.samples);
    // less than a frame is missing where sound comes back behind a segment's first silence
    expectUnbroken(samples, 1024);
    expect(samples.filter((s, n) => n > 0 && s.dts !== endOf(samples[n - 1] as Mp4Sample)).length)
      .toBeLessThan(2);
    const target = Number(/PART-TARGET=([\d.]+)/.exec(text)?.[1]);
    for (const part of text.matchAll(/#EXT-X-PART:DURATION=([\d.]+)/g)) {
      expect(Number(part[1])).toBeLessThanOrEqual(target);
    }
    for (const { duration, samples, bytes, parts } of segments) {
      const seconds = samples.reduce((sum, s) => sum + s.duration, 0) / 48_000;
      expect(duration).toBeCloseTo(seconds, 4);
      if (parts.length > 0) expect(joinBytes(parts)).toEqual(bytes);
    }
    // what came from the camera is there as it was, at its time; all else is silence
    const silent = silentFrame(AUDIO)?.data;
    const firstAt = 1;
    for (const { dts, data } of samples) {
      const number = Math.round((dts / 48_000 - firstAt) / FRAME);
      if (data.length === silent?.length) {
        expect<Uint8Array>(data).toEqual(silent);
        expect(number * FRAME).toBeGreaterThan(5);
        expect(number * FRAME).toBeLessThan(returns + FRAME);
      } else expect<Uint8Array>(data).toEqual(frameBytes(AUDIO, number, true));
    }
    expect(samples.filter((s) => s.data.length === silent?.length).length * FRAME)
      .toBeCloseTo(returns - 5.1, 0);
  });
}

test("sound that stops before the end of a segment leaves no hole at it", async () => {
  for (const returns of [6.1, 12.3]) {
    const t = await interrupted(AUDIO, { stops: 5.88, returns, ends: 19 });
    const { text, segments } = await listed(t, "1");
    const target = Number(/PART-TARGET=([\d.]+)/.exec(text)?.[1]);
    for (const part of text.matchAll(/#EXT-X-PART:DURATION=([\d.]+)/g)) {
      expect(Number(part[1])).toBeLessThanOrEqual(target);
    }
    expectUnbroken(segments.flatMap((s) => s.samples), 1024);
    const zero = segments.map((s) => s.programDateTime - (s.samples[0]?.dts ?? NaN) / 48);
    expect(Math.max(...zero) - Math.min(...zero)).toBeLessThan(1);
    const muxed = (await listed(t, "0-1")).segments.flatMap((s) => s.samples);
    for (const track of [1, 2]) expectUnbroken(muxed.filter((s) => s.track === track), 1024);
  }
});

test("silence begins behind sound that came ahead of the picture", async () => {
  const t = open();
  const camera = await t.camera(5.98, [VIDEO, AUDIO]);
  await t.text("/hls/cam/1/index.m3u8");
  // Sound of up to 80 ms behind the key frame at 6 s, before that comes.
  camera.muted.add(VIDEO.id);
  await forward(t, camera, 5.98, 6.08);
  camera.muted.delete(VIDEO.id);
  for (const n of [150, 151]) {
    const info = { ptsOffset: 0, duration: 3600, key: n === 150, discontinuity: false };
    camera.sinks.get(VIDEO.id)?.write({ ...info, dts: ticks(n * 3600) }, frameBytes(VIDEO, n, n === 150));
  }
  camera.muted.add(AUDIO.id);
  await forward(t, camera, 6.08, 6.3);
  camera.muted.clear();
  await forward(t, camera, 6.3, 13);
  const { segments } = await listed(t, "1");
  const silent = silentFrame(AUDIO)?.data.length;
  const samples = segments.flatMap((s) => s.samples);
  expect(samples.some((s) => s.data.length === silent)).toBe(true);
  expectUnbroken(samples, 1024);
  expect(samples.filter((s, n) => n > 0 && s.dts < endOf(samples[n - 1] as Mp4Sample))).toEqual([]);
});

test("two workers, one there from the start and one that came late, fill with the same bytes", async () => {
  const t = await interrupted(AUDIO, { stops: 5.1, returns: 12.3, ends: 19 });
  const late = t.another();
  for (const key of ["1", "0-1"]) {
    const here = await listed(t, key);
    const there = await listed(t, key, late);
    expect(there.segments.map((s) => s.bytes)).toEqual(here.segments.map((s) => s.bytes));
    expect(there.segments.map((s) => s.programDateTime)).toEqual(here.segments.map((s) => s.programDateTime));
  }
});

test("sound and picture in one file: the picture is there throughout, and so is sound", async () => {
  const t = await interrupted(AUDIO, { stops: 5.1, returns: 12.3, ends: 19 });
  const { text, segments } = await listed(t, "0-1");
  expect(text).not.toContain("GAP");
  for (const track of [1, 2]) {
    expectUnbroken(segments.flatMap((s) => s.samples).filter((s) => s.track === track));
  }
});

test("G.711 that stops is silent FLAC", async () => {
  const t = await interrupted(ALAW, { stops: 5.1, returns: 12.3, ends: 19 });
  const { text, segments } = await listed(t, "1");
  expect(text).not.toContain("GAP");
  expectUnbroken(segments.flatMap((s) => s.samples));
  // constant subframes: RFC 9639, 9.2.3
  const silent = segments.find((s) => s.uri === "4.m4s")?.samples ?? [];
  expect(silent.length).toBeGreaterThan(0);
  for (const { data } of silent) expect(data.length).toBeLessThan(30);
});

test("dates are those of the silence too", async () => {
  const t = await interrupted(AUDIO, { stops: 5.1, returns: 12.3, ends: 19 });
  const zero = (await listed(t, "1")).segments.map((s) =>
    s.programDateTime - (s.samples[0]?.dts ?? NaN) / 48
  );
  expect(Math.max(...zero) - Math.min(...zero)).toBeLessThan(1);
});

test("a viewer who comes when nothing but silence is listed gets the picture without it", async () => {
  const t = open();
  const camera = await t.camera(5);
  const before = await t.text("/hls/cam/index.m3u8");
  expect(before).toContain('URI="1/index.m3u8"');
  camera.muted.add(AUDIO.id);
  await forward(t, camera, 5, 12);
  // those who watch reload, and still may
  expect(await t.text("/hls/cam/index.m3u8")).toContain('URI="1/index.m3u8"');
  await forward(t, camera, 12, 35);
  expect(await t.text("/hls/cam/index.m3u8")).not.toContain("1/index.m3u8");
  expect((await listed(t, "1")).segments.length).toBeGreaterThan(5);
});

test("sound that was never there is not made up", async () => {
  const t = open();
  const camera = await t.camera(0);
  camera.muted.add(AUDIO.id);
  const asked = t.get("/hls/cam/1/index.m3u8");
  await settle();
  await forward(t, camera, 0, 15);
  expect((await asked).status).toBe(503);
  expect(await t.text("/hls/cam/index.m3u8")).not.toContain("1/index.m3u8");
});

test("sound of which no silence is known gets gaps", async () => {
  const t = await interrupted(MP3, { stops: 5.1, returns: 13, ends: 13 });
  const text = await t.text("/hls/cam/1/index.m3u8");
  expect(text).toContain("#EXT-X-GAP\n#EXTINF:2.00000,\n3.m4s");
  expect((await t.get("/hls/cam/1/3.m4s")).status).toBe(404);
});
