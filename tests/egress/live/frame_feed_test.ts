import { describe, expect, test } from "bun:test";
import { ticks } from "../../../src/base/units.ts";
import { TrackView } from "../../../src/buffer/track_view.ts";
import { type FeedRange, FrameFeed } from "../../../src/egress/live/frame_feed.ts";
import type { Track } from "../../../src/media/track.ts";
import { FlacRun } from "../../../src/wire/codec/flac/flac_audio.ts";
import type { MuxFrame } from "../../../src/wire/container/live_muxer.ts";
import {
  ALAW,
  AUDIO,
  frameBytes,
  ID3,
  SETTINGS,
  SyntheticCamera,
  TestClock,
  TestStream,
  VIDEO,
} from "../http/test_door.ts";

async function openCamera(tracks: readonly Track[] = [VIDEO, AUDIO], settings = SETTINGS) {
  const stream = new TestStream("cam", new TestClock(), settings);
  const camera = new SyntheticCamera(stream);
  const sinks = [];
  for (const track of tracks) sinks.push(await camera.add(track));
  const feed = (range: FeedRange = {}, flac = false) =>
    new FrameFeed(stream.tracks.map((page) => ({ view: new TrackView(page), flac })), range);
  return { stream, camera, sinks, feed };
}

/** Groups of frames until there are no more. */
function take(feed: FrameFeed, limit?: number): MuxFrame[][] {
  const groups: MuxFrame[][] = [];
  while (feed.next(limit) === "frames") {
    expect(feed.intact()).toBe(true);
    groups.push(feed.frames.map((f) => ({ ...f, data: f.data.slice() })));
  }
  return groups;
}

test("frames come merged from the newest key frame on, counted from there, each key frame first in its group", async () => {
  const { camera, feed } = await openCamera();
  camera.writeUntil(4.9);
  const reader = feed();
  const [first = [], ...more] = take(reader);
  // Key frames are at 0, 2 and 4 s.
  expect(reader.originMicros).toBe(5e6);
  expect(first[0]).toMatchObject({ track: 0, key: true, dts: 0, duration: 3600, discontinuity: false });
  expect(first[0]?.data).toEqual(frameBytes(VIDEO, 100, true));
  expect(first.find((f) => f.track === 1)).toMatchObject({ dts: 512, duration: 1024, discontinuity: false });
  expect(more.flat().concat(first).filter((f) => f.track === 0)).toHaveLength(22);
  camera.writeUntil(6.1);
  const then = take(reader);
  expect(then.map((g) => g[0]?.key === true && g[0].track === 0)).toEqual([false, false, true]);
  expect(then[2]?.[0]).toMatchObject({ dts: 2 * 90_000 });
  expect(then.flat().every((f) => !f.discontinuity)).toBe(true);
  expect(reader.next()).toBe("none");
});

test("a range begins at the key frame before it, and ends before its end", async () => {
  const { camera, feed } = await openCamera();
  camera.writeUntil(12);
  const reader = feed({ from: 1e6 + 5.5e6, until: 1e6 + 8e6 });
  const frames = take(reader).flat();
  expect(reader.next()).toBe("ended");
  expect(reader.originMicros).toBe(1e6 + 4e6);
  const video = frames.filter((f) => f.track === 0);
  expect([video[0]?.dts, video.at(-1)?.dts, video.length]).toEqual([0, (4 - 0.04) * 90_000, 100]);
  const lengthy = take(feed({ length: 0.2e6 })).flat().filter((f) => f.track === 0);
  expect(lengthy).toHaveLength(5);
  expect(frameBytes(VIDEO, 250, true)).toEqual(lengthy[0]?.data as Uint8Array);
});

describe("a range has all of its tracks up to its end", () => {
  /** A camera whose sound is there to 7 s, its pictures to 5.5 s; gives both 5 to `until` from the key frame at 4 s. */
  async function lateVideo() {
    const { camera, sinks, feed } = await openCamera();
    camera.writeUntil(5.5);
    camera.muted.add(VIDEO.id);
    camera.writeUntil(7);
    const late = (n: number) =>
      sinks[0]?.write(
        { dts: ticks(n * 3600), ptsOffset: 0, duration: 3600, key: n % 50 === 0, discontinuity: false },
        frameBytes(VIDEO, n, n % 50 === 0),
      );
    return { camera, late, reader: feed({ length: 2e6 }) };
  }

  test("where pictures come later than sound, they are waited for", async () => {
    const { late, reader } = await lateVideo();
    const frames = take(reader).flat();
    expect(reader.next()).toBe("none");
    for (let n = 137; n < 151; n++) late(n);
    frames.push(...take(reader).flat());
    expect(reader.next()).toBe("ended");
    expect(reader.next()).toBe("ended");
    expect(frames.filter((f) => f.track === 0).map((f) => f.dts / 3600)).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    );
    const sound = frames.filter((f) => f.track === 1).map((f) => f.dts / 48_000);
    expect([sound.length, sound.every((at) => at < 2)]).toEqual([94, true]);
  });

  test("pictures that do not come any more are waited for in vain for two seconds", async () => {
    const { camera, reader } = await lateVideo();
    take(reader);
    camera.writeUntil(7.9);
    expect(reader.next()).toBe("none");
    camera.writeUntil(8.1);
    expect(reader.next()).toBe("ended");
  });

  test("data is not waited for", async () => {
    const { camera, feed } = await openCamera([VIDEO, ID3]);
    camera.writeUntil(3);
    camera.muted.add(ID3.id);
    camera.writeUntil(5.1);
    const reader = feed({ length: 1e6 });
    expect(take(reader).flat().filter((f) => f.track === 0)).toHaveLength(25);
    expect(reader.next()).toBe("ended");
  });
});

test("a feed may begin some time before the newest frame, and keeps to the live edge then", async () => {
  const { camera, feed } = await openCamera([AUDIO]);
  const reader = feed({ back: 2e6 });
  expect(reader.next()).toBe("none");
  camera.writeUntil(10);
  const frames = take(reader).flat();
  expect(frames.length).toBeWithin(93, 96);
  camera.writeUntil(20);
  expect(reader.next()).toBe("frames");
  expect(reader.jumps).toBe(1);
});

test("frames later than the limit wait", async () => {
  const { camera, feed } = await openCamera();
  camera.writeUntil(10);
  const reader = feed({ from: 0 });
  expect(take(reader, 1e6 + 1e6).flat().filter((f) => f.track === 0)).toHaveLength(26);
  expect(reader.micros).toBeLessThanOrEqual(2e6);
  expect(take(reader, 1e6 + 1e6)).toEqual([]);
  expect(take(reader, 1e6 + 1.04e6).flat().filter((f) => f.track === 0)).toHaveLength(1);
});

test("a change of a track comes before its first frame, alone", async () => {
  const { camera, sinks, feed } = await openCamera([VIDEO]);
  camera.writeUntil(1);
  const reader = feed();
  take(reader);
  const [sink] = sinks;
  const config = VIDEO.config.slice();
  config[config.length - 1] = 0xcf;
  sink?.update({ ...VIDEO, config });
  const info = { ptsOffset: 0, duration: 3600, key: true, discontinuity: false };
  sink?.write({ ...info, dts: ticks(25 * 3600) }, frameBytes(VIDEO, 25, true));
  expect(reader.next()).toBe("change");
  expect([reader.changed.track, reader.changed.to?.config]).toEqual([0, config]);
  expect(reader.frames).toHaveLength(0);
  expect(reader.next()).toBe("frames");
  expect(reader.frames[0]?.data).toEqual(frameBytes(VIDEO, 25, true));
});

test("a source that begins anew goes on later, marked as a break", async () => {
  const { stream, camera, feed } = await openCamera([VIDEO]);
  camera.writeUntil(1);
  const reader = feed();
  take(reader);
  stream.writer.end();
  const again = new SyntheticCamera(stream);
  await again.add(VIDEO);
  again.writeUntil(0.5);
  const frames = take(reader).flat();
  expect(frames.map((f) => f.discontinuity)).toEqual([true, ...new Array(11).fill(false)]);
  expect(frames[0]?.dts).toBeGreaterThanOrEqual(90_000);
});

test("G.711 becomes FLAC where it is wanted, packet by packet", async () => {
  const { camera, feed } = await openCamera([VIDEO, ALAW]);
  camera.writeUntil(1);
  const plain = take(feed()).flat().filter((f) => f.track === 1);
  const flac = feed({}, true);
  expect(flac.trackOf(1)).toMatchObject({ codec: "flac", timescale: 8000 });
  const frames = take(flac).flat().filter((f) => f.track === 1);
  expect(frames.map((f) => f.dts)).toEqual(plain.map((f) => f.dts));
  expect(frames.map((f) => f.duration)).toEqual(plain.map(() => 160));
  const alone = new FlacRun(ALAW);
  frames.forEach((frame, n) => {
    alone.begin();
    alone.add(frame.dts + (flac.originMicros * 8000) / 1e6, plain[n]?.data as Uint8Array);
    expect(alone.next()).toBe(true);
    expect(frame.data).toEqual(alone.data);
  });
});

test("bytes that were overwritten meanwhile are told", async () => {
  const { camera, feed } = await openCamera([VIDEO], { ...SETTINGS, maxBytesPerTrack: 300_000 });
  camera.writeUntil(2);
  const reader = feed();
  expect(reader.next()).toBe("frames");
  expect(reader.intact()).toBe(true);
  camera.writeUntil(20);
  expect(reader.intact()).toBe(false);
  expect(reader.next()).toBe("frames");
  expect(reader.jumps).toBe(1);
  expect([reader.frames[0]?.discontinuity, reader.frames[0]?.key]).toEqual([true, true]);
});
