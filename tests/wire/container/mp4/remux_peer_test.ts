import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { joinBytes } from "../../../../src/base/bytes.ts";
import {
  CLIP_NAMES,
  decodeAll,
  inFolder,
  makeClip,
  makeG711Clip,
  makeVp8Clip,
  probePackets,
  readMp4,
  run,
  writeFile,
} from "./peer_media.ts";

/** ffmpeg encodes a clip; what is written of it must be what ffprobe, ffmpeg and mp4box read again. */
describe("init segment and fragments", () => {
  for (const name of CLIP_NAMES) {
    for (const count of [5, 1000]) {
      test(`of ${name}, ${count} samples a fragment, hold for ffprobe the packets of ffmpeg's own file`, () => {
        const clip = makeClip(name);
        const { init, fragments } = writeFile([clip], count);
        const written = probePackets(joinBytes([init, ...fragments]), "out.mp4");
        const original = probePackets(clip.file, "in.mp4");
        expect(original.length).toBeGreaterThan(15);
        expect(written).toEqual(original);
      });
    }

    test(`of ${name} are decoded by ffmpeg without a complaint`, () => {
      const clip = makeClip(name);
      const { init, fragments } = writeFile([clip], 5);
      const { complaints, frames } = decodeAll(joinBytes([init, ...fragments]), "out.mp4");
      expect(complaints).toBe("");
      expect(frames).toBeGreaterThanOrEqual(clip.samples.length - 2);
    });

    test(`of ${name} give mp4box the same samples back`, () => {
      const clip = makeClip(name);
      const { init, fragments } = writeFile([clip], 5);
      const { info, samples } = readMp4(joinBytes([init, ...fragments]));
      expect(info.map((t) => [t.id, t.timescale])).toEqual([[1, clip.track.timescale]]);
      expect(samples.get(1)).toEqual(clip.samples as never);
    });
  }

  test("of video with B-frames and audio in one file hold both tracks' packets", () => {
    const clips = [makeClip("h264b"), makeClip("aac")];
    expect(clips[0]?.samples.some((s) => s.ptsOffset < 0)).toBe(true);
    const { init, fragments } = writeFile(clips, 9);
    const file = joinBytes([init, ...fragments]);
    const { samples } = readMp4(file);
    expect(samples.get(1)).toEqual(clips[0]?.samples as never);
    expect(samples.get(2)).toEqual(clips[1]?.samples as never);
    expect(decodeAll(file, "out.mp4").complaints).toBe("");
  });

  test("of VP8 are decoded by ffmpeg", () => {
    const { init, fragments } = writeFile([makeVp8Clip()], 5);
    const file = joinBytes([init, ...fragments]);
    expect(decodeAll(file, "out.mp4")).toEqual({ complaints: "", frames: 50 });
    expect(probePackets(file, "out.mp4").map((p) => p.flags[0])).toEqual(
      Array.from({ length: 50 }, (_, i) => (i % 25 === 0 ? "K" : "_")),
    );
  });

  test("of G.711 made FLAC give ffmpeg the very samples back", () => {
    const clip = makeG711Clip();
    const { init, fragments } = writeFile([clip], 10);
    const pcm = inFolder((folder) => {
      writeFileSync(join(folder, "in.mp4"), joinBytes([init, ...fragments]));
      const path = join(folder, "out.pcm");
      const { stderr } = run("ffmpeg", ["-v", "warning", "-i", join(folder, "in.mp4"), "-f", "s16le", path]);
      expect(stderr).toBe("");
      return new Int16Array(new Uint8Array(readFileSync(path)).buffer);
    });
    expect(pcm).toEqual(clip.pcm as Int16Array<ArrayBuffer>);
  });
});
