import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import type { Codec } from "../../../../src/media/codec.ts";
import type { DataTrack, Track } from "../../../../src/media/track.ts";
import { TsDemuxer } from "../../../../src/wire/container/ts/demux/demuxer.ts";
import { PES_OTHER_MAX } from "../../../../src/wire/container/ts/demux/pes_buffer.ts";
import { TS_VIDEOS_MAX } from "../../../../src/wire/container/ts/demux/program.ts";
import type { TsFrame } from "../../../../src/wire/container/ts/mux/frame.ts";
import { openProgram, type ProgramSettings } from "../../../../src/wire/container/ts/mux/program.ts";
import { TsStreamWriter } from "../../../../src/wire/container/ts/mux/stream.ts";
import { writeSection } from "../../../../src/wire/container/ts/psi.ts";
import { encodePat, encodePmt } from "../../../../src/wire/container/ts/psi.ts";
import { makeClip } from "../mp4/peer_media.ts";
import { demux, framesOf, mark, TsKeeper } from "./ts_media.ts";

const ANNOUNCED = { codecString: "", language: "und", config: new Uint8Array(0) };

function dataTrack(codec: Codec): DataTrack {
  return { ...ANNOUNCED, kind: "data", id: 0, codec, timescale: 90_000 };
}

/** A stream of frames of one or several tracks. */
function write(
  tracks: readonly Track[],
  frames: readonly TsFrame[],
  settings: ProgramSettings = {},
): Uint8Array {
  const writer = new TsStreamWriter(openProgram(tracks, settings));
  return joinBytes(frames.map((frame) => {
    const out = new Uint8Array(writer.size([frame]));
    writer.write(out, 0, [frame]);
    return out;
  }));
}

function clipStream(settings: ProgramSettings = {}): Uint8Array {
  const clips = [makeClip("h264b"), makeClip("aac")];
  return write(clips.map((c) => c.track), framesOf(clips), settings);
}

/** Payloads of 100 bytes, one every 40 ms. */
function dataFrames(count: number, first = 0, dts = 0): TsFrame[] {
  return Array.from({ length: count }, (_, i) => {
    const data = new Uint8Array(100).fill(first + i);
    return { track: 0, dts: dts + i * 3600, ptsOffset: 0, duration: 3600, key: true, data };
  });
}

const pidOf = (ts: Uint8Array, at: number) => (((ts[at + 1] as number) & 0x1f) << 8) | (ts[at + 2] as number);

function packets(ts: Uint8Array): Uint8Array[] {
  return Array.from({ length: ts.length / 188 }, (_, i) => ts.slice(i * 188, i * 188 + 188));
}

describe("TsDemuxer", () => {
  test("finds the same however the bytes are cut", () => {
    const ts = clipStream();
    const whole = demux(ts);
    for (const step of [1, 7, 187, 188, 189, 1316, 4096]) {
      const cut = demux(ts.subarray(0, step < 8 ? 60_000 : ts.length), step);
      if (step >= 8) expect(cut.mishaps).toEqual([]);
      const marks = cut.of("h264").map((f) => mark(f.data));
      expect(marks).toEqual(whole.of("h264").slice(0, marks.length).map((f) => mark(f.data)));
      if (step >= 8) expect(cut.frames.get(1)?.length).toBe(whole.frames.get(1)?.length as number);
    }
  });

  test("reads packets of 192 and 204 bytes, from the middle of one on", () => {
    const ts = clipStream();
    const whole = demux(ts);
    for (const [before, behind] of [[4, 0], [0, 16]] as const) {
      const wide = joinBytes(packets(ts).flatMap((p) => [new Uint8Array(before), p, new Uint8Array(behind)]));
      const keeper = new TsKeeper();
      const demuxer = new TsDemuxer(keeper);
      const begun = joinBytes([Uint8Array.of(1, 0x47, 2, 3), wide]);
      for (let at = 0; at < begun.length; at += 1000) demuxer.push(begun.subarray(at, at + 1000));
      demuxer.flush();
      expect(demuxer.packetSize).toBe(188 + before + behind);
      expect(keeper.mishaps).toEqual([]);
      expect(keeper.of("h264").map((f) => mark(f.data))).toEqual(whole.of("h264").map((f) => mark(f.data)));
    }
  });

  test("finds packets again behind bytes that are none", () => {
    const ts = write([dataTrack("klv")], dataFrames(50));
    const junk = new Uint8Array(1000).fill(0x47, 300, 310);
    const cut = 188 * 40;
    const back = demux(joinBytes([ts.subarray(0, cut), junk, ts.subarray(cut)]));
    expect(back.counters.syncLosses).toBe(1);
    expect(back.counters.skippedBytes).toBeGreaterThanOrEqual(1000);
    expect(back.of("klv").length).toBeGreaterThanOrEqual(49);
    expect(back.counters.continuityErrors).toBeLessThanOrEqual(1);
  });

  test("drops what has a gap: the PES packet, and video up to the next key frame", () => {
    const ts = clipStream();
    const whole = demux(ts).of("h264");
    const all = packets(ts);
    const video = all.flatMap((p, i) => (pidOf(p, 0) === 256 && ((p[1] as number) & 0x40) === 0 ? [i] : []));
    const gone = video[Math.floor(video.length / 4)] as number;
    const back = demux(joinBytes(all.filter((_, i) => i !== gone)));
    expect(back.counters.continuityErrors).toBe(1);
    const kept = new Set(back.of("h264").map((f) => mark(f.data)));
    const missing = whole.flatMap((f, i) => (kept.has(mark(f.data)) ? [] : [i]));
    expect(missing.length).toBeGreaterThan(1);
    expect(missing.at(-1)).toBe(24); // up to the frame before the next key frame
    expect(missing).toEqual(Array.from(missing, (_, i) => (missing[0] as number) + i));
    expect(back.of("aac").length).toBe(95);
    expect(back.mishaps.some((m) => m.startsWith("ts continuity"))).toBe(true);
  });

  test("takes a packet sent twice once, and one sent thrice for an error", () => {
    const all = packets(write([dataTrack("klv")], dataFrames(20)));
    const at = all.findIndex((p, i) => i > 10 && pidOf(p, 0) === 256);
    const twice = demux(joinBytes(all.flatMap((p, i) => (i === at ? [p, p] : [p]))));
    expect([twice.counters.duplicates, twice.counters.continuityErrors]).toEqual([1, 0]);
    expect(twice.of("klv").length).toBe(20);
    const thrice = demux(joinBytes(all.flatMap((p, i) => (i === at ? [p, p, p] : [p]))));
    expect(thrice.counters.continuityErrors).toBe(1);
  });

  test("notices fifteen packets lost, which look like one sent twice", () => {
    const all = packets(write([dataTrack("klv")], dataFrames(40)));
    const own = all.flatMap((p, i) => (pidOf(p, 0) === 256 ? [i] : []));
    const gone = new Set(own.slice(5, 20));
    expect(demux(joinBytes(all.filter((_, i) => !gone.has(i)))).counters.continuityErrors).toBe(1);
  });

  test("counts and drops scrambled packets and ones that the transport marked", () => {
    const all = packets(write([dataTrack("klv")], dataFrames(20)));
    const own = all.flatMap((p, i) => (pidOf(p, 0) === 256 ? [i] : []));
    const scrambled = all[own[5] as number] as Uint8Array;
    scrambled[3] = (scrambled[3] as number) | 0xc0;
    const marked = all[own[9] as number] as Uint8Array;
    marked[1] = (marked[1] as number) | 0x80;
    const back = demux(joinBytes(all));
    expect([back.counters.scrambled, back.counters.transportErrors]).toEqual([1, 1]);
    expect(back.of("klv").length).toBe(18);
  });

  test("unwraps times of 33 bits", () => {
    const origin = 2 ** 33 - 90_000;
    const back = demux(clipStream({ origin, delay: 63_000 }));
    expect(back.mishaps).toEqual([]);
    const times = back.of("h264").map((f) => f.dts as number);
    expect(times[0]).toBe(origin);
    expect(times.at(-1)).toBe(origin + 49 * 3600);
    expect(back.of("h264").some((f) => f.discontinuity)).toBe(false);
    expect(back.of("aac").at(-1)?.dts as number).toBe(Math.round((origin * 48_000) / 90_000) + 94 * 1024);
  });

  test("puts what comes after a jump of the clock right behind what was before, once marked", () => {
    for (const jump of [90_000 * 3600, -90_000 * 5]) {
      const before = write([dataTrack("klv")], dataFrames(20), { origin: 900_000 });
      const after = write([dataTrack("klv")], dataFrames(20, 20), { origin: 900_000 + jump });
      const back = demux(joinBytes([before, after]));
      const frames = back.of("klv");
      expect(frames.length).toBe(40);
      expect(frames.flatMap((f, i) => (f.discontinuity ? [i] : []))).toEqual([20]);
      expect(frames[20]?.dts as number).toBe((frames[19]?.dts as number) + 3600);
      expect(back.counters.clockJumps).toBe(1);
    }
  });

  test("does not take lost seconds for a jump", () => {
    const frames = [...dataFrames(10), ...dataFrames(10, 10, 5 * 90_000)];
    const back = demux(write([dataTrack("klv")], frames));
    expect(back.counters.clockJumps).toBe(0);
    expect(back.of("klv")[10]?.dts as number).toBe(126_000 + 5 * 90_000);
  });

  test("reads times where there is no clock", () => {
    const all = packets(write([dataTrack("klv")], dataFrames(120)));
    for (const p of all) {
      if (pidOf(p, 0) === 256 && ((p[3] as number) & 0x20) !== 0 && (p[4] as number) > 0) {
        p[5] = (p[5] as number) & 0xef;
      }
    }
    const frames = demux(joinBytes(all)).of("klv");
    expect(frames.map((f) => f.dts as number)).toEqual(frames.map((_, i) => 126_000 + i * 3600));
  });

  test("reads one program of several, or all", () => {
    const one = write([dataTrack("klv")], dataFrames(10), { program: 1, pmtPid: 4096, firstPid: 256 });
    const two = write([dataTrack("json")], dataFrames(10, 50), { program: 2, pmtPid: 4097, firstPid: 272 });
    const pat = new Uint8Array(188);
    writeSection(pat, 0, encodePat(1, 1, [{ program: 1, pid: 4096 }, { program: 2, pid: 4097 }]), 0, 0);
    const both = joinBytes([pat, ...packets(joinBytes([one, two])).filter((p) => pidOf(p, 0) !== 0)]);
    const codecs = (program?: number | "all") => {
      const { tracks } = demux(both, both.length, program === undefined ? {} : { program });
      return [...tracks.values()].map((t) => t.codec);
    };
    expect(codecs()).toEqual(["klv"]);
    expect(codecs(2)).toEqual(["json"]);
    expect(codecs("all")).toEqual(["klv", "json"]);
    expect(codecs(3)).toEqual([]);
  });

  test("follows a PMT that changes: streams that go on keep their track", () => {
    const all = [dataTrack("klv"), { ...dataTrack("json"), id: 1 }];
    const before = write([dataTrack("klv")], dataFrames(5));
    const both = dataFrames(5, 5, 18_000).flatMap((f) => [f, { ...f, track: 1, data: f.data.slice(50) }]);
    const after = write(all, both, { version: 1 });
    const back = demux(joinBytes([before, after]));
    expect(back.programs.map((p) => [p.version, p.streams.map((s) => s.codec)])).toEqual([
      [0, ["klv"]],
      [1, ["klv", "json"]],
    ]);
    expect([...back.frames].map(([id, frames]) => [id, frames.length])).toEqual([[0, 10], [1, 5]]);
    expect(back.announced.length).toBe(2);
  });

  test("leaves tables alone that are damaged or for later", () => {
    const all = packets(write([dataTrack("klv")], dataFrames(5)));
    const pmt = all.find((p) => pidOf(p, 0) === 4096) as Uint8Array;
    const damaged = pmt.slice();
    damaged[20] = (damaged[20] as number) ^ 1;
    const later = new Uint8Array(188);
    const section = encodePmt(1, 3, { pcrPid: 256, descriptors: new Uint8Array(0), streams: [] });
    section[5] = (section[5] as number) & 0xfe;
    writeSection(later, 0, section, 4096, 1);
    const back = demux(
      joinBytes([all[0] as Uint8Array, damaged, ...all.slice(2, 6), later, ...all.slice(1)]),
    );
    expect(back.counters.sectionErrors).toBeGreaterThanOrEqual(1);
    expect(back.programs.length).toBe(1);
    expect(back.of("klv").length).toBeGreaterThan(3);
  });

  test("bounds a PES packet that never ends", () => {
    const all = packets(write([dataTrack("klv")], dataFrames(3)));
    const start = all.find((p) => pidOf(p, 0) === 256) as Uint8Array;
    const at = 4 + 1 + (start[4] as number);
    start.set([0, 0], at + 4); // its length is not said
    const more: Uint8Array[] = [];
    for (let i = 0; i * 184 < PES_OTHER_MAX + 1000; i++) {
      const p = new Uint8Array(188).fill(7);
      p.set([0x47, 1, 0, 0x10 | ((i + 1) & 15)]);
      more.push(p);
    }
    const back = demux(joinBytes([...all.slice(0, 3), ...more]));
    expect(back.mishaps).toContain("ts damaged: track 0: PES packet too large");
    expect(back.of("klv").length).toBe(0);
  });
});

test("no more video streams are read than are to be", () => {
  const clip = makeClip("h264b");
  const tracks = Array.from({ length: TS_VIDEOS_MAX + 2 }, () => clip.track);
  const frames = framesOf([clip]).slice(0, 3).flatMap((f) => tracks.map((_, track) => ({ ...f, track })));
  const back = demux(write(tracks, frames));
  expect(back.tracks.size).toBe(TS_VIDEOS_MAX);
  expect(back.programs[0]?.streams.map((s) => s.track)).toEqual([
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    undefined,
    undefined,
  ]);
});

describe("data tracks come back as they were", () => {
  const json = new TextEncoder().encode('{"speed": 12}');
  const id3 = joinBytes([new TextEncoder().encode("ID3"), new Uint8Array(30)]);
  /** A splice_null of SCTE 35, 9.7.1. */
  const splice = Uint8Array.from(Buffer.from("fc301100000000000000fff0000000007a4fbfff", "hex"));
  const cases: readonly (readonly [Codec, Uint8Array, Uint8Array])[] = [
    ["klv", new Uint8Array(300).fill(6), new Uint8Array(0)],
    ["json", json, new Uint8Array(0)],
    ["id3", id3, new Uint8Array(0)],
    ["private", new Uint8Array(10).fill(9), new Uint8Array(0)],
    ["scte35", splice, new Uint8Array(0)],
    ["dvbsub", new Uint8Array(50).fill(0x20), Uint8Array.from([100, 101, 117, 0x10, 0, 1, 0, 1])],
    ["teletext", new Uint8Array(139).fill(0x10), Uint8Array.from([100, 101, 117, 9, 0])],
  ];
  for (const [codec, data, config] of cases) {
    test(codec, () => {
      const clip = makeClip("aac");
      const frames = framesOf([clip]).slice(0, 40);
      const track: Track = { ...dataTrack(codec), id: 1, config };
      const own = { track: 1, ptsOffset: 0, duration: 0, key: true, data };
      const ts = write([clip.track, track], [
        ...frames.slice(0, 20),
        { ...own, dts: 40_000 },
        ...frames.slice(20),
        { ...own, dts: 80_000 },
      ]);
      const back = demux(ts, 500);
      expect(back.mishaps).toEqual([]);
      const kept = back.of(codec);
      expect(kept.map((f) => f.data)).toEqual([data, data] as Uint8Array<ArrayBuffer>[]);
      const found = [...back.tracks.values()].find((t) => t.codec === codec);
      expect(found?.config).toEqual(config as Uint8Array<ArrayBuffer>);
      expect(found?.language).toBe(config.length > 0 ? "deu" : "und");
      // Sections have no time of their own: theirs is the clock's.
      if (codec !== "scte35") expect(kept.map((f) => f.dts - 126_000)).toEqual([40_000, 80_000]);
    });
  }
});
