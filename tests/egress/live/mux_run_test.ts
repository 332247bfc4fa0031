import { expect, test } from "bun:test";
import { TrackView } from "../../../src/buffer/track_view.ts";
import { MuxRun } from "../../../src/egress/live/mux_run.ts";
import {
  type ContainerFormat,
  type LiveMuxer,
  type MuxFrame,
  NOTHING,
} from "../../../src/wire/container/live_muxer.ts";
import {
  AUDIO,
  frameBytes,
  SETTINGS,
  SyntheticCamera,
  TestClock,
  TestStream,
  VIDEO,
} from "../http/test_door.ts";

/** Writes frames as they are; does what the test wants with some. */
class FakeMuxer implements LiveMuxer {
  entry = false;
  discarded = 0;
  headers = 0;
  onWrite = (_frame: MuxFrame) => {};
  onChange: (() => Uint8Array | undefined) | undefined;

  header(): Uint8Array {
    return Uint8Array.of(1, this.headers);
  }

  size(frame: MuxFrame): number {
    return frame.data.length;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    this.onWrite(frame);
    this.entry = frame.key && frame.track === 0;
    out.set(frame.data, at);
    return frame.data.length;
  }

  discard(): void {
    this.discarded++;
  }

  change(): Uint8Array | undefined {
    this.headers++;
    return this.onChange?.();
  }

  trailer(): Uint8Array {
    return Uint8Array.of(9, 9);
  }
}

async function open(until?: number, settings = SETTINGS) {
  const stream = new TestStream("cam", new TestClock(), settings);
  const camera = new SyntheticCamera(stream);
  const sink = await camera.add(VIDEO);
  await camera.add(AUDIO);
  const muxer = new FakeMuxer();
  const format: ContainerFormat = {
    name: "fake",
    codecs: ["h264", "aac"],
    joinable: true,
    mimeType: () => "video/fake",
    refuse: () => undefined,
    open: () => muxer,
  };
  const tracks = stream.tracks.map((page) => ({ view: new TrackView(page), flac: false }));
  const run = new MuxRun(format, tracks, [VIDEO, AUDIO], until === undefined ? {} : { until });
  const change = () => sink.update({ ...VIDEO, config: VIDEO.config.map((b, i) => i === 16 ? b ^ 1 : b) });
  return { camera, run, muxer, change };
}

function finish(run: MuxRun): void {
  while (run.step());
}

test("frames are written once each, key frames are places to begin", async () => {
  const { camera, run } = await open();
  expect(run.step()).toBe(false);
  camera.writeUntil(3);
  finish(run);
  const { entry } = run.log;
  expect(entry).toEqual({ at: 0, header: Uint8Array.of(1, 0) });
  expect(run.log.read(0, 9000)).toEqual(frameBytes(VIDEO, 50, true) as Uint8Array<ArrayBuffer>);
  camera.writeUntil(4.04);
  finish(run);
  expect(run.log.entry?.at).toBeGreaterThan(9000);
  expect(run.log.read(run.log.entry?.at ?? 0, 9000)).toEqual(
    frameBytes(VIDEO, 100, true) as Uint8Array<ArrayBuffer>,
  );
});

test("a run ends where it is to, with the trailer", async () => {
  const { camera, run } = await open(1e6 + 0.1e6);
  camera.writeUntil(1);
  finish(run);
  expect(run.ended).toBe("stopped");
  expect(run.log.read(run.log.head - 2, 2)).toEqual(Uint8Array.of(9, 9));
  expect(run.step()).toBe(false);
});

test("what was overwritten while it was muxed is not taken, and the muxer hears of it", async () => {
  const { camera, run, muxer } = await open(undefined, { ...SETTINGS, maxBytesPerTrack: 200_000 });
  camera.writeUntil(1);
  muxer.onWrite = () => {
    muxer.onWrite = () => {};
    camera.writeUntil(10);
  };
  expect(run.step()).toBe(true);
  expect([run.log.head, run.torn, muxer.discarded]).toEqual([0, 1, 1]);
  finish(run);
  expect(run.log.entry?.at).toBe(0);
});

test("a change goes on with what the muxer has for it, and another header", async () => {
  const { camera, run, muxer, change } = await open();
  camera.writeUntil(1);
  finish(run);
  const { head } = run.log;
  muxer.onChange = () => Uint8Array.of(7);
  change();
  camera.writeUntil(2.1);
  finish(run);
  expect(run.ended).toBeUndefined();
  expect(run.log.entry?.header).toEqual(Uint8Array.of(1, 1));
  const written = run.log.read(head, 1e6) ?? NOTHING;
  expect(written.includes(7)).toBe(true);
});

for (
  const [name, onChange, ended] of [
    ["it cannot say", () => undefined, "changed"],
    ["it fails at", () => {
      throw new RangeError("Cannot");
    }, "failed"],
  ] as const
) {
  test(`a change that ${name} ends the run`, async () => {
    const { camera, run, muxer, change } = await open();
    camera.writeUntil(1);
    finish(run);
    muxer.onChange = onChange;
    change();
    camera.writeUntil(2);
    finish(run);
    expect([run.ended, run.failure]).toEqual([ended, ended === "failed" ? "Cannot" : undefined]);
  });
}

test("a frame that the container cannot take ends the run", async () => {
  const { camera, run, muxer } = await open();
  camera.writeUntil(1);
  muxer.onWrite = () => {
    throw new RangeError("Cannot write so much");
  };
  finish(run);
  expect([run.ended, run.failure, run.log.head]).toEqual(["failed", "Cannot write so much", 0]);
});
