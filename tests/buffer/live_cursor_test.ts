import { expect, test } from "bun:test";
import { LiveCursor } from "../../src/buffer/live_cursor.ts";
import { makeFrameRecord } from "../../src/buffer/track_view.ts";
import { audio, Fixture, info, payload, video } from "./stream_fixture.ts";

const FRAME = 3600;

async function both(f: Fixture) {
  const session = f.writer.begin();
  const v = await session.addTrack(video());
  const a = await session.addTrack(audio());
  let n = 0;
  return (from: number, count: number) => {
    for (let i = from; i < from + count; i++) {
      v.write(info(i * FRAME, FRAME, i % 50 === 0), payload(i, 50));
      for (; n * 1024 * 90_000 < (i + 1) * FRAME * 48_000; n++) a.write(info(n * 1024, 1024), payload(n, 20));
      f.pass(40);
    }
  };
}

test("two tracks come merged by time, from the newest key frame on", async () => {
  const f = new Fixture();
  const write = await both(f);
  const cursor = new LiveCursor([f.track(0), f.track(1)]);
  const record = makeFrameRecord();
  write(0, 60);
  let last = -1;
  const seen = [0, 0];
  for (let first = true; cursor.next(record); first = false) {
    const time = record.dts / (cursor.track === 0 ? 90_000 : 48_000);
    if (first) expect([cursor.track, record.sequence, record.key]).toEqual([0, 50, true]);
    expect(time).toBeGreaterThanOrEqual(last);
    expect(cursor.intact()).toBe(true);
    expect(record.data.length).toBe(cursor.track === 0 ? 50 : 20);
    last = time;
    seen[cursor.track] = (seen[cursor.track] ?? 0) + 1;
  }
  expect(seen[0]).toBe(10);
  expect(seen[1]).toBeGreaterThan(15);
  write(60, 1);
  expect(cursor.next(record)).toBe(true);
  expect(record.discontinuity).toBe(false);
});

test("frames of before the beginning that come after it are left out", async () => {
  const f = new Fixture();
  const session = f.writer.begin();
  const v = await session.addTrack(video());
  const a = await session.addTrack(audio());
  v.write(info(0, FRAME, true), payload(0, 50));
  v.write(info(50 * FRAME, FRAME, true), payload(1, 50));
  const cursor = new LiveCursor([f.track(0), f.track(1)]);
  const record = makeFrameRecord();
  expect(cursor.next(record)).toBe(true);
  expect([cursor.track, cursor.micros]).toEqual([0, 1e6 + 2e6]);
  for (let n = 0; n < 93; n++) a.write(info(n * 1024, 1024), payload(n, 20));
  expect(cursor.next(record)).toBe(false);
  for (let n = 93; n < 96; n++) a.write(info(n * 1024, 1024), payload(n, 20));
  expect(cursor.next(record)).toBe(true);
  expect([cursor.track, record.dts, record.discontinuity]).toEqual([1, 48_000 + 94 * 1024, true]);
  // One that begins with it is whole from there on.
  expect(cursor.next(record)).toBe(true);
  expect([cursor.track, record.dts, record.discontinuity]).toEqual([1, 48_000 + 95 * 1024, false]);
});

test("a cursor without a key frame waits for one", async () => {
  const f = new Fixture();
  const v = await f.writer.begin().addTrack(video());
  const cursor = new LiveCursor([f.track(0)]);
  const record = makeFrameRecord();
  expect(cursor.next(record)).toBe(false);
  v.write(info(0, FRAME), payload(0, 10));
  expect(cursor.next(record)).toBe(false);
  v.write(info(FRAME, FRAME, true), payload(1, 10));
  expect(cursor.next(record)).toBe(true);
  expect(record.sequence).toBe(1);
});

test("a cursor that fell behind jumps to the newest key frame and says so", async () => {
  const f = new Fixture();
  const write = await both(f);
  write(0, 10);
  const cursor = new LiveCursor([f.track(0), f.track(1)], 3000);
  const record = makeFrameRecord();
  while (cursor.next(record));
  write(10, 200);
  expect(cursor.next(record)).toBe(true);
  expect([record.sequence, record.key, record.discontinuity]).toEqual([200, true, true]);
  expect(cursor.jumps).toBe(1);
});

test("a cursor that was lapped goes on at the newest key frame", async () => {
  const f = new Fixture({ maxBytesPerTrack: 1000 });
  const write = await both(f);
  write(0, 5);
  const cursor = new LiveCursor([f.track(0)], 1e9);
  const record = makeFrameRecord();
  expect(cursor.next(record)).toBe(true);
  write(5, 236);
  expect(cursor.next(record)).toBe(false);
  expect(cursor.lapped).toBe(1);
  write(241, 10);
  expect(cursor.next(record)).toBe(true);
  expect([record.sequence, record.discontinuity]).toEqual([250, true]);
});

test("seekTime() goes to the key frame before a time, or to the oldest where all are later", async () => {
  const f = new Fixture();
  const write = await both(f);
  const cursor = new LiveCursor([f.track(0), f.track(1)], Infinity);
  expect(cursor.window()).toBeUndefined();
  expect(cursor.seekTime(0)).toBe(false);
  write(0, 240);
  const record = makeFrameRecord();
  const origin = 1e6;
  expect(cursor.window()).toEqual({ first: origin, last: origin + 239 * 40_000 });
  const from = [0, origin - 1, origin + 1.9e6, origin + 2e6, origin + 5.5e6, origin + 60e6];
  const found = from.map((time) => {
    expect(cursor.seekTime(time)).toBe(true);
    expect(cursor.next(record)).toBe(true);
    const { sequence, key } = record;
    // The next frames are of about the same time in both tracks.
    expect(cursor.next(record)).toBe(true);
    expect(cursor.micros - (origin + sequence * 40_000)).toBeWithin(0, 40_000);
    return [sequence, key];
  });
  expect(found).toEqual([[0, true], [0, true], [0, true], [50, true], [100, true], [200, true]]);
  expect(cursor.window()).toEqual({ first: origin, last: origin + 239 * 40_000 });
  expect(cursor.next(record)).toBe(true);
});

test("a cursor that stays behind goes on with the oldest key frame when it was lapped", async () => {
  const f = new Fixture({ maxBytesPerTrack: 5000 });
  const write = await both(f);
  write(0, 60);
  const cursor = new LiveCursor([f.track(0)], Infinity);
  const record = makeFrameRecord();
  cursor.seekTime(0);
  expect(cursor.next(record)).toBe(true);
  expect(record.sequence).toBe(0);
  write(60, 140);
  expect(cursor.next(record)).toBe(true);
  expect([record.sequence, record.discontinuity, cursor.lapped]).toEqual([100, true, 1]);
});
