import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTAINER_FORMATS, type ContainerName } from "../../../src/wire/container/formats.ts";
import { hashOf, makePcmClip, muxClips } from "./live_media.ts";
import { type Clip, type ClipName, inFolder, makeClip, run } from "./mp4/peer_media.ts";

/** What a program makes of a file, in a file of its own. */
function made(file: Uint8Array, command: string, args: (from: string, to: string) => readonly string[]) {
  return inFolder((folder) => {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    writeFileSync(from, file);
    run(command, args(from, to));
    return new Uint8Array(readFileSync(to));
  });
}

/** Samples that ffmpeg decodes; `input` says what a file without a header is. */
const ffmpegSamples = (file: Uint8Array, input: readonly string[] = []) =>
  samplesOf(made(file, "ffmpeg", (from, to) => {
    return ["-v", "error", ...input, "-i", from, "-f", "s16le", to];
  }));

const gstSamples = (file: Uint8Array, elements: string) =>
  samplesOf(made(file, "gst-launch-1.0", (from, to) => {
    const pipe = `${elements} ! audioconvert ! audio/x-raw,format=S16LE ! filesink`.split(" ");
    return ["-q", "filesrc", `location=${from}`, "!", ...pipe, `location=${to}`];
  }));

function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** Format, profile, rate, channels, samples. */
function described(file: Uint8Array): string {
  const fields = "%Format% %Format_Profile% %SamplingRate% %Channels% %SamplingCount%";
  return inFolder((folder) => {
    writeFileSync(join(folder, "sound"), file);
    return run("mediainfo", [`--Output=Audio;${fields}`, join(folder, "sound")]).stdout.trim();
  });
}

/** The greatest difference; NaN where there are not as many. */
function distance(a: Int16Array, b: Int16Array): number {
  return a.length === b.length ? a.reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] ?? 0))), 0) : NaN;
}

describe("GStreamer, ffmpeg and MediaInfo agree on", () => {
  const pcm = [
    ["alaw", "alaw", "ADPCM A-Law 8000 1 8000"],
    ["ulaw", "mulaw", "ADPCM U-Law 8000 1 8000"],
    ["l16", "s16be", "PCM  8000 1 8000"],
  ] as const;
  for (const [codec, raw, about] of pcm) {
    test(`WAV of ${codec}: the very samples that went in`, () => {
      const clip = makePcmClip(codec);
      const file = muxClips(CONTAINER_FORMATS.wav, [clip]);
      const samples = ffmpegSamples(clip.file, ["-f", raw, "-ar", "8000", "-ac", "1"]);
      expect(samples.length).toBe(8000);
      expect(distance(ffmpegSamples(file), samples)).toBe(0);
      const decoder = { alaw: " ! alawdec", ulaw: " ! mulawdec", l16: "" }[codec];
      expect(distance(gstSamples(file, `wavparse${decoder}`), samples)).toBe(0);
      expect(described(file)).toBe(about);
    });
  }

  // libmpg123 and ffmpeg's own decoder
  const coded: readonly (readonly [ContainerName, ClipName, string, string])[] = [
    ["mp3", "mp3", "mpegaudioparse ! mpg123audiodec", "MPEG Audio Layer 3 48000 1 97920"],
    ["mp3", "mp3low", "mpegaudioparse ! mpg123audiodec", "MPEG Audio Layer 3 16000 1 33408"],
    ["flac", "flac", "flacparse ! flacdec", "FLAC  48000 1"],
  ];
  for (const [format, name, decoder, about] of coded) {
    test(`${format} of ${name}: every sample`, () => {
      const clip = makeClip(name);
      const file = muxClips(CONTAINER_FORMATS[format], [clip]);
      const samples = ffmpegSamples(file);
      // In the file that they are from the last frame is cut short.
      const { length, [0]: first } = clip.samples;
      expect(Math.ceil(samples.length / (first?.duration ?? 0))).toBe(length);
      expect(distance(gstSamples(file, decoder), samples)).toBeLessThanOrEqual(1);
      expect(described(file)).toStartWith(about);
    });
  }
});

describe("ffmpeg writes the same bytes as", () => {
  const copied = (clip: Clip, type: string, options: readonly string[] = []) =>
    made(clip.file, "ffmpeg", (from, to) => {
      return ["-v", "error", "-i", from, "-map", "0", "-c", "copy", ...options, "-f", type, to];
    });

  test("ADTS and MP3", () => {
    const aac = makeClip("aac"), mp3 = makeClip("mp3");
    expect(hashOf(muxClips(CONTAINER_FORMATS.aac, [aac]))).toBe(hashOf(copied(aac, "adts")));
    const plain = ["-write_xing", "0", "-id3v2_version", "0"];
    expect(hashOf(muxClips(CONTAINER_FORMATS.mp3, [mp3]))).toBe(hashOf(copied(mp3, "mp3", plain)));
  });

  test("WAV", () => {
    for (const name of ["alaw", "ulaw", "l16"] as const) {
      const clip = makePcmClip(name);
      const raw = { alaw: "alaw", ulaw: "mulaw", l16: "s16be" }[name];
      const codec = name === "l16" ? "pcm_s16le" : `pcm_${raw}`;
      // Into a pipe: to a file it would come back to tell how long it is.
      const theirs = made(clip.file, "sh", (from, to) => {
        const args = `-v error -f ${raw} -ar 8000 -ac 1 -i "$0" -c ${codec} -bitexact -f wav - >"$1"`;
        return ["-c", `ffmpeg ${args}`, from, to];
      });
      expect(Buffer.from(muxClips(CONTAINER_FORMATS.wav, [clip])).toString("hex")).toBe(
        Buffer.from(theirs).toString("hex"),
      );
    }
  });
});
