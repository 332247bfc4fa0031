import { expect, test } from "bun:test";
import { makeLog } from "../../../src/base/log.ts";
import { Scope } from "../../../src/base/scope.ts";
import { ticks } from "../../../src/base/units.ts";
import { LiveStream } from "../../../src/egress/live/live_stream.ts";
import { feedFrames, type FrameTaker } from "../../../src/egress/push/frame_feed.ts";
import type { PushOptions } from "../../../src/egress/push/push.ts";
import { PushRefused } from "../../../src/egress/push/push.ts";
import { PushMeter } from "../../../src/egress/push/push_meter.ts";
import { TS_UDP_PUSH } from "../../../src/egress/push/ts/descriptor.ts";
import type { TrackSink } from "../../../src/ingest/frame_sink.ts";
import type { Track } from "../../../src/media/track.ts";
import { ALAW, AUDIO, frameBytes, SyntheticCamera, TestClock, TestStream, VIDEO } from "../http/test_door.ts";

const log = makeLog(() => {}, { stream: "cam", part: "test", least: "error" }, () => 0);

/** What a push is given, as text. */
class Kept implements FrameTaker {
  readonly seen: string[] = [];
  begin(tracks: readonly Track[], ids: readonly number[]): void {
    this.seen.push(`begin ${tracks.map((t, n) => `${ids[n]}=${t.codec}/${t.config.length}`).join(" ")}`);
  }
  frame(n: number, { dts, key }: { readonly dts: number; readonly key: boolean }): void {
    this.seen.push(`${n}${key && n === 0 ? "k" : ""} ${dts}`);
  }
  proven(whole: boolean): void {
    if (!whole) this.seen.push("torn");
  }
  flush(): void {}
  of(n: number): string[] {
    return this.seen.filter((s) => s.startsWith(`${n}`));
  }
  get begun(): string[] {
    return this.seen.filter((s) => s.startsWith("begin"));
  }
}

async function setUp(tracks: readonly Track[] = [VIDEO, AUDIO]) {
  const clock = new TestClock();
  const source = new TestStream("cam", clock);
  const camera = new SyntheticCamera(source);
  for (const track of tracks) await camera.add(track);
  const stream = new LiveStream(source.open(), clock, log);
  const meter = new PushMeter(() => {});
  const scope = new Scope();
  const taker = new Kept();
  const feed = (options: Partial<PushOptions> = {}, next?: ReadonlyMap<number, number>) => {
    const settings = {
      descriptor: TS_UDP_PUSH,
      options: { url: "", values: {}, select: {}, ...options },
      tracks: { playable: () => true, several: true },
      next,
    };
    return feedFrames(scope, stream, settings, { clock, log, random: () => 0, meter }, taker);
  };
  /** Writes until `seconds`, and waits until `enough`. */
  const write = async (seconds: number, enough: () => boolean) => {
    camera.writeUntil(seconds);
    // those who wait for further tracks have waited
    clock.time += 3000;
    while (!enough()) await Bun.sleep(1);
  };
  return { clock, source, camera, stream, meter, scope, taker, feed, write };
}

/** Runs a feed that has seen the stream's beginning. */
async function begun(
  t: Awaited<ReturnType<typeof setUp>>,
  options: Partial<PushOptions> = {},
  next?: ReadonlyMap<number, number>,
) {
  await t.write(1, () => true);
  const done = t.feed(options, next);
  await Bun.sleep(1);
  return { done };
}

test("a push begins with the next key frame, all tracks in order of time, until its scope closes", async () => {
  const t = await setUp();
  const { done } = await begun(t);
  expect(t.taker.seen).toEqual([]);
  expect(t.meter.sending).toBe(false);
  await t.write(2.2, () => t.taker.of(0).length === 5);
  // the clip begins at 1 s
  expect(t.taker.seen.slice(0, 2)).toEqual(["begin 0=h264/17 1=aac/2", "0k 270000"]);
  expect(t.taker.of(0)).toEqual(
    [270000, 273600, 277200, 280800, 284400].map((d, n) => `0${n ? "" : "k"} ${d}`),
  );
  const audio = t.taker.of(1).map((s) => Number(s.slice(2)));
  expect(audio[0]).toBeGreaterThanOrEqual(3 * 48_000);
  expect([t.meter.sending, t.meter.tracks]).toEqual([true, [0, 1]]);
  await t.scope.close();
  await done;
  expect(t.stream.readers).toBe(0);
});

test("other parameter sets begin anew, with the next frame of their track", async () => {
  const t = await setUp([VIDEO]);
  const { done } = await begun(t);
  await t.write(3, () => t.taker.of(0).length === 25);
  t.camera.sinks.get(0)?.update({ ...VIDEO, config: new Uint8Array([...VIDEO.config, 0]) });
  await t.write(5, () => t.taker.of(0).length === 75);
  expect(t.taker.begun).toEqual(["begin 0=h264/17", "begin 0=h264/18"]);
  await t.scope.close();
  await done;
});

test("sound that is added later joins at a key frame", async () => {
  const t = await setUp([VIDEO]);
  const { done } = await begun(t);
  await t.write(3, () => t.taker.of(0).length === 25);
  await t.camera.add(ALAW);
  await t.write(3.1, () => t.meter.tracks.length === 2);
  await t.write(5, () => t.taker.of(1).length > 0);
  expect(t.taker.begun).toEqual(["begin 0=h264/17", "begin 0=h264/17 1=alaw/0"]);
  const from = t.taker.seen.indexOf("begin 0=h264/17 1=alaw/0");
  expect(t.taker.seen[from + 1]).toMatch(/^0k /);
  await t.scope.close();
  await done;
});

test("a duration ends it, and so does a time of the stream", async () => {
  const lengthy = await setUp([VIDEO]);
  const { done } = await begun(lengthy, { values: { duration: 400 } });
  await lengthy.write(4, () => true);
  await done;
  expect(lengthy.taker.of(0).length).toBe(10);
  const until = await setUp([VIDEO]);
  const { done: stopped } = await begun(until, { values: { stop: 3200 } });
  await until.write(4, () => true);
  await stopped;
  expect(until.taker.of(0).length).toBe(5);
});

test("pictures that come later than sound are sent up to its end, too", async () => {
  const t = await setUp();
  const { done } = await begun(t, { values: { duration: 1000 } });
  t.camera.muted.add(VIDEO.id);
  // The next key frame is at 2 s.
  await t.write(1.9, () => true);
  t.camera.muted.delete(VIDEO.id);
  await t.write(2.2, () => t.taker.of(0).length === 5);
  t.camera.muted.add(VIDEO.id);
  await t.write(3.5, () => t.taker.of(1).length > 0);
  const late = t.camera.sinks.get(VIDEO.id) as TrackSink;
  for (let n = 55; n < 76; n++) {
    const info = { ptsOffset: 0, duration: 3600, key: false, discontinuity: false };
    late.write({ ...info, dts: ticks(n * 3600) }, frameBytes(VIDEO, n, false));
  }
  await done;
  expect(t.taker.of(0).map((s) => Number(s.split(" ")[1]) / 3600 - 75)).toEqual(
    Array.from({ length: 25 }, (_, n) => n),
  );
});

test("one that goes on sends what is missing of its duration, and has waited already", async () => {
  const t = await setUp([VIDEO]);
  const startedAt = t.clock.wall() - 60_000;
  const values = { duration: 10_000, pushdelay: 60_000 };
  const { done } = await begun(t, { values, startedAt, sentMillis: 9600 });
  await t.write(4, () => true);
  await done;
  expect(t.taker.of(0).length).toBe(10);
});

test("what another server sent goes on with the frame that follows, of each track", async () => {
  const t = await setUp();
  const { done } = await begun(t, {}, new Map([[VIDEO.id, 20], [AUDIO.id, 30]]));
  await t.write(1.2, () => t.taker.of(0).length === 10);
  // time begins with the first second
  expect(t.taker.of(0)[0]).toBe(`0 ${90_000 + 20 * 3600}`);
  expect(t.taker.of(1)[0]).toBe(`1 ${48_000 + 30 * 1024}`);
  await t.scope.close();
  await done;
});

test("of a stream that began anew, or has other tracks, it begins with the next key frame", async () => {
  for (const next of [new Map([[VIDEO.id, 2000], [AUDIO.id, 30]]), new Map([[VIDEO.id, 20]])]) {
    const t = await setUp();
    const { done } = await begun(t, {}, next);
    await t.write(2.2, () => t.taker.of(0).length === 5);
    expect(t.taker.of(0)[0]).toBe(`0k ${3 * 90_000}`);
    await t.scope.close();
    await done;
  }
});

test("a start in the future is waited for, by stream time and by the clock", async () => {
  const late = await setUp([VIDEO]);
  const { done } = await begun(late, { values: { start: 4000 } });
  await late.write(4.4, () => late.taker.of(0).length > 0);
  expect(late.taker.of(0)[0]).toBe(`0k ${5 * 90_000}`);
  await late.scope.close();
  await done;
  const timed = await setUp([VIDEO]);
  const { done: waiting } = await begun(timed, { values: { startunix: 4 } });
  await timed.write(2.5, () => true);
  await Bun.sleep(20);
  expect(timed.taker.seen).toEqual([]);
  await timed.write(4.5, () => timed.taker.of(0).length > 0);
  expect(timed.taker.of(0)[0]).toBe(`0k ${5 * 90_000}`);
  await timed.scope.close();
  await waiting;
});

test("selectors choose, and what cannot be sent is refused", async () => {
  const t = await setUp();
  const { done } = await begun(t, { select: { video: "none" } });
  await t.write(2, () => t.taker.of(0).length > 0);
  expect(t.taker.begun).toEqual(["begin 1=aac/2"]);
  await t.scope.close();
  await done;
  const none = await setUp();
  none.camera.writeUntil(1);
  const reason = await none.feed({ select: { video: "none", audio: "none" } }).catch((e) => e);
  expect(reason).toBeInstanceOf(PushRefused);
  expect(String(reason)).toContain("nothing of the stream can be sent: it has H.264, AAC");
});

test("it ends with the stream's pages, also while it waits", async () => {
  const t = await setUp();
  const { done } = await begun(t);
  await t.write(2.5, () => t.taker.seen.length > 0);
  t.source.close();
  await done;
  const waiting = await setUp();
  const delayed = waiting.feed({ values: { pushdelay: 60_000 } });
  await waiting.scope.close();
  await delayed;
  expect(waiting.taker.seen).toEqual([]);
});
