import {
  CONTROL_WORDS,
  dtsOf,
  fillFrame,
  frameIsWhole,
  LAPPED,
  READ,
  type RunInit,
  sizeOf,
  STOP,
} from "./frames.ts";
import { TORN, WRITTEN } from "./frames.ts";

declare const self: Worker;

async function write(init: RunInit, control: Int32Array): Promise<void> {
  const { makePlacement, TrackPageWriter } = await import(
    `${init.folder}/track_page_writer.ts`
  ) as typeof import("../../../src/buffer/track_page_writer.ts");
  const writer = new TrackPageWriter(init.page);
  const placement = makePlacement();
  const room = new Uint8Array(init.most + 8);
  for (let n = 0; Atomics.load(control, STOP) === 0; n++) {
    const sequence = writer.head;
    const frame = room.subarray(0, sizeOf(sequence, init.most));
    fillFrame(frame, sequence);
    placement.dts = dtsOf(sequence);
    placement.flags = sequence % 16 === 0 ? 1 : 0;
    writer.write(placement, frame, placement.dts - init.window);
    Atomics.add(control, WRITTEN, 1);
    if (init.pauseEvery > 0 && n % init.pauseEvery === 0) Atomics.wait(control, CONTROL_WORDS - 1, 0, 0.05);
  }
}

async function read(init: RunInit, control: Int32Array): Promise<void> {
  const { makeFrameRecord, TrackView } = await import(
    `${init.folder}/track_view.ts`
  ) as typeof import("../../../src/buffer/track_view.ts");
  const view = new TrackView(init.page);
  const record = makeFrameRecord();
  const copy = new Uint8Array(init.most + 8);
  let follow = 0;
  for (let n = 0; Atomics.load(control, STOP) === 0; n++) {
    const head = view.head;
    if (head === 0) continue;
    // The oldest frame is overwritten next, the newest was shown last; a follower is lapped again and again.
    const sequence = n % 3 === 0 ? view.tail : n % 3 === 1 ? head - 1 : follow++;
    const result = view.read(sequence, record);
    if (result === "later") continue;
    if (result === "lapped") {
      Atomics.add(control, LAPPED, 1);
      follow = Math.max(view.newestKey, view.tail);
      continue;
    }
    const length = Math.min(record.size, copy.length);
    copy.set(record.data.subarray(0, length));
    if (!view.intact(sequence)) {
      Atomics.add(control, LAPPED, 1);
      continue;
    }
    const whole = record.size === sizeOf(sequence, init.most) && record.dts === dtsOf(sequence) &&
      frameIsWhole(copy, length, sequence);
    Atomics.add(control, whole ? READ : TORN, 1);
  }
}

self.onmessage = async (event: MessageEvent) => {
  const init = event.data as RunInit;
  const control = new Int32Array(init.control);
  await (init.role === "writer" ? write(init, control) : read(init, control));
  self.postMessage("done");
};
