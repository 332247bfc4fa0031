/** A stream's worker that writes made-up pictures, and goes wrong in the way that the test asks for. */
import { streamMicros, ticks, wallMillis } from "../../../src/base/units.ts";
import { StreamWriter } from "../../../src/buffer/stream_writer.ts";
import type { IngestInit, IngestOrder, IngestReport } from "../../../src/control/messages.ts";
import { BEAT_MILLIS, Vitals } from "../../../src/control/supervise/vitals.ts";
import { systemClock } from "../../../src/host/clock.ts";
import { exit } from "../../../src/host/process.ts";
import { runWorker } from "../../../src/host/worker_thread.ts";
import type { TrackKind } from "../../../src/media/codec.ts";
import { VIDEO } from "../../egress/http/test_door.ts";
import { FAULTS, type FaultyInit } from "./faults.ts";

const STEP = 3600;
const KEY_EVERY = 12;

runWorker(async (given, port) => {
  const init = given as FaultyInit & IngestInit;
  const report = (message: IngestReport) => port.post(message);
  const vitals = new Vitals(init.vitals);
  const order = new Int32Array(init.order);
  /** Takes the order, so that the next worker does not get it too, and obeys. */
  const obey = () => {
    const fault = FAULTS[Atomics.load(order, 0)];
    if (fault === "throw at once") throw new Error("this worker never starts");
    Atomics.store(order, 0, 0);
    if (fault === "throw") throw new Error("a camera's poison");
    if (fault === "reject") void Promise.reject(new Error("a forgotten promise"));
    if (fault === "exit") exit(3);
    while (fault === "loop");
  };
  obey();
  setInterval(() => vitals.beat(), BEAT_MILLIS);

  const waiting = new Map<number, (page: SharedArrayBuffer) => void>();
  port.onMessage((message) => {
    const told = message as IngestOrder;
    if (told.type === "page") waiting.get(told.id)?.(told.page);
    if (told.type === "stop") report({ type: "stopped" });
  });
  const writer = new StreamWriter({
    page: init.page as SharedArrayBuffer,
    tracks: init.tracks,
    allocate: (trackId: number, kind: TrackKind) =>
      new Promise((resolve) => {
        waiting.set(trackId, resolve);
        report({ type: "allocate", id: trackId, trackId, kind });
      }),
    settings: init.limits,
    now: () => systemClock.mono(),
    wall: () => systemClock.wall(),
  });
  const session = writer.begin();
  session.wallClock(streamMicros(0), wallMillis(systemClock.wall()));
  const track = await session.addTrack(VIDEO);
  report({ type: "state", state: "online", reason: "" });
  const started = systemClock.mono();
  let count = 0;
  setInterval(() => {
    obey();
    for (; ((count + 1) * STEP) / 90 <= systemClock.mono() - started; count++) {
      const key = count % KEY_EVERY === 0;
      const picture = Uint8Array.of(0, 0, 0, 4, key ? 0x65 : 0x41, 1, 2, 3);
      track.write(
        { dts: ticks(count * STEP), ptsOffset: 0, duration: STEP, key, discontinuity: false },
        picture,
      );
    }
  }, 10);
});
