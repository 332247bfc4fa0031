import { expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import { becomesFlac, FlacRun, flacTrack } from "../../../src/wire/codec/flac/flac_audio.ts";
import type { AudioTrack } from "../../../src/media/track.ts";

function track(codec: "alaw" | "ulaw" | "l16", sampleRate = 8000, channels = 1): AudioTrack {
  return {
    id: 1,
    kind: "audio",
    codec,
    timescale: sampleRate,
    config: new Uint8Array(0),
    codecString: "",
    language: "und",
    sampleRate,
    channels,
  };
}

/** Every byte value, in an order that FLAC cannot predict. */
const noise = (length: number) => Uint8Array.from({ length }, (_, n) => (n * 167 + (n >> 3) * 31) & 0xff);

function run(of: FlacRun, packets: readonly { dts: number; data: Uint8Array }[]) {
  const frames: { data: Uint8Array; duration: number }[] = [];
  of.begin();
  for (const { dts, data } of packets) of.add(dts, data);
  while (of.next()) frames.push({ data: of.data.slice(), duration: of.duration });
  return frames;
}

/** Decodes with software that was not written here; raw 16-bit samples. */
function ffmpeg(input: Uint8Array, ...options: string[]): Int16Array {
  const { stdout, stderr, success } = Bun.spawnSync(
    ["ffmpeg", "-v", "error", ...options, "-i", "-", "-f", "s16le", "-"],
    { stdin: input },
  );
  if (!success || stderr.length > 0) throw new Error(stderr.toString());
  return new Int16Array(stdout.buffer, stdout.byteOffset, stdout.byteLength >> 1);
}

const marked = (t: AudioTrack, frames: readonly { data: Uint8Array }[]) =>
  joinBytes([new TextEncoder().encode("fLaC"), flacTrack(t).config, ...frames.map((f) => f.data)]);

const decoded = test.skipIf(Bun.which("ffmpeg") === null);

for (const codec of ["alaw", "ulaw"] as const) {
  decoded(`${codec} comes out of FLAC as ffmpeg expands it`, () => {
    const data = noise(1600);
    const t = track(codec);
    const frames = run(
      new FlacRun(t),
      Array.from({ length: 10 }, (_, n) => ({
        dts: n * 160,
        data: data.subarray(n * 160, n * 160 + 160),
      })),
    );
    expect(frames.map((f) => f.duration)).toEqual([1600]);
    const expected = ffmpeg(data, "-f", codec === "alaw" ? "alaw" : "mulaw", "-ar", "8000");
    expect(ffmpeg(marked(t, frames), "-f", "flac")).toEqual(expected);
  });
}

decoded("stereo L16 at 48 kHz comes out of FLAC unchanged, in blocks of the streamable subset", () => {
  const data = noise(9600 * 4);
  const t = track("l16", 48000, 2);
  const frames = run(new FlacRun(t), [{ dts: 0, data }]);
  expect(frames.map((f) => f.duration)).toEqual([3200, 3200, 3200]);
  expect(ffmpeg(marked(t, frames), "-f", "flac")).toEqual(
    ffmpeg(data, "-f", "s16be", "-ar", "48000", "-ac", "2"),
  );
});

test("a hole in time begins a new frame, and the one before lasts until there", () => {
  const packet = noise(160);
  const frames = run(new FlacRun(track("alaw")), [
    { dts: 1000, data: packet },
    { dts: 1160, data: packet },
    { dts: 1480, data: packet },
  ]);
  expect(frames.map((f) => f.duration)).toEqual([480, 160]);
});

test("a packet that begins early loses nothing", () => {
  const packet = noise(160);
  const frames = run(new FlacRun(track("alaw")), [{ dts: 0, data: packet }, { dts: 150, data: packet }]);
  expect(frames.map((f) => f.duration)).toEqual([320]);
});

test("a part is the same whatever was encoded before it", () => {
  const t = track("ulaw");
  const part = [{ dts: 2 ** 36 + 320, data: noise(1600) }];
  const used = new FlacRun(t);
  run(used, [{ dts: 0, data: noise(5000) }]);
  expect(run(used, part)).toEqual(run(new FlacRun(t), part));
});

test("packets that are taken one by one are the frames of each alone, and stay until the run begins anew", () => {
  const t = track("alaw");
  const packets = Array.from({ length: 40 }, (_, n) => ({
    dts: n * 150,
    data: noise(160 * (n + 1)).subarray(160 * n),
  }));
  const together = new FlacRun(t);
  const taken = packets.map(({ dts, data }) => {
    together.add(dts, data);
    expect(together.next()).toBe(true);
    const frame = { data: together.data, dts: together.dts, duration: together.duration };
    expect(together.next()).toBe(false);
    return frame;
  });
  taken.forEach((frame, n) => {
    const packet = packets[n] as (typeof packets)[number];
    const [alone] = run(new FlacRun(t), [packet]);
    expect(frame).toEqual({ data: alone?.data as Uint8Array, dts: packet.dts, duration: 160 });
  });
});

test("what was not taken is forgotten when a run begins anew", () => {
  const t = track("l16");
  const left = new FlacRun(t);
  left.add(0, noise(30_000));
  expect(left.next()).toBe(true);
  const part = [{ dts: 700, data: noise(320) }];
  expect(run(left, part)).toEqual(run(new FlacRun(t), part));
});

test("half samples and empty packets are left out", () => {
  expect(run(new FlacRun(track("l16")), [{ dts: 0, data: Uint8Array.of(1, 2, 3) }]).map((f) => f.duration))
    .toEqual([1]);
  expect(run(new FlacRun(track("alaw")), [{ dts: 0, data: new Uint8Array(0) }])).toEqual([]);
});

test("only what browsers cannot play becomes FLAC", () => {
  expect((["alaw", "ulaw", "l16"] as const).every(becomesFlac)).toBe(true);
  expect((["aac", "opus", "mp3", "flac", "h264"] as const).some(becomesFlac)).toBe(false);
  expect(flacTrack(track("alaw"))).toMatchObject({ codec: "flac", codecString: "fLaC", timescale: 8000 });
});
