import { describe, expect, test } from "bun:test";
import { streamMicros, type Ticks, wallMillis } from "../../src/base/units.ts";
import { makeFrameRecord, type PartRow, type TrackView } from "../../src/buffer/track_view.ts";
import { WallMapping } from "../../src/buffer/wall_mapping.ts";
import { audio, Fixture, info, payload, video } from "./stream_fixture.ts";

/** All closed parts of a track, in order. */
function partsOf(track: TrackView, from: number, to: number): PartRow[] {
  const rows: PartRow[] = [];
  for (let msn = from; msn <= to; msn++) {
    for (let part = 0; part < track.partsOf(msn); part++) {
      const row = track.part(msn, part);
      if (row !== undefined) rows.push({ ...row });
    }
  }
  return rows;
}

function expectSeamless(rows: readonly PartRow[]): void {
  expect(rows.length).toBeGreaterThan(20);
  for (let n = 1; n < rows.length; n++) {
    const before = rows[n - 1] as PartRow;
    const row = rows[n] as PartRow;
    expect(`${row.msn}.${row.part} at ${row.startDts}`)
      .toBe(`${row.msn}.${row.part} at ${before.startDts + before.durationTicks}`);
  }
}

/** 25 frames a second; `dts(n)` in ticks of 90 kHz. No length is told, as RTP tells none. */
async function film(dts: (n: number) => number, frames = 400, ptsOffset = 0) {
  const f = new Fixture();
  const v = await f.writer.begin().addTrack(video());
  for (let n = 0; n < frames; n++) {
    v.write({ ...info(dts(n), 0, n % 50 === 0), ptsOffset }, payload(n, 10));
    f.pass(40);
  }
  return { f, track: f.track(0), rows: partsOf(f.track(0), f.view.oldestSegment, f.view.newestSegment) };
}

describe("a part begins where the one before was announced to end", () => {
  test("while the time line is slewed by 1/16 and after that", async () => {
    // Frames 60 to 100 come out longer: the last frame of the part that the slewing ends behind is guessed too long.
    const { rows, track } = await film((n) => n * 3600 + Math.min(40, Math.max(0, n - 60)) * 225);
    expectSeamless(rows);
    // Nothing piles up: the last frame lies where it was given.
    const first = rows[0]?.startDts as Ticks;
    const last = rows.at(-1) as PartRow;
    expect(Math.abs(last.startDts - first - last.first * 3600 - 40 * 225)).toBeLessThan(1800);
    expect(track.head).toBe(400);
  });

  test("while the camera's clock trembles by 4 ms", async () => {
    const { rows } = await film((n) => n * 3600 + ((n * 7919) % 721));
    expectSeamless(rows);
  });

  test("pictures that wait to be shown anyway are shown when they were to be", async () => {
    const slewed = (n: number) => n * 3600 + Math.min(40, Math.max(0, n - 60)) * 225;
    const { f, rows } = await film(slewed, 400, 7200);
    expectSeamless(rows);
    const base = (rows[0] as PartRow).startDts;
    const track = f.track(0);
    const record = makeFrameRecord();
    for (let n = track.tail; n < track.head; n++) {
      expect(track.read(n, record)).toBe("ok");
      expect(record.dts + record.ptsOffset - base).toBe(slewed(n) + 7200);
    }
  });

  test("sound that follows the picture's boundaries, slewed as well", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    const v = await session.addTrack(video());
    const a = await session.addTrack(audio());
    const at = (n: number) => n * 1024 + Math.min(90, Math.max(0, n - 100)) * 64;
    let sound = 0;
    for (let n = 0; n < 400; n++) {
      v.write(info(n * 3600, 0, n % 50 === 0), payload(n, 10));
      while (at(sound) / 48_000 < n / 25) a.write(info(at(sound++), 0), payload(n, 10));
      f.pass(40);
    }
    expectSeamless(partsOf(f.track(1), f.view.oldestSegment, f.view.newestSegment));
  });

  test("a frame that is missing is not covered up", async () => {
    const { rows } = await film((n) => (n < 105 ? n : n + 1) * 3600);
    const breaks = rows.filter((row, n) => {
      const before = rows[n - 1];
      return before !== undefined && row.startDts !== before.startDts + before.durationTicks;
    });
    const last = rows.at(-1) as PartRow;
    expect(last.startDts - (rows[0] as PartRow).startDts).toBe((last.first + 1) * 3600);
    expect(breaks.length).toBeLessThanOrEqual(1);
  });
});

describe("dates of segments", () => {
  const now = wallMillis(1_700_000_000_000);
  const at = (seconds: number) => streamMicros(seconds * 1e6);

  test("go on with the lengths exactly while reports differ a little", () => {
    const wall = new WallMapping();
    const first = wall.start(at(10), now, true);
    for (let n = 1; n < 40; n++) {
      wall.report(at(10 + n * 2), wallMillis(now + n * 2000 + 90 * Math.sin(n)));
      expect(wall.start(at(10 + n * 2), now, false) - first).toBeCloseTo(n * 2000, 6);
    }
  });

  test("are put right in one step when they are 100 ms off, and not for a clock that is another one", () => {
    const wall = new WallMapping();
    const first = wall.start(at(0), now, true);
    wall.report(at(2), wallMillis(now + 2000 + 150));
    expect(wall.start(at(2), now, false) - first).toBe(2150);
    wall.report(at(4), wallMillis(now + 4000 + 5000));
    expect(wall.start(at(4), now, false) - first).toBe(4150);
    expect(wall.start(at(6), now, true) - first).toBe(11_000);
  });
});
