import { describe, expect, test } from "bun:test";
import type { AudioTrack, VideoTrack } from "../../src/media/track.ts";
import { fragmentOf, initOf } from "../../src/web/player/audio_only.ts";
import {
  BoxAssembler,
  readBoxes,
  readDefaults,
  readSamples,
  readTracks,
} from "../../src/web/player/mp4_boxes.ts";
import {
  type FragmentRun,
  type FragmentSample,
  fragmentSize,
  writeFragment,
} from "../../src/wire/container/mp4/fragment.ts";
import { encodeInit } from "../../src/wire/container/mp4/init.ts";

const HVCC = Uint8Array.fromHex("0101600000009000000000005df000fcfdf8f800000f00");
const VIDEO: VideoTrack = {
  kind: "video",
  id: 0,
  codec: "h265",
  timescale: 90_000,
  config: HVCC,
  codecString: "hvc1.1.6.L93.B0",
  language: "und",
  width: 320,
  height: 180,
  frameRate: 25,
};
const AUDIO: AudioTrack = {
  kind: "audio",
  id: 1,
  codec: "aac",
  timescale: 48_000,
  config: Uint8Array.of(0x11, 0x90),
  codecString: "mp4a.40.2",
  language: "und",
  sampleRate: 48_000,
  channels: 2,
};
const INIT = encodeInit([{ id: 1, track: VIDEO }, { id: 2, track: AUDIO }]);

const sample = (data: number[], duration: number, key: boolean, ptsOffset = 0): FragmentSample => ({
  data: Uint8Array.from(data),
  duration,
  ptsOffset,
  key,
});
function fragment(...runs: FragmentRun[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(fragmentSize(runs));
  writeFragment(out, 0, 7, runs);
  return out;
}
const samplesOf = (bytes: Uint8Array<ArrayBuffer>) => {
  const moof = readBoxes(bytes).find((b) => b.type === "moof");
  return moof === undefined
    ? []
    : readSamples(bytes, moof, readDefaults(INIT)).map((s) => ({ ...s, data: [...s.data] }));
};

const RUNS: FragmentRun[] = [
  { id: 1, baseDts: 9000, samples: [sample([1, 2, 3], 3600, true, 7200), sample([4], 3600, false, -3600)] },
  {
    id: 2,
    baseDts: 2 ** 33,
    samples: [sample([5], 1024, true), sample([6, 7], 1024, true), sample([8], 960, true)],
  },
];
const FRAGMENT = fragment(...RUNS);

describe("readTracks() and readSamples() read what the server writes", () => {
  test("tracks with their kinds, timescales, sizes and hvcC", () => {
    expect(readTracks(INIT)).toEqual([
      { id: 1, kind: "video", timescale: 90_000, entry: "hvc1", config: HVCC, width: 320, height: 180 },
      {
        id: 2,
        kind: "audio",
        timescale: 48_000,
        entry: "mp4a",
        config: new Uint8Array(),
        width: 0,
        height: 0,
      },
    ]);
  });
  test("frames of both tracks, with composition offsets and times past 32 bits", () => {
    expect(samplesOf(FRAGMENT)).toEqual([
      { track: 1, dts: 9000, pts: 16_200, duration: 3600, key: true, data: [1, 2, 3] },
      { track: 1, dts: 12_600, pts: 9000, duration: 3600, key: false, data: [4] },
      { track: 2, dts: 2 ** 33, pts: 2 ** 33, duration: 1024, key: true, data: [5] },
      { track: 2, dts: 2 ** 33 + 1024, pts: 2 ** 33 + 1024, duration: 1024, key: true, data: [6, 7] },
      { track: 2, dts: 2 ** 33 + 2048, pts: 2 ** 33 + 2048, duration: 960, key: true, data: [8] },
    ]);
  });
  test("a length that cannot be, and a sample beyond the end, are said", () => {
    expect(() => readBoxes(Uint8Array.of(0, 0, 0, 3, 1, 1, 1, 1))).toThrow("A box of 3 bytes at offset 0");
    const cut = FRAGMENT.slice(0, -1);
    expect(() => samplesOf(cut)).toThrow("beyond the end");
  });
});

test("BoxAssembler gives moof and mdat together however they are cut", () => {
  const whole = new Uint8Array([...INIT, ...FRAGMENT, ...FRAGMENT]);
  for (const step of [1, 7, 100, whole.length]) {
    const boxes = new BoxAssembler();
    const out: number[] = [];
    for (let at = 0; at < whole.length; at += step) {
      const bytes = boxes.push(whole.slice(at, at + step));
      if (bytes === undefined) continue;
      expect(readBoxes(bytes).at(-1)?.type).not.toBe("moof");
      out.push(...bytes);
    }
    expect(out).toEqual([...whole]);
  }
});

describe("the sound alone", () => {
  test("initOf() keeps one track and its defaults", () => {
    const init = initOf(INIT, 2);
    expect(readTracks(init).map((t) => t.entry)).toEqual(["mp4a"]);
    expect([...readDefaults(init).keys()]).toEqual([2]);
    expect(init).toEqual(initOf(init, 2));
  });
  test("fragmentOf() holds the same frames", () => {
    const moof = readBoxes(FRAGMENT).find((b) => b.type === "moof")!;
    const sound = readSamples(FRAGMENT, moof, readDefaults(INIT)).filter((s) => s.track === 2);
    expect(samplesOf(fragmentOf(sound, 1))).toEqual(samplesOf(FRAGMENT).filter((s) => s.track === 2));
  });
});
