import { expect, test } from "bun:test";
import { ByteLog } from "../../../src/egress/live/byte_log.ts";

const HEADER = Uint8Array.of(9);

/** Writes `size` bytes of the value `n`; as an entry when asked to. */
function put(log: ByteLog, n: number, size: number, entry = false): void {
  const out = log.reserve(size + 10);
  out.fill(n, log.at, log.at + size);
  log.commit(size, entry ? HEADER : undefined);
}

/** All that a reader at `offset` gets, by reads of at most `most` bytes. */
function readAll(log: ByteLog, offset: number, most = 1e9): number[] | undefined {
  const found: number[] = [];
  for (let at = offset;;) {
    const bytes = log.read(at, most);
    if (bytes === undefined) return undefined;
    if (bytes.length === 0) return found;
    expect(bytes.length).toBeLessThanOrEqual(most);
    found.push(...bytes);
    at += bytes.length;
  }
}

test("a reader gets what was written behind its place", () => {
  const log = new ByteLog();
  expect([log.head, log.tail, log.entry, log.first]).toEqual([0, 0, undefined, undefined]);
  put(log, 1, 3);
  put(log, 2, 2, true);
  log.append(Uint8Array.of(7, 8));
  log.append(new Uint8Array(0));
  put(log, 3, 0, true);
  expect(readAll(log, 0)).toEqual([1, 1, 1, 2, 2, 7, 8]);
  expect(readAll(log, 4, 2)).toEqual([2, 7, 8]);
  expect(log.read(7, 10)).toHaveLength(0);
  expect(log.entry).toEqual({ at: 3, header: HEADER });
  expect(log.first).toEqual({ at: 3, header: HEADER });
});

test("what lies together is one view, without a copy", () => {
  const log = new ByteLog();
  put(log, 1, 1000);
  put(log, 2, 1000);
  const view = log.read(500, 1e9);
  expect(view?.length).toBe(1500);
  put(log, 3, 1000);
  expect(view?.buffer).toBe(log.read(2500, 1e9)?.buffer as ArrayBuffer);
});

test("a write larger than a slab has one of its own, and none is torn", () => {
  const log = new ByteLog();
  put(log, 1, 100);
  put(log, 2, 300_000);
  put(log, 3, 100);
  expect(log.read(100, 1e9)?.length).toBe(300_000);
  expect(readAll(log, 300_099)).toEqual([2, ...new Array(100).fill(3)]);
});

test("what was reserved and not committed is not there", () => {
  const log = new ByteLog();
  put(log, 1, 5);
  log.reserve(200_000).fill(99);
  log.commit(0);
  put(log, 2, 5);
  expect(readAll(log, 0)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
});

test("everything back to the entry before the newest one is kept", () => {
  const log = new ByteLog();
  for (let group = 0; group < 10; group++) {
    for (let frame = 0; frame < 100; frame++) put(log, group, 10_000, frame === 0);
  }
  expect(log.head).toBe(10e6);
  expect(log.entry?.at).toBe(9e6);
  expect(log.tail).toBeWithin(8e6 - 140_000, 8e6 + 1);
  expect(log.read(8e6, 1)).toEqual(Uint8Array.of(8));
  expect(log.read(log.tail - 1, 1)).toBeUndefined();
  expect(log.first).toBeUndefined();
});

test("without video everything is an entry, and a reader a little behind is not lost", () => {
  const log = new ByteLog();
  for (let frame = 0; frame < 10_000; frame++) put(log, 1, 200, true);
  expect(log.head - log.tail).toBeWithin(512 * 1024, 800 * 1024);
});

test("entries that are too far behind are given up", () => {
  const log = new ByteLog({ keepMax: 1e6 });
  put(log, 1, 1000, true);
  for (let frame = 0; frame < 30; frame++) put(log, 2, 100_000);
  expect(log.entry).toBeUndefined();
  expect(log.head - log.tail).toBeLessThan(1.4e6);
  put(log, 3, 1000, true);
  expect(log.entry?.at).toBe(log.head - 1000);
});

test("readers of a lagging log begin at the entry before the newest one", () => {
  const log = new ByteLog({ lagging: true });
  put(log, 1, 10, true);
  expect(log.entry?.at).toBe(0);
  put(log, 1, 10);
  put(log, 2, 10, true);
  expect(log.entry?.at).toBe(0);
  put(log, 3, 10, true);
  expect(log.entry?.at).toBe(20);
});

test("a log with a single reader keeps what it has not got, and writes into the same bytes again", () => {
  const log = new ByteLog({ single: true });
  put(log, 1, 1000, true);
  const { buffer } = log.read(0, 1) as Uint8Array;
  log.release(999, true);
  expect(readAll(log, 998)).toEqual([1, 1]);
  log.release(1000, true);
  expect([log.head, log.tail, log.read(1000, 1)?.length]).toEqual([1000, 1000, 0]);
  put(log, 2, 1000);
  expect(log.read(1000, 1)?.buffer).toBe(buffer as ArrayBuffer);
  // Bytes that somebody may still look at stay as they are.
  log.release(2000, false);
  put(log, 3, 1000);
  expect(readAll(log, 1999)).toEqual([2, ...new Array(1000).fill(3)]);
  // A slab that is behind the reader goes, whatever is in front of it.
  put(log, 4, 100_000);
  log.release(3500, true);
  expect(log.tail).toBe(3000);
  for (let n = 0; n < 400; n++) put(log, 5, 100_000);
  expect(log.read(3000, 10)?.length).toBe(10);
  expect(log.first).toBeUndefined();
});
