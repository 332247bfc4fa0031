import { describe, expect, test } from "bun:test";
import { audio, Fixture, info, payload, video } from "./stream_fixture.ts";

const SOUND = 1024 / 48_000;

/**
 * 28 s of picture in real time, with sound of which `arrives(t)` says when the frame of time t comes; undefined: never.
 * Answers how many sound frames are in no part, and for how many segments at once the sound was behind.
 */
async function play(arrives: (t: number) => number | undefined) {
  const f = new Fixture();
  const session = f.writer.begin();
  const v = await session.addTrack(video());
  const a = await session.addTrack(audio());
  const frames: { n: number; at: number }[] = [];
  for (let n = 0; n * SOUND < 28; n++) {
    const at = arrives(n * SOUND);
    if (at !== undefined) frames.push({ n, at });
  }
  frames.sort((x, y) => x.at - y.at || x.n - y.n);
  let written = 0;
  let behind = 0;
  for (let n = 0; n < 700; n++) {
    const now = n / 25;
    v.write(info(n * 3600, 3600, n % 50 === 0), payload(n, 10));
    for (; written < frames.length && (frames[written]?.at ?? 0) <= now; written++) {
      a.write(info((frames[written]?.n ?? 0) * 1024, 1024), payload(n, 10));
    }
    const track = f.track(1);
    let open = f.view.oldestSegment;
    while (open < f.view.newestSegment && track.segmentClosed(open)) open++;
    behind = Math.max(behind, f.view.newestSegment - open);
    f.pass(40);
  }
  const track = f.track(1);
  let inParts = 0;
  const sound: number[] = [];
  for (let msn = f.view.oldestSegment; msn < f.view.newestSegment; msn++) {
    let ticks = 0;
    for (let part = 0; part < track.partsOf(msn); part++) {
      const row = track.part(msn, part);
      inParts += row?.count ?? 0;
      ticks += row?.durationTicks ?? 0;
    }
    sound.push(ticks / 48_000);
  }
  return { inParts, sound, behind };
}

describe("sound that is late", () => {
  for (const burst of [0.5, 1, 2, 3]) {
    test(`in bursts of ${burst} s loses nothing`, async () => {
      const { sound } = await play((t) => (Math.floor(t / burst) + 1) * burst);
      // Segments that are still to be filled at the end are not looked at.
      for (const seconds of sound.slice(0, -3)) expect(seconds).toBeCloseTo(2, 1);
    });
  }

  test("by 2.5 s all the time loses nothing", async () => {
    const { sound } = await play((t) => t + 2.5);
    for (const seconds of sound.slice(0, -3)) expect(seconds).toBeCloseTo(2, 1);
  });

  test("by 3 s once, as on a busy machine, loses nothing", async () => {
    const { sound } = await play((t) => t > 17 && t < 20 ? 20 : t);
    for (const seconds of sound.slice(0, -1)) expect(seconds).toBeCloseTo(2, 1);
  });
});

test("sound that stops for 10 s holds nobody up for longer than 3 segments, and is whole again in the segment after", async () => {
  const { sound, behind } = await play((t) => t > 9 && t < 19 ? undefined : t);
  expect(behind).toBeLessThanOrEqual(3);
  const at = sound.findIndex((seconds) => seconds < 1.8);
  const back = sound.findLastIndex((seconds) => seconds < 1.8);
  expect(back - at).toBeLessThanOrEqual(6);
  for (const seconds of sound.slice(back + 1)) expect(seconds).toBeCloseTo(2, 1);
});
