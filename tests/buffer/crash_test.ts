import { expect, test } from "bun:test";
import { StreamView } from "../../src/buffer/stream_view.ts";
import { makeFrameRecord, type TrackView } from "../../src/buffer/track_view.ts";
import { audio, Fixture, info, video } from "./stream_fixture.ts";
import { buildVariant } from "./interleave/variant.ts";

/** Statements of methods: four spaces, then one of these. Every one of them gets a place to die in front. */
const STATEMENT =
  /^( {4})((?:this\.|words\[|Atomics\.|ring\.|page\.|session\.|row\.|p\.|const |let |if |for |while |return )[^]*)$/;
const CLASSES = /^(track_page_writer|slot_ring|stream_page_writer|track_writer|session)\.ts$/;

const folder = buildVariant([], (text, file) => {
  if (!CLASSES.test(file)) return text;
  return text.split("\n").map((line) => line.replace(STATEMENT, "$1globalThis.die?.(); $2")).join("\n");
});

declare global {
  var die: (() => void) | undefined;
}

class Died extends Error {}

const FRAME = 3600;

function fill(n: number, size: number): Uint8Array {
  return new Uint8Array(size).fill(n);
}

/** Every frame there is has the bytes of one frame, in order of time, and belongs to the part that says so. */
function expectWhole(view: TrackView, stream: StreamView): void {
  const record = makeFrameRecord();
  let dts = -Infinity;
  let oldest = "";
  for (let s = view.tail; s < view.head; s++) {
    const read = view.read(s, record);
    const n = record.data[0] as number;
    if (read !== "ok" || record.dts <= dts || record.data.some((byte) => byte !== n)) {
      throw new Error(`frame ${s}: ${read}, time ${record.dts} after ${dts}, number ${n}`);
    }
    dts = record.dts;
    if (s === view.tail) oldest = `${record.msn}.${record.part}`;
    // A part goes with its first frame, and that one may be gone.
    if (record.part < 0 || `${record.msn}.${record.part}` === oldest) continue;
    const row = view.part(record.msn, record.part);
    if (row === undefined || row.first > s || row.first + row.count <= s) {
      throw new Error(`frame ${s} is not in part ${record.msn}.${record.part}`);
    }
    if (stream.segment(record.msn) === undefined || !view.segmentClosed(record.msn)) {
      throw new Error(`frame ${s} is in segment ${record.msn}, which is not there or not closed`);
    }
  }
  let before = -Infinity;
  for (let msn = stream.oldestSegment; msn <= stream.newestSegment; msn++) {
    const row = stream.segment(msn);
    if (row === undefined) throw new Error(`no segment ${msn}`);
    expect(row.startMicros).toBeGreaterThan(before);
    expect(row.durationMicros).toBeGreaterThan(0);
    expect(row.durationMicros).toBeLessThan(3e6);
    before = row.startMicros;
  }
}

test("a writer that dies before any statement leaves pages that the next one goes on with", async () => {
  const variant = await import(
    `${folder}/stream_writer.ts`
  ) as typeof import("../../src/buffer/stream_writer.ts");
  let steps = 0;
  let died = true;
  for (let at = 0; died; at += 1) {
    const f = new Fixture({ maxBytesPerTrack: 3000, segmentMillis: 400 }, 0, 5);
    const options = {
      page: f.page,
      tracks: f.pages,
      settings: f.settings,
      allocate: (_id: number, kind: "video" | "audio" | "data") => f.allocate(kind),
      now: () => f.now(),
      wall: () => f.wallNow(),
    };
    const session = new variant.StreamWriter(options).begin();
    const v = await session.addTrack(video());
    const a = await session.addTrack(audio());
    died = false;
    let left = at;
    for (let n = 0; n < 21; n++) {
      if (n === 19) {
        globalThis.die = () => {
          if (left-- === 0) throw new Died();
        };
      }
      try {
        v.write(info(n * FRAME, FRAME, n % 10 === 0), fill(n, 150));
        a.write(info(n * 1920, 1920), fill(n, 90));
      } catch (e) {
        if (!(e instanceof Died)) throw e;
        died = true;
        break;
      }
      f.pass(40);
    }
    globalThis.die = undefined;
    steps = at;
    const heads = f.pages.map((_, n) => f.track(n).head);
    const writer = f.restart();
    expect(f.pages.map((_, n) => f.track(n).head)).toEqual(heads);
    expectWhole(f.track(0), f.view);
    expectWhole(f.track(1), f.view);
    const newest = f.view.newestSegment;
    const next = writer.begin();
    const v2 = await next.addTrack(video());
    const a2 = await next.addTrack(audio());
    for (let n = 0; n < 8; n++) {
      v2.write(info(n * FRAME, FRAME, n % 5 === 0), fill(n, 150));
      a2.write(info(n * 1920, 1920), fill(n, 90));
      f.pass(40);
    }
    writer.end();
    expect(f.view.newestSegment).toBeGreaterThan(newest);
    expect(f.view.segment(newest + 1)?.discontinuity).toBe(true);
    expectWhole(f.track(0), f.view);
    expectWhole(f.track(1), f.view);
  }
  expect(steps).toBeGreaterThan(200);
}, 20_000);
