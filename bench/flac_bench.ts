/**
 * FLAC encoding on one core: what a camera's G.711 costs, and CD-like stereo. `x` is how many times faster than real
 * time. One line of JSON each; ffmpeg's encoder at its fastest setting, on the same samples, stands beside it.
 */
import { spawnSync } from "node:child_process";
import { FlacEncoder } from "../src/wire/codec/flac/encoder.ts";

const SECONDS = 20;

function music(sampleRate: number, channels: number, step: number): Int16Array {
  let x = 12345;
  return Int16Array.from({ length: SECONDS * sampleRate * channels }, (_, i) => {
    x = (Math.imul(x, 1103515245) + 12345) | 0;
    const t = Math.floor(i / channels) / sampleRate;
    const value = 6000 * Math.sin(t * 2764) + 2500 * Math.sin(t * 7911 + (i % channels)) + (x >> 22);
    return Math.round(value / step) * step;
  });
}

const cases = [
  { name: "G.711 8 kHz mono, packets of 20 ms", sampleRate: 8000, channels: 1, blockSize: 160, step: 8 },
  { name: "16 kHz mono, packets of 20 ms", sampleRate: 16000, channels: 1, blockSize: 320, step: 1 },
  { name: "48 kHz stereo, blocks of 4096", sampleRate: 48000, channels: 2, blockSize: 4096, step: 1 },
];

for (const { name, sampleRate, channels, blockSize, step } of cases) {
  const samples = music(sampleRate, channels, step);
  const encoder = new FlacEncoder({ sampleRate, channels, blockSize, blocks: "variable" });
  const out = new Uint8Array(encoder.maxFrameBytes());
  let bytes = 0;
  const pass = () => {
    bytes = 0;
    for (let at = 0; at < samples.length; at += blockSize * channels) {
      bytes += encoder.encodeInto(samples.subarray(at, at + blockSize * channels), out, 0, at);
    }
  };
  pass();
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const from = performance.now();
    pass();
    best = Math.min(best, performance.now() - from);
  }
  const rate = ["-ar", String(sampleRate), "-ac", String(channels)];
  const args = ["-v", "error", "-benchmark", "-threads", "1", "-f", "s16le", ...rate, "-i", "-"];
  const options = [
    "-c:a",
    "flac",
    "-compression_level",
    "0",
    "-frame_size",
    String(blockSize),
    "-f",
    "flac",
    "-",
  ];
  const peer = spawnSync("ffmpeg", [...args, ...options], {
    input: new Uint8Array(samples.buffer),
    maxBuffer: 1 << 28,
  });
  const ratio = (n: number) => Number((n / (samples.length * 2)).toFixed(3));
  console.log(JSON.stringify({
    bench: "flac",
    name,
    x: Math.round((SECONDS * 1000) / best),
    MBps: Math.round(samples.length * 2 / best / 1000),
    ratio: ratio(bytes),
    ffmpegRatio: ratio(peer.stdout.length),
  }));
}
