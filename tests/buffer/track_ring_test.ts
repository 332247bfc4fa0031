import { describe, expect, test } from "bun:test";
import { createTrackPage } from "../../src/buffer/track_page.ts";
import { makePlacement, TrackPageWriter } from "../../src/buffer/track_page_writer.ts";
import { makeFrameRecord, TrackView } from "../../src/buffer/track_view.ts";
import { Fixture, info, payload, video } from "./stream_fixture.ts";
import { fillFrame, frameIsWhole, sizeOf } from "./interleave/frames.ts";

/** Writes frames 10 ticks apart and checks everything that is readable after each. */
function run(
  o: { first: number; capacity: number; most: number; window: number; count: number; check: number },
) {
  const page = createTrackPage("video", o.capacity, o.first);
  let writer = new TrackPageWriter(page);
  const view = new TrackView(page);
  const record = makeFrameRecord();
  const p = makePlacement();
  const room = new Uint8Array(o.most + 8);
  for (let n = 0; n < o.count; n++) {
    const sequence = o.first + n;
    expect(writer.head).toBe(sequence);
    const frame = room.subarray(0, sizeOf(sequence, o.most));
    fillFrame(frame, sequence);
    p.dts = sequence * 10;
    p.flags = sequence % 7 === 0 ? 1 : 0;
    writer.write(p, frame, p.dts - o.window);
    if (n % 97 === 96) writer = new TrackPageWriter(page);
    if (n % o.check !== 0) continue;
    expect(view.head).toBe(sequence + 1);
    for (let s = view.tail; s < view.head; s++) {
      const ok = view.read(s, record) === "ok" && record.dts === s * 10 &&
        frameIsWhole(record.data, record.size, s) &&
        record.size === sizeOf(s, o.most);
      if (!ok) throw new Error(`frame ${s} of ${view.tail} to ${view.head} is not whole`);
    }
    expect(view.read(view.tail - 1, record)).toBe("lapped");
    expect(view.read(view.head, record)).toBe("later");
    if (n > 10 && view.head - view.tail > 7) expect(view.newestKey).toBe(sequence - (sequence % 7));
  }
  return { view, held: view.head - view.tail };
}

describe("ring of frames", () => {
  const cases = [
    {
      name: "bytes at their cap",
      first: 0,
      capacity: 400_000,
      most: 60_000,
      window: 1e9,
      count: 2000,
      check: 5,
    },
    {
      name: "records run out first",
      first: 0,
      capacity: 400_000,
      most: 20,
      window: 0,
      count: 3000,
      check: 31,
    },
    {
      name: "both grow until the window fits",
      first: 0,
      capacity: 1e7,
      most: 3000,
      window: 6000,
      count: 4000,
      check: 97,
    },
    {
      name: "sequences wrap at 2^31",
      first: 2 ** 31 - 300,
      capacity: 3e5,
      most: 900,
      window: 0,
      count: 900,
      check: 7,
    },
    {
      name: "sequences wrap at 2^32",
      first: 2 ** 32 - 300,
      capacity: 3e5,
      most: 900,
      window: 0,
      count: 900,
      check: 7,
    },
    {
      name: "an epoch ends at 3·2^30",
      first: 3 * 2 ** 30 - 9,
      capacity: 3e5,
      most: 99,
      window: 0,
      count: 40,
      check: 1,
    },
    {
      name: "after years: 2^45",
      first: 2 ** 45 - 9,
      capacity: 3e5,
      most: 99,
      window: 0,
      count: 40,
      check: 1,
    },
    {
      name: "a frame at a time fits",
      first: 0,
      capacity: 1008,
      most: 1000,
      window: 1e9,
      count: 500,
      check: 1,
    },
  ];
  for (const c of cases) test(`every readable frame is whole: ${c.name}`, () => void run(c));

  test("grows until the window fits and no further", () => {
    const { view, held } = run(cases[2] as typeof cases[0]);
    expect(held).toBeGreaterThanOrEqual(540);
    expect(view.fill.bytes).toBeLessThan(600 * 1508 * 1.35);
    expect(view.counters.shrunk).toBe(0);
  });

  test("at the cap the window shrinks and a counter says so", () => {
    expect(run(cases[0] as typeof cases[0]).view.counters.shrunk).toBeGreaterThan(1500);
  });

  test("a view made after a wrap of the sequence sees the same numbers", () => {
    const { view } = run(cases[4] as typeof cases[0]);
    expect(new TrackView(view.page).head).toBe(2 ** 32 + 600);
    expect(view.read(599, makeFrameRecord())).toBe("lapped");
  });

  test("512 MiB are not committed while nothing is written", () => {
    // what else grows in the process does so now and then, pages do every time
    let least = Infinity;
    for (let n = 0; n < 5 && least >= 20e6; n++) {
      const before = process.memoryUsage().rss;
      const page = createTrackPage("video", 512 * 1024 * 1024);
      const view = new TrackView(page);
      new TrackPageWriter(page).write(makePlacement(), payload(1, 1000), 0);
      expect(view.head).toBe(1);
      least = Math.min(least, process.memoryUsage().rss - before);
    }
    expect(least).toBeLessThan(20e6);
  });

  test("caps beyond 2^30 and below 1 are refused", () => {
    for (const bytes of [0, -1, NaN, 2 ** 30 + 1]) {
      expect(() => createTrackPage("data", bytes)).toThrow(RangeError);
    }
  });

  test("a page of another kind is refused", () => {
    expect(() => new TrackView(new Fixture().page)).toThrow("magic");
  });
});

describe("a small ring under the stream writer", () => {
  test("a frame larger than the ring is refused, counted, and the next one says that something is missing", async () => {
    const f = new Fixture({ maxBytesPerTrack: 5000 });
    const v = await f.writer.begin().addTrack(video());
    v.write(info(0, 3600, true), payload(0, 5000));
    v.write(info(3600, 3600), payload(1, 5001));
    v.write(info(7200, 3600), payload(2, 10));
    const view = f.track(0);
    const record = makeFrameRecord();
    expect(view.counters.refused).toBe(1);
    expect(view.read(1, record)).toBe("ok");
    expect([record.discontinuity, record.size, record.data[9]]).toEqual([true, 10, 2]);
  });

  test("a ring shorter than a group of pictures: no key frame to go on at, then the next one", async () => {
    const f = new Fixture({ maxBytesPerTrack: 1000 });
    const v = await f.writer.begin().addTrack(video());
    const view = f.track(0);
    for (let n = 0; n < 100; n++) {
      v.write(info(n * 3600, 3600, n % 50 === 0), payload(n, 100));
      const at = n % 50;
      expect(view.newestKey).toBe(at < 10 ? n - at : -1);
    }
    expect(view.part(0, 0)).toBeUndefined();
    expect(view.partsOf(1)).toBe(10);
    expect(view.part(1, 9)?.count).toBe(5);
    expect(view.oldestMsn).toBe(2);
  });
});
