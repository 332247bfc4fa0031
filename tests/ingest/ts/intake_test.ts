import { describe, expect, test } from "bun:test";
import { clipTs } from "../../peers/clip_ts.ts";
import type { KeptTrack } from "../array_sink.ts";
import { openTaken } from "./taken.ts";

const WRAP = 2 ** 33;

/** Takes pieces of a stream, with a rest for the sink after each. */
async function takeAll(...pieces: readonly Uint8Array[]) {
  const taken = openTaken();
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 188 * 70) {
      taken.intake.push(piece.subarray(at, at + 188 * 70));
      await taken.tracks();
    }
  }
  return { ...await taken.tracks(), taken };
}

function expectSteps(track: KeptTrack, step: number): void {
  track.frames.forEach((frame, i) => {
    if (i > 0) expect(Number(frame.dts - track.frames[i - 1]!.dts)).toBe(step);
    expect(frame.discontinuity).toBe(false);
  });
}

describe("times of a session", () => {
  test("begin at 0 with the first picture, whatever the stream's clock says", async () => {
    for (const origin of [126_000, 5_000_000_000, WRAP - 1]) {
      const { video, audio } = await takeAll(clipTs(2, { origin }));
      expect(Number(video.frames[0]!.dts)).toBe(0);
      expect(Math.abs(audio.frames[0]!.dts)).toBeLessThanOrEqual(1);
      expectSteps(video, 3600);
    }
  });
  test("go on where the 33 bits of the clock wrap", async () => {
    const { video, audio, taken } = await takeAll(clipTs(6, { origin: WRAP - 3 * 90_000 }));
    expect(video.frames.length).toBeGreaterThan(145);
    expectSteps(video, 3600);
    expectSteps(audio, 1024);
    expect(taken.intake.counters.clockJumps).toBe(0);
  });
  test("go on behind a sender that began anew, which is marked on every track", async () => {
    const { video, audio, taken } = await takeAll(clipTs(3), clipTs(3, { origin: 3_000_000_000 }));
    for (const track of [video, audio]) {
      const dts = track.frames.map((f) => Number(f.dts));
      expect(dts.every((at, i) => i === 0 || at > dts[i - 1]!)).toBe(true);
      expect(track.frames.filter((f) => f.discontinuity)).toHaveLength(1);
      expect(dts.at(-1)! / track.track.timescale).toBeGreaterThan(5.5);
      expect(dts.at(-1)! / track.track.timescale).toBeLessThan(6.5);
    }
    expect(taken.intake.counters.clockJumps).toBe(1);
    expect(video.frames.find((f) => f.discontinuity)?.key).toBe(true);
  });
  test("tell when they arrived", async () => {
    const { taken } = await takeAll(clipTs(12));
    expect(taken.sink.clocks.map((c) => Math.floor(c.at / 1e6))).toEqual([0, 5, 10]);
  });
});

test("a program is chosen by its number; without one the first is taken", () => {
  const other = clipTs(2, { program: 7, pmtPid: 0x200, firstPid: 0x300 });
  const first = openTaken();
  first.intake.push(other);
  expect(first.intake.chosen).toMatchObject({ program: 7, pmtPid: 0x200 });
  const missing = openTaken({ program: 1 });
  missing.intake.push(other);
  expect(missing.intake.chosen).toBeUndefined();
  expect(missing.intake.listed).toEqual([7]);
  expect(missing.intake.frames).toBe(0);
});

test("sound that came before the first picture is left out", async () => {
  const clip = clipTs(8);
  // joined behind the first key frame: two seconds of sound pass until the next one
  const { video, audio } = await takeAll(clip.subarray(188 * 200));
  expect(Number(video.frames[0]!.dts)).toBe(0);
  expect(video.frames[0]!.key).toBe(true);
  expect(Number(audio.frames[0]!.dts)).toBeGreaterThanOrEqual(0);
  expect(Number(audio.frames[0]!.dts)).toBeLessThan(audio.track.timescale / 5);
});

test("a track that is announced and never comes holds the others up for a second only", async () => {
  const clip = clipTs(3);
  const silent = new Uint8Array(clip.length);
  let length = 0;
  for (let at = 0; at < clip.length; at += 188) {
    const pid = (clip[at + 1]! & 0x1f) * 256 + clip[at + 2]!;
    if (pid === 0x101) continue;
    silent.set(clip.subarray(at, at + 188), length);
    length += 188;
  }
  const taken = openTaken();
  taken.intake.push(silent.subarray(0, length));
  expect((await taken.tracks()).video.frames).toHaveLength(0);
  taken.clock.advance(1001);
  expect((await taken.tracks()).video.frames.length).toBeGreaterThan(70);
});
