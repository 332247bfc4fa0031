import { expect, test } from "bun:test";
import { ticks } from "../../../src/base/units.ts";
import { TrackView } from "../../../src/buffer/track_view.ts";
import { type FeedRange, FrameFeed } from "../../../src/egress/live/frame_feed.ts";
import type { AudioTrack, Track } from "../../../src/media/track.ts";
import { silentFrame } from "../../../src/wire/codec/silent_frame.ts";
import { ALAW, AUDIO, SyntheticCamera, TestClock, TestStream, VIDEO } from "../http/test_door.ts";

interface Heard {
  /** Ticks from the first frame of the feed. */
  readonly dts: number;
  readonly duration: number;
  readonly silent: boolean;
  readonly data: Uint8Array;
}

/** A camera whose frames come when they end. */
async function openCamera(sound: Track = AUDIO) {
  const clock = new TestClock();
  const stream = new TestStream("cam", clock);
  const camera = new SyntheticCamera(stream);
  camera.clock = clock;
  await camera.add(VIDEO);
  const sink = await camera.add(sound);
  const feed = (range: FeedRange = {}, flac = false) =>
    new FrameFeed(stream.tracks.map((page) => ({ view: new TrackView(page), flac })), range);
  /** Writes up to `seconds` and reads after each picture. */
  const play = (reader: FrameFeed, from: number, to: number) => {
    const heard: Heard[] = [];
    for (let n = 1; n <= Math.round((to - from) * 25); n++) {
      camera.writeUntil(from + n * 0.04);
      heard.push(...listen(reader));
    }
    return heard;
  };
  return { clock, camera, sink, feed, play, mute: () => camera.muted.add(sound.id) };
}

/** The frames of sound that there are now. */
function listen(feed: FrameFeed): Heard[] {
  const heard: Heard[] = [];
  while (feed.next() === "frames") {
    expect(feed.intact()).toBe(true);
    for (const { track, dts, duration, data } of feed.frames) {
      // frames of the camera are 200 (AAC) and 160 bytes long, in which each differs from the one before
      const silent = data.length < 100 || new Set(data).size === 1;
      if (track === 1) heard.push({ dts, duration, silent, data: data.slice() });
    }
  }
  return heard;
}

/** Where frames do not begin where the one before ended: its end, and the ticks that are missing. */
function holes(frames: readonly Heard[]): number[][] {
  const found: number[][] = [];
  frames.forEach(({ dts }, n) => {
    const before = frames[n - 1];
    const missing = before === undefined ? 0 : dts - before.dts - before.duration;
    if (before !== undefined && missing !== 0) found.push([before.dts + before.duration, missing]);
  });
  return found;
}

test("sound that stops is silence up to each picture, from where it ended until it comes again", async () => {
  const { camera, feed, play, mute } = await openCamera();
  camera.writeUntil(0.1);
  const reader = feed();
  const before = [...listen(reader), ...play(reader, 0.1, 3)];
  expect([before.some((f) => f.silent), holes(before)]).toEqual([false, []]);
  mute();
  expect(play(reader, 3, 3.66)).toEqual([]);
  const silence = play(reader, 3.66, 6);
  camera.muted.clear();
  const after = play(reader, 6, 8);
  expect(silence.every((f) => f.silent)).toBe(true);
  expect(silence[0]?.data).toEqual(silentFrame(AUDIO)?.data as Uint8Array);
  // up to the picture that came last, at 5.96 s
  expect(silence.at(-1)?.dts).toBeLessThan(5.96 * 48_000);
  expect(silence.at(-1)?.dts).toBeGreaterThanOrEqual(5.96 * 48_000 - 1024);
  expect(after.filter((f) => f.silent).length).toBeLessThanOrEqual(3);
  expect(after.findIndex((f) => !f.silent)).toBeLessThanOrEqual(3);
  // the source's frames are where they were, so less than one is missing at most
  const missing = holes([...before, ...silence, ...after]);
  expect(missing.length).toBeLessThanOrEqual(1);
  for (const [, length] of missing) expect(length).toBeWithin(1, 1024);
});

test("who reads the same later, at once, finds the same silence", async () => {
  const { camera, feed, play, mute } = await openCamera();
  camera.writeUntil(0.1);
  const reader = feed({ from: 0 });
  const live = [...listen(reader), ...play(reader, 0.1, 2)];
  mute();
  live.push(...play(reader, 2, 5));
  camera.muted.clear();
  live.push(...play(reader, 5, 6));
  const silent = live.filter((f) => f.silent).length;
  expect(silent).toBeGreaterThan(130);
  expect(listen(feed({ from: 0 }))).toEqual(live);
});

test("who comes while there is silence has it from the first picture on", async () => {
  const { camera, feed, play, mute } = await openCamera();
  camera.writeUntil(3);
  mute();
  camera.writeUntil(6.1);
  const reader = feed();
  const heard = [...listen(reader), ...play(reader, 6.1, 7)];
  expect(heard.every((f) => f.silent)).toBe(true);
  expect(heard[0]?.dts).toBeWithin(0, 1024);
  expect(heard.at(-1)?.dts).toBeGreaterThan(0.9 * 48_000);
  expect(holes(heard)).toEqual([]);
});

test("frames of which silence took the place are dropped: time never goes back", async () => {
  const { camera, sink, feed, play, mute } = await openCamera();
  camera.writeUntil(0.1);
  const reader = feed();
  const all = [...listen(reader), ...play(reader, 0.1, 2)];
  mute();
  all.push(...play(reader, 2, 4));
  const real = () => all.filter((f) => !f.silent).length;
  const before = real();
  // what was on its way for so long
  for (let n = 100; n < 200; n++) {
    sink.write(
      { dts: ticks(n * 1024), ptsOffset: 0, duration: 1024, key: true, discontinuity: false },
      new Uint8Array(200).fill(7).fill(8, 100),
    );
  }
  all.push(...listen(reader));
  const first = Math.ceil((3.96 * 48_000) / 1024);
  expect(real() - before).toBe(200 - first);
  for (const [, missing] of holes(all)) expect(missing).toBeWithin(0, 1024);
});

test("sound that comes late, but comes, is neither silence nor dropped", async () => {
  const { camera, sink, feed, mute } = await openCamera();
  mute();
  camera.writeUntil(2);
  const reader = feed({ from: 0 });
  const heard = listen(reader);
  let written = 0;
  for (let n = 1; n <= 100; n++) {
    camera.writeUntil(2 + n * 0.04);
    for (; written < n * 1.875; written++) {
      sink.write(
        { dts: ticks(written * 1024), ptsOffset: 0, duration: 1024, key: true, discontinuity: false },
        new Uint8Array(200).fill(7).fill(8, 100),
      );
    }
    heard.push(...listen(reader));
  }
  const silent = heard.filter((f) => f.silent).length;
  // of before it came
  expect(silent).toBeLessThan(100);
  expect(heard.slice(silent).some((f) => f.silent)).toBe(false);
  expect(heard.length - silent).toBe(written - silent);
});

test("sound that is behind pictures loses nothing when all stalls for some time", async () => {
  const { clock, camera, feed } = await openCamera();
  const reader = feed({ from: 0 });
  const begin = clock.time;
  const heard: Heard[] = [];
  let written = 0;
  const write = (id: number, dts: number, duration: number, bytes: Uint8Array) =>
    camera.sinks.get(id)?.write(
      { dts: ticks(dts), ptsOffset: 0, duration, key: id !== VIDEO.id || dts === 0, discontinuity: false },
      bytes,
    );
  for (let n = 0; n < 200; n++) {
    // after two seconds nothing comes for three; all that was filmed then comes at once
    const came = n * 40;
    clock.time = begin + (came < 2000 || came > 5000 ? came : 5000);
    write(VIDEO.id, n * 3600, 3600, new Uint8Array(1200));
    heard.push(...listen(reader));
    for (; written < (n - 22) * 1.875; written++) {
      write(AUDIO.id, written * 1024, 1024, new Uint8Array(200).fill(7).fill(8, 100));
    }
    heard.push(...listen(reader));
  }
  const silent = heard.filter((f) => f.silent).length;
  // what had not come yet when pictures had gone on for so long
  expect(heard.findLastIndex((f) => f.silent)).toBe(silent - 1);
  expect(silent).toBeLessThan(50);
  expect(heard.length).toBe(written);
});

test("a hole that is shorter, and a pause of all tracks, are left as they are", async () => {
  const { camera, feed, play, mute } = await openCamera();
  camera.writeUntil(0.1);
  const reader = feed();
  const heard = [...listen(reader), ...play(reader, 0.1, 2)];
  mute();
  heard.push(...play(reader, 2, 2.6));
  camera.muted.clear();
  heard.push(...play(reader, 2.6, 4));
  mute();
  camera.muted.add(VIDEO.id);
  heard.push(...play(reader, 4, 12));
  camera.muted.delete(VIDEO.id);
  // sound is a little behind
  heard.push(...play(reader, 12, 12.4));
  camera.muted.clear();
  heard.push(...play(reader, 12.4, 14));
  expect(heard.some((f) => f.silent)).toBe(false);
  expect(holes(heard)).toHaveLength(2);
});

test("a track that never brought anything is silent from the first picture on", async () => {
  const { camera, feed, play, mute } = await openCamera();
  mute();
  camera.writeUntil(0.1);
  const reader = feed();
  const heard = [...listen(reader), ...play(reader, 0.1, 2)];
  expect(heard[0]).toMatchObject({ dts: 0, silent: true });
  expect(holes(heard)).toEqual([]);
  expect(heard.length).toBeGreaterThanOrEqual(90);
});

test("G.711 is silence too, as it is and as FLAC", async () => {
  const { camera, feed, mute } = await openCamera(ALAW);
  camera.writeUntil(1);
  mute();
  camera.writeUntil(3);
  const plain = listen(feed({ from: 0 })), flac = listen(feed({ from: 0 }, true));
  expect(plain.at(-1)?.data).toEqual(new Uint8Array(160).fill(0xd5));
  for (const heard of [plain, flac]) {
    expect(heard.filter((f) => f.silent).length).toBeGreaterThan(95);
    expect(holes(heard)).toEqual([]);
    expect(heard.at(-1)).toMatchObject({ duration: 160, silent: true });
  }
});

test("codecs of which no silence is known, and ranges with an end, have none", async () => {
  const mp3: AudioTrack = { ...AUDIO, codec: "mp3", config: new Uint8Array(0), codecString: "mp3" };
  const cases: readonly (readonly [AudioTrack, FeedRange])[] = [
    [mp3, { from: 0 }],
    [AUDIO, { from: 0, until: 5e6 }],
    [AUDIO, { from: 0, length: 5e6 }],
  ];
  for (const [track, range] of cases) {
    const { camera, feed, mute } = await openCamera(track);
    camera.writeUntil(1);
    mute();
    camera.writeUntil(8);
    const heard = listen(feed(range));
    expect([heard.length > 40, heard.some((f) => f.silent)]).toEqual([true, false]);
  }
});
