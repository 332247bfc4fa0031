import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { joinBytes } from "../../../src/base/bytes.ts";
import { FlacEncoder } from "../../../src/wire/codec/flac/encoder.ts";
import { pcmCases } from "./pcm_cases.ts";

const MARKER = new TextEncoder().encode("fLaC");

/** Decodes a FLAC file with ffmpeg; answers the samples, interleaved, and what it complained of. */
function decode(file: Uint8Array): { samples: Int16Array; complaints: string } {
  const args = [
    "-v",
    "warning",
    "-xerror",
    "-err_detect",
    "crccheck+explode",
    "-f",
    "flac",
    "-i",
    "-",
    "-f",
    "s16le",
    "-",
  ];
  const done = spawnSync("ffmpeg", args, { input: file, maxBuffer: 1 << 28 });
  const bytes = new Uint8Array(done.stdout);
  return { samples: new Int16Array(bytes.slice().buffer), complaints: done.stderr.toString() };
}

describe("ffmpeg decodes bit for bit", () => {
  for (const { name, sampleRate, channels, samples } of pcmCases) {
    for (const blocks of ["fixed", "variable"] as const) {
      test(`${name}, ${blocks} blocks`, () => {
        const blockSize = sampleRate / 50 < 16 ? 16 : Math.floor(sampleRate / 50);
        const encoder = new FlacEncoder({ sampleRate, channels, blockSize, blocks });
        const pieces: Uint8Array[] = [MARKER, encoder.streamInfo];
        let size = blockSize;
        for (let at = 0; at < samples.length;) {
          const end = at + size * channels;
          pieces.push(encoder.encode(samples.subarray(at, end)).slice());
          at = end;
          if (blocks === "variable") size = size > 16 ? size - 1 : blockSize;
        }
        const decoded = decode(joinBytes(pieces));
        expect(decoded.complaints).toBe("");
        expect(decoded.samples.length).toBe(samples.length);
        expect(decoded.samples).toEqual(samples);
      });
    }
  }
});
