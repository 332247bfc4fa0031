import { expect, test } from "bun:test";
import type { Ticks } from "../../src/base/units.ts";
import type { TrackSink } from "../../src/ingest/frame_sink.ts";
import { VIDEO_WAIT_MILLIS, VideoFirst } from "../../src/ingest/video_first.ts";
import type { AudioTrack, VideoTrack } from "../../src/media/track.ts";
import { AUDIO, VIDEO } from "../egress/http/test_door.ts";
import { ManualClock } from "../manual_clock.ts";
import { ArraySink } from "./array_sink.ts";

async function open(tracks: readonly (VideoTrack | AudioTrack)[]) {
  const kept = new ArraySink();
  const clock = new ManualClock();
  const gate = new VideoFirst(kept, clock);
  const sinks = await Promise.all(tracks.map((track) => gate.addTrack(track)));
  const frame = (sink: TrackSink | undefined, dts: number, key = true) =>
    sink?.write(
      { dts: dts as Ticks, ptsOffset: 0, duration: 0, key, discontinuity: false },
      new Uint8Array(4),
    );
  const had = () => kept.tracks.map((t) => t.frames.map((f) => f.dts as number));
  return { clock, gate, sinks, frame, had };
}

test("VideoFirst drops audio until the first video frame", async () => {
  const { sinks: [audio, video], frame, had } = await open([AUDIO, VIDEO]);
  frame(audio, 0);
  frame(audio, 1024);
  frame(video, 2000);
  frame(audio, 2048);
  frame(video, 5600, false);
  expect(had()).toEqual([[2048], [2000, 5600]]);
});

test("VideoFirst waits no longer than its limit, counted from the first frame that it dropped", async () => {
  const { clock, sinks: [audio], frame, had } = await open([AUDIO]);
  clock.advance(60_000);
  frame(audio, 0);
  clock.advance(VIDEO_WAIT_MILLIS - 1);
  frame(audio, 1);
  clock.advance(1);
  frame(audio, 2);
  frame(audio, 3);
  expect(had()).toEqual([[2, 3]]);
});

test("VideoFirst lets everything pass once no video will come", async () => {
  const { gate, sinks: [audio], frame, had } = await open([AUDIO]);
  gate.release();
  frame(audio, 0);
  expect(had()).toEqual([[0]]);
});
