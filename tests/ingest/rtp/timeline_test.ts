import { expect, test } from "bun:test";
import { type MonoMillis, monoMillis, wallMillis } from "../../../src/base/units.ts";
import { RtpTimeline } from "../../../src/ingest/rtp/timeline.ts";
import type { TrackTimeline } from "../../../src/ingest/rtp/track_timeline.ts";

const WALL = 1_800_000_000_000;
const ms = (t: number): MonoMillis => monoMillis(5000 + t);
const start = () => new RtpTimeline(monoMillis(5000), wallMillis(WALL));

/** Feeds frames every `every` ms from RTP time `rtp` on, arriving from `at` on; answers session times in ms. */
function feed(
  track: TrackTimeline,
  clock: number,
  o: { rtp: number; at: number; count: number; every: number; arriveEvery?: number },
): number[] {
  const out: number[] = [];
  for (let i = 0; i < o.count; i++) {
    const rtp = (o.rtp + Math.round((i * o.every * clock) / 1000)) >>> 0;
    out.push((track.map(rtp, ms(o.at + i * (o.arriveEvery ?? o.every))) / clock) * 1000);
  }
  return out;
}

const rising = (times: readonly number[]) => times.every((t, i) => i === 0 || t > times[i - 1]!);

test("the first frame of any track is at 0, a track that begins later at its arrival", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(48_000, true);
  expect(video.map(4_000_000_000, ms(100))).toBe(0 as never);
  expect(video.step).toBe("first");
  expect(audio.map(77, ms(150))).toBe(2400 as never);
});

test("timestamps are unwrapped and count in their own ticks, whatever the arrival does", () => {
  const video = start().open(90_000, false);
  const base = 0xffffffff - 5000;
  expect([0, 1, 2, 3].map((i) => video.map((base + i * 3003) >>> 0, ms(i * 33 + (i % 2) * 25)) as number))
    .toEqual([0, 3003, 6006, 9009]);
  expect(video.step).toBe("steady");
});

test("B-frames step back within the stream", () => {
  const video = start().open(90_000, false);
  const got = [0, 3, 1, 2, 6, 4, 5].map((i, n) => video.map(1000 + i * 3600, ms(n * 40)) as number / 3600);
  expect(got).toEqual([0, 3, 1, 2, 6, 4, 5]);
});

test("a jump forward by 100 s (tsjump) is re-anchored by arrival and told", () => {
  const video = start().open(90_000, false);
  feed(video, 90_000, { rtp: 0, at: 0, count: 10, every: 40 });
  const times = feed(video, 90_000, { rtp: 9_000_000, at: 400, count: 1, every: 40 });
  expect(video.step).toBe("jump");
  expect(times[0]).toBeCloseTo(400, 3);
  expect(feed(video, 90_000, { rtp: 9_003_600, at: 440, count: 2, every: 40 })).toEqual([440, 480]);
  expect(video.step).toBe("steady");
});

test("a jump back is re-anchored by arrival; for audio already a small one", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(8000, true);
  feed(video, 90_000, { rtp: 90_000_000, at: 0, count: 10, every: 40 });
  feed(audio, 8000, { rtp: 80_000, at: 0, count: 10, every: 40 });
  expect(feed(video, 90_000, { rtp: 0, at: 400, count: 2, every: 40 })).toEqual([400, 440]);
  expect(feed(audio, 8000, { rtp: 80_000, at: 400, count: 2, every: 40 })).toEqual([400, 440]);
});

test("a stall of the network is no jump: the times go on as the sender counted them", () => {
  const video = start().open(90_000, false);
  feed(video, 90_000, { rtp: 0, at: 0, count: 10, every: 40 });
  const times = feed(video, 90_000, { rtp: 36_000, at: 3400, count: 20, every: 40, arriveEvery: 1 });
  expect(times[0]).toBe(400);
  expect(video.step).toBe("steady");
  // The sender dropped what it could not send meanwhile.
  expect(video.map(3_500 * 90, ms(3500)) as number).toBe(3_500 * 90);
  expect(video.step).toBe("steady");
});

test("a burst of old pictures at the start is no jump", () => {
  const video = start().open(90_000, false);
  const times = feed(video, 90_000, { rtp: 0, at: 0, count: 100, every: 40, arriveEvery: 1 });
  expect(times.at(-1)).toBe(99 * 40);
  expect(video.step).toBe("steady");
});

test("slow pictures: one every five seconds", () => {
  const video = start().open(90_000, false);
  expect(feed(video, 90_000, { rtp: 7, at: 0, count: 4, every: 5000 })).toEqual([0, 5000, 10_000, 15_000]);
});

test("timestamps that stand still are paced by arrival, and taken up again when they move", () => {
  const video = start().open(90_000, false);
  const still = [0, 40, 85, 120, 160].map((at) => video.map(0, ms(at)) as number / 90);
  expect(still).toEqual([0, 40, 85, 120, 160]);
  expect(video.step).toBe("paced");
  const long = Array.from({ length: 50 }, (_, i) => video.map(0, ms(200 + i * 40)) as number / 90);
  const after = feed(video, 90_000, { rtp: 3600, at: 2200, count: 5, every: 40 });
  expect(rising([...still, ...long, ...after])).toBe(true);
  expect(after.at(-1)! - 2360).toBeLessThan(60);
});

test("two fields with one timestamp do not make the time run fast", () => {
  const video = start().open(90_000, false);
  let last = 0;
  for (let i = 0; i < 100; i++) {
    video.map(i * 3600, ms(i * 40));
    last = video.map(i * 3600, ms(i * 40 + 5)) as number;
  }
  expect(last / 90).toBeCloseTo(99 * 40 + 5, 3);
});

test("timestamps that jump all the time are given up for arrival", () => {
  const video = start().open(90_000, false);
  const times: number[] = [];
  for (let i = 0; i < 100; i++) {
    times.push(video.map((i * 2_654_435_761) >>> 0, ms(i * 40)) as number / 90);
  }
  expect(video.timedByArrival).toBe(true);
  expect(rising(times)).toBe(true);
  expect(times.at(-1)! - 99 * 40).toBeLessThan(10);
});

test("a restarted source goes on at its arrival, never before what it sent last", () => {
  const video = start().open(90_000, false);
  feed(video, 90_000, { rtp: 0, at: 0, count: 100, every: 40, arriveEvery: 1 });
  video.restart();
  const at = video.map(12_345, ms(120)) as number / 90;
  expect(video.step).toBe("jump");
  expect(at).toBeGreaterThan(99 * 40);
});

test("sender reports lead video to audio: slowly, never backwards", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(48_000, true);
  // At the sender both were captured at the same time; video arrived 300 ms late.
  audio.map(0, ms(0));
  video.map(0, ms(300));
  expect(audio.report(0, WALL)).toBe(0);
  video.report(0, WALL);
  const times = feed(video, 90_000, { rtp: 3600, at: 340, count: 200, every: 40 });
  expect(rising(times)).toBe(true);
  expect(times[0]! - 300).toBeGreaterThan(30);
  expect(times.at(-1)).toBeCloseTo(200 * 40, 1);
  expect(feed(audio, 48_000, { rtp: 1024, at: 21, count: 1, every: 21 })[0]).toBeCloseTo(1024 / 48, 3);
});

test("audio leads although the video's report came first", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(48_000, true);
  video.map(0, ms(0));
  audio.map(0, ms(200));
  video.report(0, WALL);
  audio.report(0, WALL);
  const heard = feed(audio, 48_000, { rtp: 960, at: 220, count: 100, every: 20 });
  expect(heard[99]! - heard[0]!).toBeCloseTo(99 * 20, 6);
  const seen = feed(video, 90_000, { rtp: 3600, at: 40, count: 200, every: 40 });
  expect(rising(seen)).toBe(true);
  // Capture time 0 is at 200 ms of the session now.
  expect(seen.at(-1)).toBeCloseTo(200 * 40 + 200, 1);
});

test("reports that come before the first packets place them at once", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(48_000, true);
  audio.map(0, ms(0));
  audio.report(0, WALL);
  video.report(90_000, WALL + 1000);
  // Captured at 400 ms, arrived at 700.
  expect((video.map(36_000, ms(700)) as number) / 90).toBeCloseTo(400, 6);
});

test("a clock of the sender that jumps moves nothing", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(48_000, true);
  feed(audio, 48_000, { rtp: 0, at: 0, count: 10, every: 20 });
  feed(video, 90_000, { rtp: 0, at: 0, count: 5, every: 40 });
  audio.report(0, WALL);
  video.report(0, WALL);
  const later = WALL + 3_600_000;
  expect(video.report(18_000, later + 200)).toBeCloseTo(200, 6);
  expect(audio.report(9600, later + 200)).toBeCloseTo(200, 6);
  expect(feed(video, 90_000, { rtp: 18_000, at: 200, count: 100, every: 40 }).at(-1)).toBe(200 + 99 * 40);
});

test("tracks whose clocks have nothing in common stay where they arrived", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(48_000, true);
  audio.map(0, ms(0));
  video.map(0, ms(0));
  audio.report(0, WALL);
  video.report(0, WALL - 86_400_000);
  expect(feed(video, 90_000, { rtp: 3600, at: 40, count: 100, every: 40 }).at(-1)).toBe(4000);
});

test("a report that does not fit the packets is not used", () => {
  const video = start().open(90_000, false);
  feed(video, 90_000, { rtp: 0, at: 0, count: 5, every: 40 });
  expect(video.report(9_000_000, WALL)).toBeUndefined();
  expect(video.report(9000, WALL)).toBe(100);
});

test("a drifting clock of the sender is followed for hours without a jump", () => {
  const video = start().open(90_000, false);
  // 200 ppm slow: 4.3 s in six hours.
  for (let i = 0; i < 6 * 3600; i++) {
    video.map((i * 90_000) >>> 0, ms(i * 1000.2));
    if (i > 0) expect(video.step).toBe("steady");
  }
  // And back by 300 ms: nothing to see yet.
  video.map((6 * 3600 * 90_000 + 27_000) >>> 0, ms(6 * 3600 * 1000.2));
  expect(video.step).toBe("steady");
});

test("video that drifts against audio is led back by the reports", () => {
  const session = start();
  const video = session.open(90_000, false);
  const audio = session.open(8000, true);
  let seen = 0;
  for (let s = 0; s < 600; s++) {
    for (let i = 0; i < 5; i++) {
      const t = s * 1000 + i * 200;
      audio.map(t * 8, ms(t));
      // Video counts 500 ppm too fast.
      seen = (video.map(Math.round(t * 90 * 1.0005), ms(t)) as number) / 90;
    }
    audio.report(s * 8000, WALL + s * 1000);
    video.report(Math.round(s * 90_000 * 1.0005), WALL + s * 1000);
  }
  expect(Math.abs(seen - (599 * 1000 + 800))).toBeLessThan(6);
});
