import { expect, test } from "bun:test";
import { type Mp4Sample, readBoxes, readSamples } from "../../../../src/web/player/mp4_boxes.ts";
import { ALAW, AUDIO, VIDEO } from "../test_door.ts";
import { PLAY, socketBoxes } from "./socket_boxes.ts";
import { type FakePeer, framesIn } from "./socket_fixture.ts";

const start = socketBoxes();
/** A frame of the camera's sound is longer than this, a silent one of AAC shorter, bytes. */
const SILENT_BYTES = 100;

/** The sound that a viewer got. */
function sound(peer: FakePeer): Mp4Sample[] {
  return peer.media().flatMap((message) => {
    const bytes = new Uint8Array(message);
    return readBoxes(bytes).filter(({ type }) => type === "moof")
      .flatMap((box) => readSamples(bytes, box, new Map()))
      .filter(({ track }) => track === AUDIO.id + 1);
  });
}

const isSilent = ({ data }: Mp4Sample) => data.length < SILENT_BYTES;

/** Expects that sound has no hole as long as a frame, and never goes back. */
function expectWhole(frames: readonly Mp4Sample[], most = 1024): void {
  frames.forEach(({ dts }, n) => {
    const before = frames[n - 1];
    if (before !== undefined) expect(dts - before.dts - before.duration).toBeWithin(0, most);
  });
}

test("sound that stops is silence for all viewers in the same messages, also for those who come then", async () => {
  const box = await start(2);
  const first = await box.join([PLAY]);
  await box.run(1);
  box.camera.muted.add(AUDIO.id);
  await box.run(2.5);
  const second = await box.join([PLAY]);
  const begun = sound(second.peer);
  // silence goes up to the picture that came last
  expect(begun.length).toBeGreaterThan(15);
  expect(begun.every(isSilent)).toBe(true);
  first.peer.clear();
  second.peer.clear();
  await box.run(1);
  expect(second.peer.media()).toEqual(first.peer.media());
  const silence = sound(first.peer);
  expect([silence.length, silence.every(isSilent)]).toEqual([47, true]);
  expectWhole([...begun, ...sound(second.peer)]);
  box.camera.muted.clear();
  await box.run(1);
  expect(second.peer.media()).toEqual(first.peer.media());
  const again = sound(first.peer).slice(silence.length);
  expect(again.filter(isSilent).length).toBeLessThanOrEqual(3);
  expect(again.filter((f) => !isSilent(f)).length).toBeGreaterThan(42);
  expectWhole([...silence, ...again]);
});

test("who goes on behind silence goes on with silence, as at the server before", async () => {
  const box = await start(2);
  const { peer } = await box.join([PLAY]);
  box.camera.muted.add(AUDIO.id);
  await box.run(2);
  const video = peer.frames().at(-1) ?? 0, last = sound(peer).at(-1);
  if (last === undefined || !isSilent(last)) throw new Error("no silence");
  peer.clear();
  await box.run(0.4);
  // servers say where the last frame was, players add half of its length
  for (const more of [0, 512]) {
    const after = { 0: 3600 * (25 + video), 1: last.dts + more };
    const { peer: other } = await box.join([{ type: "continue", supported_codecs: ["H264", "AAC"], after }]);
    expect(other.texts()).toEqual([{ type: "info", data: { msg: "Going on", tracks: [0, 1] } }]);
    expect(other.frames()).toEqual(peer.frames());
    expect(sound(other).map((f) => f.dts)).toEqual(sound(peer).map((f) => f.dts));
  }
  box.camera.muted.clear();
  await box.run(0.4);
  expectWhole(sound(peer));
});

test("a pause in it, and going back into it, change nothing of silence", async () => {
  const box = await start(2);
  const { peer, say } = await box.join([PLAY]);
  box.camera.muted.add(AUDIO.id);
  await box.run(2);
  const live = sound(peer);
  expectWhole(live);
  expect(live.filter(isSilent).length).toBeGreaterThan(85);
  say({ type: "pause" });
  await box.run(0.4);
  say({ type: "pause" });
  await box.run(0.4);
  const all = sound(peer);
  expectWhole(all);
  expect(all.length - live.length).toBeWithin(36, 40);
  peer.clear();
  say({ type: "set_speed", play_rate: 4 });
  say({ type: "seek", seek_time: 1500 });
  await box.run(0.5);
  const older = sound(peer);
  expectWhole(older);
  // silence begins where the camera's sound ended, 2 s after its beginning at 1 s
  const [silent] = older.filter(isSilent);
  expect((silent?.dts ?? 0) / 48_000).toBeWithin(2.97, 3);
  expect(live.some((f) => f.dts === silent?.dts)).toBe(true);
});

test("G.711 goes on as silent FLAC", async () => {
  const box = await start(2, [VIDEO, ALAW]);
  const { peer } = await box.join([PLAY]);
  box.camera.muted.add(ALAW.id);
  await box.run(2);
  peer.clear();
  await box.run(1);
  const frames = sound(peer);
  expectWhole(frames, 1);
  expect(frames.reduce((sum, { duration }) => sum + duration, 0)).toBe(ALAW.timescale);
  // samples that are all the same take few bytes
  for (const { data } of frames) expect(data.length).toBeLessThan(20);
  expect(peer.media().flatMap((message) => framesIn(message))).toHaveLength(25);
});
