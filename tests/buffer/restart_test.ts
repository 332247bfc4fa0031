import { expect, test } from "bun:test";
import { makeFrameRecord, type TrackView } from "../../src/buffer/track_view.ts";
import { audio, Fixture, info, payload, video } from "./stream_fixture.ts";

const FRAME = 3600;

/** All frames of a track, each proven. */
function frames(view: TrackView) {
  const out = [];
  for (let n = view.tail; n < view.head; n++) {
    const record = makeFrameRecord();
    expect(view.read(n, record)).toBe("ok");
    expect(view.intact(n)).toBe(true);
    out.push(record);
  }
  return out;
}

test("a restarted writer continues sequence, segments and times, and flags the discontinuity", async () => {
  const f = new Fixture({}, 0, 7);
  let session = f.writer.begin();
  let v = await session.addTrack(video());
  let a = await session.addTrack(audio());
  for (let n = 0; n < 60; n++) {
    v.write(info(n * FRAME, FRAME, n % 50 === 0), payload(n, 40));
    a.write(info(n * 1920, 1920), payload(n, 10));
    f.pass(40);
  }
  const arrived = f.track(0);
  const tracksVersion = f.view.tracksVersion;
  f.pass(9960);
  session = f.restart().begin();
  expect(f.view.live).toBe(true);
  v = await session.addTrack(video());
  a = await session.addTrack(audio());
  expect(f.pages.length).toBe(2);
  expect(f.view.tracksVersion).not.toBe(tracksVersion);
  for (let n = 0; n < 60; n++) {
    v.write(info(n * FRAME, FRAME, n % 50 === 0), payload(n, 40));
    a.write(info(n * 1920, 1920), payload(n, 10));
    f.pass(40);
  }
  const seen = frames(arrived);
  expect(seen.length).toBe(120);
  expect(seen[60]).toMatchObject({ sequence: 60, discontinuity: true, startsSegment: true, key: true });
  // The last frame was written 40 ms before the end of its time, then 9.96 s passed.
  expect((seen[60]?.dts ?? 0) - (seen[59]?.dts ?? 0)).toBe(10 * 90_000);
  expect(seen[60]?.msn).toBe((seen[59]?.msn ?? 0) + 1);
  expect(seen[60]?.configVersion).toBe(1);
  expect(f.view.segment(9)).toMatchObject({ discontinuity: true, discontinuitySequence: 1 });
  expect(f.view.segment(8)).toMatchObject({ durationMicros: 400_000, discontinuity: false });
  expect(frames(f.track(1)).map((r) => r.discontinuity).indexOf(true)).toBe(60);
  expect(arrived.segmentClosed(8)).toBe(true);
  for (const view of [f.track(0), f.track(1)]) {
    let next = view.part(7, 0)?.first ?? NaN;
    for (const msn of [7, 8, 9]) {
      for (let part = 0; part < view.partsOf(msn); part++) {
        const row = view.part(msn, part);
        expect(row?.first).toBe(next);
        next += row?.count ?? 0;
      }
    }
  }
});

test("a session right after another lies at least one frame behind it", async () => {
  const f = new Fixture();
  (await f.writer.begin().addTrack(video())).write(info(0, FRAME, true), payload(0, 10));
  (await f.writer.begin().addTrack(video())).write(info(0, FRAME, true), payload(1, 10));
  const [one, two] = frames(f.track(0));
  expect((two?.dts ?? 0) - (one?.dts ?? 0)).toBe(FRAME);
});

test("sinks of a session that is over take nothing", async () => {
  const f = new Fixture();
  const old = await f.writer.begin().addTrack(video());
  f.writer.begin();
  old.write(info(0, FRAME, true), payload(0, 10));
  old.update(video(0, [7]));
  expect([f.track(0).head, f.track(0).version]).toEqual([0, 1]);
});

test("end() closes what is open and leaves it to readers", async () => {
  const f = new Fixture();
  const v = await f.writer.begin().addTrack(video());
  for (let n = 0; n < 7; n++) v.write(info(n * FRAME, FRAME, n === 0), payload(n, 10));
  expect(f.view.live).toBe(true);
  f.writer.end();
  f.writer.end();
  expect(f.view.live).toBe(false);
  const view = f.track(0);
  expect([view.partsOf(0), view.part(0, 1)?.count, view.segmentClosed(0)]).toEqual([2, 2, true]);
  expect(f.view.segment(0)?.durationMicros).toBe(280_000);
});

test("a page is used again for its kind; a changed kind gets a new one; a vanished track is told by its session", async () => {
  const f = new Fixture();
  let session = f.writer.begin();
  await session.addTrack(video());
  await session.addTrack(audio());
  session = f.restart().begin();
  await session.addTrack(audio(0));
  expect(f.pages.length).toBe(2);
  expect(f.track(1).id).toBe(1);
  expect([f.track(0).session, f.track(1).session, f.view.session]).toEqual([1, 2, 2]);
  await session.addTrack({ ...audio(1), codec: "opus" });
  expect(f.pages.length).toBe(3);
  expect(f.track(2).id).toBe(2);
});

test("a track that comes back with another time scale goes on in time", async () => {
  const f = new Fixture();
  const a = await f.writer.begin().addTrack(audio(0));
  for (let n = 0; n < 10; n++) a.write(info(n * 1024, 1024), payload(n, 10));
  const b = await f.writer.begin().addTrack(audio(0, 8000));
  b.write(info(0, 160), payload(0, 10));
  const all = frames(f.track(0));
  expect(all[10]?.configVersion).toBe(2);
  expect((all[10]?.dts ?? 0) / 8000).toBeCloseTo(((all[9]?.dts ?? 0) + 1024) / 48_000, 3);
});

test("times that repeat or step back are moved and counted", async () => {
  const f = new Fixture();
  const v = await f.writer.begin().addTrack(video());
  for (const dts of [0, 3600, 3600, 3000]) v.write(info(dts, FRAME, dts === 0), payload(0, 10));
  const at = frames(f.track(0));
  expect(at.map((r) => r.dts - (at[0]?.dts ?? 0))).toEqual([0, 3600, 3601, 3602]);
  expect(at.map((r) => r.dts + r.ptsOffset - (at[0]?.dts ?? 0))).toEqual([0, 3600, 3600, 3000]);
  expect(f.track(0).counters.moved).toBe(2);
});

test("a configuration of more than 64 KiB is refused, one of nearly so is kept", async () => {
  const f = new Fixture();
  const session = f.writer.begin();
  await session.addTrack({ ...video(), config: new Uint8Array(65_000).fill(5) });
  expect(f.track(0).track()?.track.config.length).toBe(65_000);
  expect(session.addTrack({ ...audio(), config: new Uint8Array(65_536) })).rejects.toThrow(RangeError);
});

test("a page that a writer asked for and did not live to number is not written by the next one", async () => {
  const f = new Fixture();
  await f.allocate("video");
  const session = f.restart().begin();
  const v = await session.addTrack(video());
  expect(v.id).toBe(0);
  v.write(info(0, FRAME, true), payload(0, 40));
  expect(f.pages.length).toBe(2);
  expect([f.track(0).id, f.track(1).id]).toEqual([-1, 0]);
  expect(frames(f.track(1)).length).toBe(1);
});
