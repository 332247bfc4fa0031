import { expect, test } from "bun:test";
import { AAC_SAMPLES, CLIP_FRAMES_PER_SECOND, readClip } from "../../src/app/demo/clip.ts";

const folder = new URL("../../src/app/demo/clip/", import.meta.url);
const clip = readClip(
  await Bun.file(new URL("clip.h264", folder)).bytes(),
  await Bun.file(new URL("clip.aac", folder)).bytes(),
);

test("both tracks of the demo clip are equally long, so that it loops without a seam", () => {
  const video = clip.video.length / CLIP_FRAMES_PER_SECOND;
  const audio = (clip.audio.length * AAC_SAMPLES) / clip.audioConfig.sampleRate;
  expect(video).toBe(16);
  expect(audio).toBe(video);
});

test("the demo clip has a key frame every two seconds, the first one first", () => {
  const keys = clip.video.flatMap((frame, n) => frame.key ? [n] : []);
  expect(keys).toEqual([0, 50, 100, 150, 200, 250, 300, 350]);
});

test("the demo clip is what the page expects", () => {
  expect(clip.description.width).toBe(640);
  expect(clip.description.height).toBe(360);
  expect(clip.audioConfig).toMatchObject({ objectType: 2, sampleRate: 48_000, channelConfiguration: 2 });
});

test("readClip() says which part of a damaged clip is wrong", () => {
  expect(() => readClip(new Uint8Array(0), new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]))).toThrow("offset 0");
  expect(() => readClip(new Uint8Array(0), new Uint8Array(0))).toThrow("a track is missing");
});
