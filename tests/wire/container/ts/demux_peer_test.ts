import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClipName, inFolder, makeClip, run } from "../mp4/peer_media.ts";
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

/** What ffmpeg makes of a tone or a picture, told how. */
function encodeTs(options: readonly string[]): Uint8Array {
  return inFolder((folder) => {
    const out = join(folder, "out.ts");
    const inputs = [
      "-f",
      "lavfi",
      "-i",
      "testsrc2=s=320x180:r=25",
      "-f",
      "lavfi",
      "-i",
      "sine=f=440:r=48000",
    ];
    run("ffmpeg", ["-v", "error", ...inputs, "-t", "2", ...options, "-f", "mpegts", out]);
    return new Uint8Array(readFileSync(out));
  });
}

const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p"];

interface Variant {
  readonly name: string;
  readonly options: readonly string[];
  readonly codecs: readonly string[];
}

const VARIANTS: readonly Variant[] = [
  { name: "MP2", options: ["-map", "1", "-c:a", "mp2"], codecs: ["mp2"] },
  { name: "AAC in LATM", options: ["-map", "1", "-c:a", "aac", "-mpegts_flags", "latm"], codecs: ["aac"] },
  {
    name: "AC-3 as DVB has it",
    options: ["-map", "1", "-c:a", "ac3", "-mpegts_flags", "system_b"],
    codecs: ["ac3"],
  },
  { name: "E-AC-3 of six channels", options: ["-map", "1", "-ac", "6", "-c:a", "eac3"], codecs: ["eac3"] },
  {
    name: "AAC with frames across PES packets",
    options: ["-map", "1", "-c:a", "aac", "-pes_payload_size", "4000"],
    codecs: ["aac"],
  },
  { name: "Opus of six channels", options: ["-map", "1", "-ac", "6", "-c:a", "libopus"], codecs: ["opus"] },
  {
    name: "packets of 192 bytes, the clock wrapping, null packets",
    options: [
      ...["-map", "0", "-map", "1", ...X264, "-c:a", "ac3", "-output_ts_offset", "95442"],
      ...["-muxrate", "3M", "-mpegts_m2ts_mode", "1"],
    ],
    codecs: ["h264", "ac3"],
  },
  {
    name: "H.265 with B-frames, MP3",
    options: [
      ...[
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=error:bframes=3",
      ],
      ...["-pix_fmt", "yuv420p", "-c:a", "libmp3lame"],
    ],
    codecs: ["h265", "mp3"],
  },
];

describe("TsDemuxer reads of ffmpeg", () => {
  for (const { name, options, codecs } of VARIANTS) {
    test(`${name}: as many frames as ffprobe, at its times`, () => {
      const ts = encodeTs(options);
      const back = demux(ts, 777);
      expect(back.mishaps).toEqual([]);
      expect([...back.tracks.values()].map((t) => t.codec as string)).toEqual([...codecs]);
      const probed = probeTs(ts);
      codecs.forEach((codec, i) => {
        const kept = back.of(codec);
        const own = probed.filter((p) => p.stream_index === i);
        expect(kept.length).toBe(own.length);
        const scale = 90_000 / (back.tracks.get(i)?.timescale ?? NaN);
        for (const [n, f] of kept.entries()) {
          // ffprobe answers the raw times; from the wrap on it has them unwrapped, or lower by 2^33.
          const d = (f.dts * scale - (own[n]?.dts ?? NaN)) % 2 ** 33;
          expect(Math.abs(d)).toBeLessThan(3);
          if (codec.startsWith("h26")) expect(f.key).toBe(own[n]?.flags.startsWith("K") ?? false);
        }
      });
    });
  }
});

test("TsDemuxer reads GStreamer's H.264, AAC and KLV", () => {
  const ts = inFolder((folder) => {
    const klv = join(folder, "klv.bin");
    writeFileSync(klv, new Uint8Array(200).fill(6));
    const out = join(folder, "out.ts");
    run("gst-launch-1.0", [
      ...[
        "-q",
        "videotestsrc",
        "num-buffers=50",
        "!",
        "video/x-raw,width=320,height=180,framerate=25/1",
        "!",
      ],
      ...[
        "x264enc",
        "key-int-max=25",
        "speed-preset=1",
        "!",
        "h264parse",
        "!",
        "m.",
        "audiotestsrc",
        "num-buffers=90",
        "!",
      ],
      ...[
        "avenc_aac",
        "!",
        "aacparse",
        "!",
        "m.",
        "filesrc",
        `location=${klv}`,
        "!",
        "meta/x-klv,parsed=true",
        "!",
      ],
      ...["m.", "mpegtsmux", "name=m", "!", "filesink", `location=${out}`],
    ]);
    return new Uint8Array(readFileSync(out));
  });
  const back = demux(ts, 1316);
  expect(back.mishaps).toEqual([]);
  expect(back.of("h264").length).toBe(50);
  expect(back.of("aac").length).toBe(probeTs(ts).filter((p) => p.codec_type === "audio").length);
  expect(back.of("klv").map((f) => f.data.length)).toEqual([200]);
});
