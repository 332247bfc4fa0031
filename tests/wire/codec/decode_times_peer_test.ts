import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { H264Assembler } from "../../../src/wire/codec/h264/assembler.ts";
import { H265Assembler } from "../../../src/wire/codec/h265/assembler.ts";
import { isParameterSet } from "../../../src/wire/codec/h265/parameter_sets.ts";
import { nalType } from "../../../src/wire/codec/h265/sps.ts";
import { splitLengthPrefixed } from "../../../src/wire/codec/nal.ts";

// Clips by x264 and x265, packets and times as ffprobe reads them out of MP4, against what the assemblers derive.

const folder = mkdtempSync(join(tmpdir(), "fogcast-decode-times-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Packet {
  readonly pts: number;
  readonly dts: number;
  readonly flags: string;
  readonly pos: string;
  readonly size: string;
}

function run(command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, { maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${command}: ${done.stderr}`);
  return done.stdout.toString();
}

/** Sets are repeated in band, so that the assembler starts without any. */
function encode(name: string, encoder: readonly string[]): { packet: Packet; units: Uint8Array[] }[] {
  const file = join(folder, `${name.replace(/\W/g, "_")}.mp4`);
  const source = "testsrc2=s=192x112:r=25";
  const fixed = [
    "-frames:v",
    "90",
    "-pix_fmt",
    "yuv420p",
    "-threads",
    "1",
    "-video_track_timescale",
    "90000",
  ];
  run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, ...fixed, ...encoder, file]);
  const bytes = new Uint8Array(readFileSync(file));
  const packets = JSON.parse(run("ffprobe", ["-v", "error", "-show_packets", "-of", "json", file])).packets;
  return packets.map((packet: Packet) => ({
    packet,
    units: splitLengthPrefixed(bytes.subarray(+packet.pos, +packet.pos + +packet.size)),
  }));
}

const x264 = (params: string, ...more: string[]) => [
  ...["-c:v", "libx264", "-x264-params", `repeat-headers=1:aud=1:keyint=30:${params}`],
  ...more,
];
const x265 = (params: string) => [
  ...["-c:v", "libx265", "-x265-params", `log-level=none:repeat-headers=1:aud=1:keyint=30:${params}`],
];

const h264Clips: [string, string[]][] = [
  ["no B-frames", x264("bframes=0")],
  ["one B-frame", x264("bframes=1:b-adapt=0")],
  ["two B-frames", x264("bframes=2:b-adapt=0:b-pyramid=none")],
  ["three B-frames", x264("bframes=3:b-adapt=0:b-pyramid=none")],
  ["three B-frames in a pyramid", x264("bframes=3:b-adapt=0:b-pyramid=normal")],
  ["an open GOP", x264("bframes=3:b-adapt=0:open-gop=1")],
  ["interlaced frames", x264("bframes=2:tff=1")],
  ["baseline", x264("bframes=0", "-profile:v", "baseline")],
];

const h265Clips: [string, string[]][] = [
  ["no B-frames", x265("bframes=0")],
  ["two B-frames without pyramid", x265("bframes=2:b-adapt=0:no-b-pyramid=1:open-gop=0")],
  ["three B-frames in a pyramid", x265("bframes=3:b-adapt=0:open-gop=0")],
  ["an open GOP", x265("bframes=4:b-adapt=0:open-gop=1:min-keyint=30")],
];

describe("x264", () => {
  for (const [name, encoder] of h264Clips) {
    test(`${name}: decoding times and key frames are ffmpeg's`, () => {
      const assembler = new H264Assembler([]);
      for (const { packet, units } of encode(`h264 ${name}`, encoder)) {
        const frame = assembler.unit(units, packet.pts);
        expect([frame?.pts, frame?.dts, frame?.key]).toEqual([
          packet.pts,
          packet.dts,
          packet.flags.includes("K"),
        ]);
        const kept = units.filter((u) => ![7, 8, 9].includes((u[0] as number) & 31));
        expect(splitLengthPrefixed(frame?.data as Uint8Array)).toEqual(kept);
      }
      expect(assembler.description).toMatchObject({ width: 192, height: 112, frameRate: 25 });
    }, 20_000);
  }
});

describe("x265", () => {
  for (const [name, encoder] of h265Clips) {
    test(`${name}: decoding times and key frames are ffmpeg's`, () => {
      const assembler = new H265Assembler([]);
      for (const { packet, units } of encode(`h265 ${name}`, encoder)) {
        const frame = assembler.unit(units, packet.pts);
        expect([frame?.pts, frame?.dts, frame?.key]).toEqual([
          packet.pts,
          packet.dts,
          packet.flags.includes("K"),
        ]);
        const kept = units.filter((u) => !isParameterSet(nalType(u)) && nalType(u) !== 35);
        expect(splitLengthPrefixed(frame?.data as Uint8Array)).toEqual(kept);
      }
      expect(assembler.description).toMatchObject({ width: 192, height: 112, frameRate: 25 });
    }, 20_000);
  }
});
