import { describe, expect, test } from "bun:test";
import { streamMicros, wallMillis } from "../../src/base/units.ts";
import { makeFrameRecord } from "../../src/buffer/track_view.ts";
import { audio, data, Fixture, info, payload, video } from "./stream_fixture.ts";

const FRAME = 3600;
const SECOND = 90_000;

/** Writes `count` frames of 25 a second from number `from`, a key frame every `gop`. */
function writeVideo(
  f: Fixture,
  sink: { write(i: ReturnType<typeof info>, d: Uint8Array): void },
  from: number,
  count: number,
  gop = 50,
) {
  for (let n = from; n < from + count; n++) {
    sink.write(info(n * FRAME, FRAME, n % gop === 0), payload(n, 100));
    f.pass(40);
  }
}

describe("segments and parts", () => {
  test("25 frames a second, key frames every 2 s: segments of 2 s, parts of 5 frames", async () => {
    const f = new Fixture({}, 0, 100);
    const sink = await f.writer.begin().addTrack(video());
    writeVideo(f, sink, 0, 126);
    const view = f.track(0);
    expect(f.view.newestSegment).toBe(102);
    expect([f.view.segment(100)?.durationMicros, f.view.segment(102)?.durationMicros]).toEqual([2e6, 0]);
    expect([100, 101, 102].map((msn) => view.partsOf(msn))).toEqual([10, 10, 5]);
    expect([100, 101, 102].map((msn) => view.segmentClosed(msn))).toEqual([true, true, false]);
    for (let part = 0; part < 10; part++) {
      const row = view.part(101, part);
      expect(row).toMatchObject({ first: 50 + part * 5, count: 5, durationTicks: 18000, bytes: 500 });
      expect(row?.independent).toBe(part === 0);
    }
    expect(f.view.partTargetMicros).toBe(220_000);
    expect(f.view.targetDurationMicros).toBe(2_000_000);
    expect(view.newest).toEqual({ msn: 102, part: 4 });
    expect(view.oldestMsn).toBe(100);
  });

  test("a part is there as soon as its last frame is", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(video());
    writeVideo(f, sink, 0, 4);
    expect(f.track(0).part(0, 0)).toBeUndefined();
    const bell = f.view.partRing();
    writeVideo(f, sink, 4, 1);
    expect(f.track(0).part(0, 0)?.count).toBe(5);
    expect(f.view.partRing()).not.toBe(bell);
    const record = makeFrameRecord();
    expect(f.track(0).read(4, record)).toBe("ok");
    expect([record.endsPart, record.startsPart, record.msn, record.part]).toEqual([true, false, 0, 0]);
  });

  test("without key frames a segment ends at 30 s", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(video());
    writeVideo(f, sink, 0, 760, 100_000);
    expect(f.view.newestSegment).toBe(1);
    expect(f.view.segment(0)?.durationMicros).toBe(30e6);
    expect(f.track(0).part(1, 0)?.independent).toBe(false);
  });

  const rates = [
    { name: "12 frames a second", ticks: 7500, frames: 2 },
    { name: "15 frames a second", ticks: 6000, frames: 3 },
    { name: "29.97 frames a second", ticks: 3003, frames: 6 },
    { name: "50 frames a second", ticks: 1800, frames: 10 },
  ];
  for (const rate of rates) {
    test(`${rate.name}: parts of ${rate.frames} frames, none longer than announced nor much shorter`, async () => {
      const f = new Fixture();
      const sink = await f.writer.begin().addTrack(video());
      const group = rate.frames * 10;
      for (let n = 0; n < group * 3; n++) {
        sink.write(info(n * rate.ticks, rate.ticks, n % group === 0), payload(n, 10));
      }
      const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((part) => f.track(0).part(1, part)?.count);
      expect(new Set(counts)).toEqual(new Set([rate.frames]));
      const length = (rate.frames * rate.ticks) / 0.09;
      expect(f.view.partTargetMicros).toBeGreaterThanOrEqual(Math.floor(length));
      // RFC 8216bis, 4.4.4.9: at least 85 % of the part target
      expect(length / f.view.partTargetMicros).toBeGreaterThan(0.85);
    });
  }

  test("a camera whose clock trembles by 3 ms gets as many frames a part all the same", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(video());
    for (let n = 0; n < 150; n++) {
      const tremble = ((n * 7919) % 541) - 270;
      sink.write(info(n * FRAME + tremble, 0, n % 50 === 0), payload(n, 10));
    }
    const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((part) => f.track(0).part(1, part)?.count);
    expect(new Set(counts)).toEqual(new Set([5]));
  });

  test("one frame a second: a part a frame, and the part target says so", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(video());
    for (let n = 0; n < 6; n++) sink.write(info(n * SECOND, SECOND, n % 2 === 0), payload(n, 10));
    expect([0, 1, 2].map((msn) => f.track(0).partsOf(msn))).toEqual([2, 2, 2]);
    expect(f.view.partTargetMicros).toBe(1.1e6);
  });

  test("new parameters and discontinuities of the leading track cut a segment", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(video());
    writeVideo(f, sink, 0, 7);
    sink.update(video(0, [9, 9]));
    writeVideo(f, sink, 7, 3);
    sink.write(info(10 * FRAME, FRAME, true, true), payload(10, 10));
    const rows = [0, 1, 2].map((msn) => f.view.segment(msn));
    expect(rows.map((r) => r?.discontinuity)).toEqual([false, false, true]);
    expect(rows.map((r) => r?.discontinuitySequence)).toEqual([0, 0, 1]);
    expect(rows.map((r) => r?.durationMicros)).toEqual([280_000, 120_000, 0]);
    const view = f.track(0);
    expect([view.part(0, 1)?.configVersion, view.part(1, 0)?.configVersion]).toEqual([1, 2]);
    expect([...(view.track(1)?.track.config ?? [])]).toEqual([1, 2, 3]);
    expect([...(view.track(2)?.track.config ?? [])]).toEqual([9, 9]);
  });

  test("a run of segments ends with new parameters, a discontinuity, or a clock that went away", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(video());
    writeVideo(f, sink, 0, 120);
    sink.update(video(0, [9]));
    writeVideo(f, sink, 120, 120, 30);
    f.wall += 3000;
    writeVideo(f, sink, 240, 130, 30);
    const { oldestSegment, newestSegment } = f.view;
    const runs = new Map<number, number>();
    for (let msn = oldestSegment; msn <= newestSegment; msn++) {
      const row = f.view.segment(msn);
      if (row === undefined) throw new Error(`no segment ${msn}`);
      // The same for all segments of a run, whichever of them a reader still sees.
      expect(runs.get(row.runMicros) ?? row.runWallMillis).toBe(row.runWallMillis);
      runs.set(row.runMicros, row.runWallMillis);
    }
    const [first = 0] = runs.keys();
    expect([...runs].map(([micros, wall]) => [micros - first, wall - 1_700_000_000_000])).toEqual([
      [0, 0],
      [4.8e6, 4800],
      [9.6e6, 12_600],
    ]);
  });

  test("audio alone leads itself", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(audio(0));
    for (let n = 0; n < 200; n++) sink.write(info(n * 1024, 1024), payload(n, 10));
    expect(f.view.leading).toBe(0);
    expect(f.view.newestSegment).toBe(2);
    const row = f.track(0).part(1, 3);
    expect(row).toMatchObject({ count: 9, durationTicks: 9216, independent: true });
  });

  test("key frames a little before the wished length end a segment: the next ones would double it", async () => {
    const f = new Fixture();
    const sink = await f.writer.begin().addTrack(video());
    writeVideo(f, sink, 0, 200, 45);
    expect(f.view.segment(1)?.durationMicros).toBe(1.8e6);
    expect(f.view.targetDurationMicros).toBe(2e6);
  });

  test("a picture that comes a second late makes one part of the sound long, and no viewer later for ever", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    const v = await session.addTrack(video());
    const a = await session.addTrack(audio());
    let n = 0;
    for (let i = 0; i < 200; i++) {
      for (; (n * 1024) / 48_000 < ((i + 1) * FRAME) / SECOND; n++) {
        a.write(info(n * 1024, 1024), payload(n, 20));
      }
      // From picture 80 on a hiccup: a second of pictures comes at once, the sound does not wait for it.
      if (i < 80 || i >= 105) v.write(info(i * FRAME, FRAME, i % 50 === 0), payload(i, 100));
      if (i === 104) {
        for (let k = 80; k <= 104; k++) v.write(info(k * FRAME, FRAME, k % 50 === 0), payload(k, 100));
      }
      f.pass(40);
    }
    const longest = Math.max(
      ...[0, 1, 2, 3].flatMap((msn) =>
        Array.from(
          { length: f.track(1).partsOf(msn) },
          (_, part) => f.track(1).part(msn, part)?.durationTicks ?? 0,
        )
      ),
    );
    expect(longest / 48_000).toBeGreaterThan(0.9);
    expect(f.view.partTargetMicros).toBeLessThanOrEqual(300_000);
  });

  test("audio and data follow the video's boundaries; every audio frame is in one part", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    const v = await session.addTrack(video());
    const a = await session.addTrack(audio());
    const d = await session.addTrack(data());
    let n = 0;
    for (let i = 0; i < 250; i++) {
      v.write(info(i * FRAME, FRAME, i % 50 === 0), payload(i, 100));
      for (; (n * 1024) / 48_000 < ((i + 1) * FRAME) / SECOND; n++) {
        a.write(info(n * 1024, 1024), payload(n, 20));
      }
      if (i % 25 === 0) d.write(info(i * FRAME, 0), payload(i, 5));
      f.pass(40);
    }
    const view = f.track(1);
    let next = 0;
    for (let msn = 0; msn < 4; msn++) {
      expect(view.segmentClosed(msn)).toBe(true);
      for (let part = 0; part < view.partsOf(msn); part++) {
        const row = view.part(msn, part);
        if (row === undefined) throw new Error(`no part ${msn}.${part}`);
        expect(row.first).toBe(next);
        next += row.count;
        const boundary = f.track(0).part(msn, part)?.startDts as number;
        expect(Math.abs(row.startDts / 48_000 - boundary / SECOND)).toBeLessThan(0.0215);
      }
    }
    expect(next).toBeGreaterThan(370);
    expect(f.view.partTargetMicros).toBeLessThanOrEqual(222_000);
    expect(f.track(2).partsOf(1)).toBeGreaterThan(0);
  });

  test("a hole in audio that runs ahead of the video makes no part longer than announced", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    const pictures = await session.addTrack(video());
    const sound = await session.addTrack(audio(1, 8000));
    writeVideo(f, pictures, 0, 5);
    // 128 ms a frame; of the second to the fourth nothing comes, and the video is late
    for (const n of [0, 4]) sound.write(info(n * 1024, 1024, true), payload(n, 100));
    writeVideo(f, pictures, 5, 45);
    for (let n = 5; n < 12; n++) sound.write(info(n * 1024, 1024, true), payload(n, 100));
    expect(f.view.partTargetMicros).toBe(256_000);
    expect(f.track(1).part(0, 0)).toMatchObject({ count: 2, durationTicks: 2048 });
  });

  test("a track that falls silent holds no segment open", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    const v = await session.addTrack(video());
    const a = await session.addTrack(audio());
    writeVideo(f, v, 0, 1);
    a.write(info(0, 1024), payload(0, 10));
    writeVideo(f, v, 1, 160);
    expect(f.track(1).segmentClosed(1)).toBe(true);
    expect(f.track(1).part(0, 0)?.count).toBe(1);
    a.write(info(48_000, 1024), payload(1, 10));
    const record = makeFrameRecord();
    f.track(1).read(1, record);
    expect(record.msn === -1 || record.msn > 1).toBe(true);
  });

  test("video that comes after audio takes the lead at its key frame", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    const a = await session.addTrack(audio(0));
    for (let n = 0; n < 50; n++) a.write(info(n * 1024, 1024), payload(n, 10));
    const v = await session.addTrack(video(1));
    v.write(info(SECOND, FRAME, false), payload(0, 10));
    expect(f.view.leading).toBe(0);
    v.write(info(SECOND + FRAME, FRAME, true), payload(0, 10));
    expect(f.view.leading).toBe(1);
    expect(f.view.newestSegment).toBe(1);
    expect(f.track(0).newest?.msn).toBe(0);
  });

  test("video that never comes leaves the lead to audio after 10 s", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    await session.addTrack(video());
    const a = await session.addTrack(audio());
    for (let n = 0; n < 600; n++) a.write(info(n * 1024, 1024), payload(n, 10));
    expect(f.view.leading).toBe(1);
    expect(f.view.newestSegment).toBeGreaterThanOrEqual(0);
  });

  test("dates agree with lengths to the millisecond while the sender's clock drifts, and jump at a discontinuity", async () => {
    const f = new Fixture();
    const session = f.writer.begin();
    const v = await session.addTrack(video());
    for (let n = 0; n < 500; n++) {
      v.write(info(n * FRAME, FRAME, n % 50 === 0), payload(n, 10));
      f.pass(40);
      session.wallClock(streamMicros(n * 40_000), wallMillis(1_800_000_000_000 + n * 40.004));
    }
    for (let msn = 1; msn < 9; msn++) {
      const row = f.view.segment(msn);
      const next = f.view.segment(msn + 1);
      if (row === undefined || next === undefined) throw new Error("no segment");
      expect(Math.abs(next.wallMillis - row.wallMillis - row.durationMicros / 1000)).toBeLessThan(1);
    }
    expect(f.view.segment(9)?.wallMillis).toBeLessThan(1_700_001_000_000);
    v.write(info(500 * FRAME, FRAME, true, true), payload(0, 10));
    expect(f.view.segment(10)?.wallMillis).toBeCloseTo(1_800_000_000_000 + 500 * 40.004, 0);
  });
});
