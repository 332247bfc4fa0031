import { expect, test } from "bun:test";
import { monoMillis, ticks, wallMillis } from "../../../src/base/units.ts";
import { HeldSession } from "../../../src/buffer/held_session.ts";
import type { Splice } from "../../../src/buffer/splice.ts";
import { StreamView } from "../../../src/buffer/stream_view.ts";
import { StreamWriter } from "../../../src/buffer/stream_writer.ts";
import { makeFrameRecord, TrackView } from "../../../src/buffer/track_view.ts";
import { createStreamPage } from "../../../src/buffer/stream_page.ts";
import { createTrackPage } from "../../../src/buffer/track_page.ts";
import { decodeLegacy, encodeLegacy } from "../../../src/control/handover/stream_legacy.ts";
import { audio, SETTINGS, video } from "../../buffer/stream_fixture.ts";

const MEGABYTE = 1024 * 1024;
const FRAME = 3600;
const UNIT = 1024;

let now = 1000;

function open(page: SharedArrayBuffer, tracks: SharedArrayBuffer[]): StreamWriter {
  return new StreamWriter({
    page,
    tracks,
    settings: SETTINGS,
    now: () => monoMillis(now),
    wall: () => wallMillis(1_700_000_000_000 + now),
    allocate: (_id, kind) => {
      const made = createTrackPage(kind, MEGABYTE);
      tracks.push(made);
      return Promise.resolve(made);
    },
  });
}

interface Sink {
  write(
    info: {
      dts: ReturnType<typeof ticks>;
      ptsOffset: number;
      duration: number;
      key: boolean;
      discontinuity: boolean;
    },
    data: Uint8Array,
  ): void;
}

/** The camera's frame n: the same bytes for everybody. `own` is what a session's times begin with. */
function send(sink: Sink, n: number, own: number, salt = 0): void {
  const info = { ptsOffset: 0, duration: FRAME, key: n % 50 === 0, discontinuity: false };
  sink.write({ ...info, dts: ticks(n * FRAME - own) }, Uint8Array.of(n >> 8, n & 255, salt, 7));
}

function sendAudio(sink: Sink, n: number, own: number): void {
  const info = { ptsOffset: 0, duration: UNIT, key: true, discontinuity: false };
  sink.write({ ...info, dts: ticks(n * UNIT - own) }, Uint8Array.of(n >> 8, n & 255));
}

/** Frames 0 to 119 and their sound in the old server, which is told to finish at frame 110. */
async function oldServer() {
  now = 1000;
  const page = createStreamPage({ firstSegment: 70 });
  const tracks: SharedArrayBuffer[] = [];
  const writer = open(page, tracks);
  const session = writer.begin();
  const [pictures, sound] = [await session.addTrack(video(0)), await session.addTrack(audio(1))];
  const finished: (Splice | undefined)[] = [];
  let unit = 0;
  for (let n = 0; n < 170; n++, now += 40) {
    if (n === 110) writer.finish((splice) => finished.push(splice));
    send(pictures, n, 0);
    for (; unit * UNIT < (n + 1) * 1920; unit++) sendAudio(sound, unit, 0);
  }
  return { page, tracks, finished };
}

function moved(o: { page: SharedArrayBuffer; tracks: SharedArrayBuffer[]; splice: Splice | undefined }) {
  const tracks = o.tracks.map((page, n) => [n, page] as const);
  const bytes = encodeLegacy({ page: o.page, tracks, splice: o.splice, remembered: [["transport", "tcp"]] });
  return { bytes, legacy: decodeLegacy(bytes) };
}

test("the old session ends before the key frame that begins the next segment", async () => {
  const { page, tracks, finished } = await oldServer();
  expect(finished.length).toBe(1);
  expect([...finished[0]?.frame ?? []]).toEqual([0, 150, 0, 7]);
  const view = new StreamView(page);
  expect(view.live).toBe(false);
  expect(view.newestSegment).toBe(72);
  expect(view.segment(72)?.durationMicros).toBe(2_000_000);
  expect(new TrackView(tracks[0] as SharedArrayBuffer).head).toBe(150);
});

for (const ahead of [40, 0]) {
  test(`the new session goes on without a break, ${ahead} frames of it kept before`, async () => {
    const { page, tracks, finished } = await oldServer();
    const { legacy } = moved({ page, tracks, splice: finished[0] });
    expect(legacy.remembered).toEqual([["transport", "tcp"]]);
    const kept = legacy.tracks.map(([, track]) => track);
    let ready = 0;
    const held = new HeldSession(() => ready++);
    const own = 777_000;
    const pictures = await held.addTrack(video(0));
    const sound = await held.addTrack(audio(1));
    const spliced: boolean[] = [];
    let unit = Math.ceil((100 * 1920) / UNIT);
    for (let n = 100; n < 260; n++, now += 40) {
      if (n === 150 + ahead) {
        held.attach(open(legacy.page, kept), legacy.splice, (ok) => spliced.push(ok));
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      }
      send(pictures, n, own);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      for (; unit * UNIT < (n + 1) * 1920; unit++) {
        sendAudio(sound, unit, Math.round((own * 48_000) / 90_000) + 30);
      }
    }
    expect({ ready, spliced }).toEqual({ ready: 1, spliced: [true] });
    const view = new StreamView(legacy.page);
    expect(view.newestSegment).toBe(75);
    expect(view.discontinuitySequence).toBe(0);
    for (let msn = 71; msn < 75; msn++) {
      const [row, before] = [view.segment(msn), view.segment(msn - 1)];
      expect(row?.discontinuity).toBe(false);
      expect(row?.startMicros).toBe((before?.startMicros ?? 0) + 2_000_000 as never);
      expect(Math.abs((row?.wallMillis ?? 0) - (before?.wallMillis ?? 0) - 2000)).toBeLessThan(2);
    }
    const record = makeFrameRecord();
    for (const [page, step, from] of [[kept[0], FRAME, 0], [kept[1], UNIT, 0]] as const) {
      const track = new TrackView(page as SharedArrayBuffer);
      let last: number | undefined;
      for (let sequence = from; sequence < track.head; sequence++) {
        expect(track.read(sequence, record)).toBe("ok");
        expect(record.discontinuity).toBe(false);
        if (last !== undefined) expect(record.dts - last).toBe(step);
        if (sequence > 10) expect(record.msn).toBeGreaterThan(0);
        last = record.dts;
      }
    }
    expect(new TrackView(kept[0] as SharedArrayBuffer).head).toBe(260);
    const audioView = new TrackView(kept[1] as SharedArrayBuffer);
    for (let msn = 71; msn < 75; msn++) expect(audioView.partsOf(msn)).toBe(10);
  });
}

test("a source that sends other frames to the new server goes on after a break", async () => {
  const { page, tracks, finished } = await oldServer();
  const { legacy } = moved({ page, tracks, splice: finished[0] });
  const held = new HeldSession(() => {});
  const pictures = await held.addTrack(video(0));
  const spliced: boolean[] = [];
  for (let n = 100; n < 160; n++) send(pictures, n, 0, 99);
  const kept = legacy.tracks.map(([, track]) => track);
  held.attach(open(legacy.page, kept), legacy.splice, (ok) => spliced.push(ok));
  expect(spliced).toEqual([]);
  held.giveUp();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(spliced).toEqual([false]);
  const view = new StreamView(legacy.page);
  expect(view.newestSegment).toBe(73);
  expect(view.segment(73)?.discontinuity).toBe(true);
  // From the newest key frame that was kept: frame 150.
  expect(new TrackView(kept[0] as SharedArrayBuffer).head).toBe(160);
});

test("decodeLegacy() refuses what is cut, foreign or of another layout", async () => {
  const { page, tracks, finished } = await oldServer();
  const { bytes } = moved({ page, tracks, splice: finished[0] });
  expect(() => decodeLegacy(bytes.subarray(0, 4))).toThrow("no such file");
  expect(() => decodeLegacy(bytes.subarray(0, bytes.length - 1))).toThrow("Cannot read");
  expect(() => decodeLegacy(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toThrow("no such file");
  new Int32Array(page)[1] = 99;
  expect(() => moved({ page, tracks, splice: undefined })).toThrow("layout 99");
});
