import { describe, expect, test } from "bun:test";
import { type ClipName, makeClip } from "../mp4/peer_media.ts";
import { demux, ffmpegTs, mark, probeTs, slicesOf } from "./ts_media.ts";

const NAMES: readonly ClipName[] = ["h264", "h264b", "h265", "aac", "mp3", "mp3low", "ac3", "eac3", "opus"];

/** ffmpeg copies a clip into MPEG-TS; what comes out here must be the clip, at the times that ffprobe tells. */
describe("TsDemuxer reads ffmpeg's", () => {
  for (const name of NAMES) {
    test(`${name}: the very frames, at ffprobe's times`, () => {
      const clip = makeClip(name);
      const ts = ffmpegTs([name]);
      const { tracks, frames, mishaps } = demux(ts, 1316);
      expect(mishaps).toEqual([]);
      const track = tracks.get(0);
      expect(track?.codec).toBe(clip.track.codec);
      const kept = frames.get(0) ?? [];
      const same = name === "h265" ? (data: Uint8Array) => mark(slicesOf(data)) : mark;
      expect(kept.map((f) => same(f.data))).toEqual(clip.samples.map((s) => same(s.data)));
      const probed = probeTs(ts);
      const to90 = (t: number) => (t * 90_000) / (track?.timescale ?? NaN);
      expect(kept.length).toBe(probed.length);
      for (const [i, f] of kept.entries()) {
        const p = probed[i];
        expect(Math.abs(to90(f.dts) - (p?.dts ?? NaN))).toBeLessThan(3);
        expect(Math.abs(to90(f.dts + f.ptsOffset) - (p?.pts ?? NaN))).toBeLessThan(3);
        expect(f.key).toBe(p?.flags.startsWith("K") ?? false);
      }
    });
  }
});
