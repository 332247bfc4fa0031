import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import { CODECS } from "../../../src/media/codec.ts";
import type { Codec } from "../../../src/media/codec.ts";
import type { Track } from "../../../src/media/track.ts";
import { decodeAdts } from "../../../src/wire/codec/aac/adts.ts";
import { splitAnnexB } from "../../../src/wire/codec/nal.ts";
import { CONTAINER_FORMATS, type ContainerName } from "../../../src/wire/container/formats.ts";
import { groupSize, type MuxFrame, writeGroup } from "../../../src/wire/container/live_muxer.ts";
import { readFlvMedia } from "./flv/read_flv.ts";
import { writeGuarded } from "./live_media.ts";
import { readMatroska } from "./matroska/read_matroska.ts";
import { readMp4 } from "./mp4/peer_media.ts";
import { readOggPackets } from "./ogg/read_ogg.ts";
import { randomFrames, randomFrom, sampleTrack } from "./random_frames.ts";
import { demux } from "./ts/ts_media.ts";

/** A frame as a reader of the container tells it. */
interface Told {
  readonly track: number;
  /** Milliseconds, or ticks of the track where the container keeps these. */
  readonly time?: number;
  readonly offset?: number;
  readonly key?: boolean;
  readonly data: string;
}

const mark = (data: Uint8Array) => `${data.length}:${Bun.hash.crc32(data.slice())}`;
const millis = (tracks: readonly Track[], f: MuxFrame, ticks: number) =>
  Math.round((ticks * 1000) / (tracks[f.track] as Track).timescale);
const swap = (data: Uint8Array) => data.slice(0, data.length & ~1).map((_, i) => data[i ^ 1] as number);

/** Units of a frame one after the other, without their lengths. */
function unitBytes(data: Uint8Array): string {
  const found: Uint8Array[] = [];
  for (let at = 0; at < data.length;) {
    const size = new DataView(data.buffer, data.byteOffset).getUint32(at);
    found.push(data.slice(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return mark(joinBytes(found));
}

interface Case {
  readonly format: ContainerName;
  readonly codecs: readonly Codec[];
  readonly read: (file: Uint8Array, tracks: readonly Track[]) => Told[];
  /** What is to be read of a frame. */
  readonly tell: (frame: MuxFrame, tracks: readonly Track[]) => Told;
  /** Largest frame, bytes. */
  readonly most?: number;
  /** The reader cannot tell where frames without bytes were left out. */
  readonly gapless?: true;
}

const blocks = (file: Uint8Array) =>
  readMatroska(file).blocks.map((b) => ({
    ...{ track: b.track - 1, time: b.millis, key: b.key || b.duration !== undefined, data: mark(b.data) },
  }));
/** Times of Opus are later by the delay that the header tells. */
const block: Case["tell"] = (f, tracks) => {
  const delay = tracks[f.track]?.codec === "opus" ? 48 * 6.5 : 0;
  const time = millis(tracks, f, f.dts + f.ptsOffset + delay);
  return { track: f.track, time, key: f.key, data: mark(f.data) };
};
const tags = (file: Uint8Array) =>
  readFlvMedia(file).filter((t) => !t.header).map((t) => ({
    ...{ track: t.audio ? 1 : 0, time: t.millis, offset: t.offset, key: t.key, data: mark(t.data) },
  }));
const tag: Case["tell"] = (f, tracks) => {
  const time = millis(tracks, f, f.dts);
  const offset = millis(tracks, f, f.dts + f.ptsOffset) - time;
  return { track: f.track, time: time % 2 ** 32, offset, key: f.key, data: mark(f.data) };
};
const plain: Case["tell"] = (f) => ({ track: 0, data: mark(f.data) });

/** Frames of `one` codec cut out of a file by what is known of their lengths: the file has to be all of them. */
const cases: readonly Case[] = [
  { format: "flv", codecs: ["h264", "aac"], read: tags, tell: tag },
  { format: "flv", codecs: ["h265", "opus"], read: tags, tell: tag },
  { format: "flv", codecs: ["av1", "flac"], read: tags, tell: tag },
  { format: "flv", codecs: ["vp9", "ulaw"], read: tags, tell: tag },
  { format: "matroska", codecs: ["h264", "aac", "alaw", "subtitle", "json"], read: blocks, tell: block },
  { format: "matroska", codecs: ["h265", "flac", "l16", "jpeg"], read: blocks, tell: block },
  { format: "webm", codecs: ["vp9", "opus"], read: blocks, tell: block },
  { format: "webm", codecs: ["opus"], read: blocks, tell: block },
  {
    format: "ogg",
    codecs: ["opus", "flac"],
    read: (file) =>
      [1, 2].flatMap((serial) =>
        readOggPackets(file, serial).slice(2).map(({ data }) => ({ track: serial - 1, data: mark(data) }))
      ),
    tell: (f) => ({ track: f.track, data: mark(f.data) }),
  },
  {
    format: "mp4",
    codecs: ["h264", "aac", "opus"],
    gapless: true, // mp4box counts durations, whatever tfdt says
    read: (file) =>
      [...readMp4(file).samples].flatMap(([id, samples]) =>
        samples.map((s) => ({
          ...{ track: id - 1, time: s.dts, offset: s.ptsOffset, key: s.key, data: mark(s.data) },
        }))
      ),
    tell: (f) => ({ track: f.track, time: f.dts, offset: f.ptsOffset, key: f.key, data: mark(f.data) }),
  },
  {
    format: "h264",
    codecs: ["h264"],
    // Delimiter, and before key frames three units more: what is left are the frames.
    read(file) {
      const found: Told[] = [];
      let frame: Uint8Array[] = [];
      const end = () => frame.length > 0 && found.push({ track: 0, data: mark(joinBytes(frame)) });
      for (const unit of splitAnnexB(file)) {
        if (unit.length === 2 && unit[0] === 9 && unit[1] === 0xf0) {
          end();
          frame = [];
        } else if (unit[0] !== 0x67 && unit[0] !== 0x68) frame.push(unit);
      }
      end();
      return found;
    },
    tell: (f) => ({ track: 0, data: unitBytes(f.data) }),
  },
  {
    format: "aac",
    codecs: ["aac"],
    read(file) {
      const found: Told[] = [];
      for (let at = 0; at < file.length;) {
        const next = decodeAdts(file.subarray(at));
        if (next.kind !== "ok") throw new Error(`No ADTS at ${at}`);
        found.push({ track: 0, data: mark(next.value.payload) });
        at += next.used;
      }
      return found;
    },
    tell: plain,
    most: 8100,
  },
  {
    format: "mjpeg",
    codecs: ["jpeg"],
    read(file) {
      const found: Told[] = [];
      const text = new TextDecoder("latin1").decode(file);
      const head =
        /--fogcast-frame\r\nContent-Type: image\/jpeg\r\nContent-Length: (\d+)\r\nX-Timestamp: (\d+\.\d{6})\r\n\r\n/y;
      for (let m = head.exec(text); m !== null; m = head.exec(text)) {
        const size = Number(m[1]);
        const data = file.subarray(head.lastIndex, head.lastIndex + size);
        found.push({ track: 0, time: Math.round(Number(m[2]) * 1e6), data: mark(data) });
        head.lastIndex += size + 2;
      }
      return found;
    },
    tell: (f) => ({
      ...{ track: 0, time: Math.round(((f.dts + f.ptsOffset) * 1e6) / 90_000), data: mark(f.data) },
    }),
  },
  {
    format: "json",
    codecs: ["json", "klv"],
    read: (file) =>
      new TextDecoder().decode(file).trim().split("\n").map((line) => {
        const { time, track, data, base64 } = JSON.parse(line) as Record<string, string>;
        const bytes = base64 === undefined ? new TextEncoder().encode(data) : Buffer.from(base64, "base64");
        return { track: Number(track), time: Number(time), data: mark(bytes) };
      }),
    tell: (f, tracks) => ({ track: f.track, time: millis(tracks, f, f.dts), data: mark(f.data) }),
  },
];

/** Formats that are the frames alone. */
const joined: readonly { format: ContainerName; codec: Codec; header: number; swapped?: boolean }[] = [
  { format: "mp3", codec: "mp3", header: 0 },
  { format: "flac", codec: "flac", header: 42 },
  { format: "wav", codec: "alaw", header: 46 },
  { format: "wav", codec: "l16", header: 44, swapped: true },
];

/** Frames in groups of up to five, a new group at each key frame of video. */
function cut(frames: readonly MuxFrame[], tracks: readonly Track[], seed: number): MuxFrame[][] {
  const random = randomFrom(seed);
  const groups: MuxFrame[][] = [[]];
  for (const frame of frames) {
    const last = groups.at(-1) as MuxFrame[];
    const key = frame.key && tracks[frame.track]?.kind === "video";
    if (key || last.length > random(5)) groups.push([frame]);
    else last.push(frame);
  }
  return groups.filter((g) => g.length > 0);
}

function framesFor(c: Case, tracks: readonly Track[], seed: number, from = 0): MuxFrame[] {
  return randomFrames(tracks, seed, { count: 60, from, most: c.most ?? 70_000, gapless: c.gapless === true });
}

const named = (c: Case) => `${c.format} of ${c.codecs.join(", ")}`;
const bySerial = (told: readonly Told[]) => told.toSorted((a, b) => a.track - b.track);

describe("what goes into a container comes out of it", () => {
  for (const c of cases) {
    const tracks = c.codecs.map((codec, id) => sampleTrack(codec, { id }));
    const format = CONTAINER_FORMATS[c.format];
    test(`${named(c)}: random frames, one by one and in groups`, () => {
      for (const [seed, from] of [[1, 0], [2, 3 * 3600], [3, 0]] as const) {
        const frames = framesFor(c, tracks, seed, from);
        const groups = seed === 1 ? frames.map((f) => [f]) : cut(frames, tracks, seed);
        const muxer = format.open(tracks);
        const file = joinBytes([muxer.header(), ...groups.map((g) => writeGuarded(muxer, g))]);
        const sent = frames.filter((f) => f.data.length > 0).map((f) => c.tell(f, tracks));
        expect(bySerial(c.read(file, tracks))).toEqual(bySerial(sent));
      }
    });

    test(`${named(c)}: a reader may enter where the muxer says so`, () => {
      const muxer = format.open(tracks);
      const groups = cut(framesFor(c, tracks, 9), tracks, 9);
      const pieces = groups.map((group) => {
        const bytes = writeGuarded(muxer, group);
        return { bytes, entry: muxer.entry };
      });
      const entries = pieces.flatMap(({ entry }, i) => (entry ? [i] : []));
      expect(entries[0]).toBe(0);
      expect(entries.length).toBeGreaterThan(2);
      if (tracks.some((t) => t.kind === "video")) {
        for (const i of entries) {
          const first = groups[i]?.find((f) => f.data.length > 0);
          expect([tracks[first?.track ?? -1]?.kind, first?.key]).toEqual(["video", true]);
        }
      }
      if (c.format === "ogg") return; // the test's reader wants pages numbered from 0
      const at = entries[Math.floor(entries.length / 2)] as number;
      const file = joinBytes([muxer.header(), ...pieces.slice(at).map((p) => p.bytes)]);
      const sent = groups.slice(at).flat().filter((f) => f.data.length > 0).map((f) => c.tell(f, tracks));
      expect(bySerial(c.read(file, tracks))).toEqual(bySerial(sent));
    });
  }

  for (const c of cases) {
    if (c.gapless) continue; // mp4box again
    const tracks = c.codecs.map((codec, id) => sampleTrack(codec, { id }));
    test(`${named(c)}: what is thrown away leaves no trace in what follows`, () => {
      const muxer = CONTAINER_FORMATS[c.format].open(tracks);
      const groups = cut(framesFor(c, tracks, 11), tracks, 11);
      const lost = (i: number) => i % 7 === 3;
      const pieces = groups.map((group, i) => {
        const bytes = writeGuarded(muxer, group);
        if (!lost(i)) return bytes;
        muxer.discard?.();
        const first = { ...(group[0] as MuxFrame), data: new Uint8Array(9) };
        expect(() => muxer.write(new Uint8Array(1), 0, first)).toThrow(RangeError);
        muxer.discard?.();
        return new Uint8Array(0);
      });
      const sent = groups.filter((_, i) => !lost(i)).flat().filter((f) => f.data.length > 0);
      const told = c.read(joinBytes([muxer.header(), ...pieces]), tracks);
      expect(bySerial(told)).toEqual(bySerial(sent.map((f) => c.tell(f, tracks))));
    });
  }

  for (const { format, codec, header, swapped } of joined) {
    test(`${format} of ${codec}: the frames, one after the other`, () => {
      const tracks = [sampleTrack(codec)];
      const muxer = CONTAINER_FORMATS[format].open(tracks);
      const frames = randomFrames(tracks, 5, { count: 60 });
      const sent = joinBytes(frames.map((f) => (swapped ? swap(f.data) : f.data.slice())));
      expect(muxer.header().length).toBe(header);
      expect(mark(joinBytes(frames.map((f) => writeGuarded(muxer, [f]))))).toBe(mark(sent));
    });
  }

  describe("ts of h264 and aac", () => {
    const tracks = [sampleTrack("h264"), sampleTrack("aac")];
    const soundOf = (frames: readonly MuxFrame[]) =>
      frames.filter((f) => f.track === 1 && f.data.length > 0).map((f) => mark(f.data));

    // The clock of a stream of 26.5 hours wraps in between.
    for (const [seed, from] of [[1, 0], [2, 0], [3, 2 ** 33 / 90_000 - 2]] as const) {
      test(`random frames from ${Math.round(from)} s on, ${seed === 1 ? "one by one" : "in groups"}`, () => {
        const frames = randomFrames(tracks, seed, { count: 90, from, most: 7000 });
        const groups = seed === 1 ? frames.map((f) => [f]) : cut(frames, tracks, seed);
        const muxer = CONTAINER_FORMATS.ts.open(tracks);
        const back = demux(joinBytes(groups.map((g) => writeGuarded(muxer, g))));
        expect(back.counters).toMatchObject({ continuityErrors: 0 });
        expect(back.of("aac").map((f) => mark(f.data))).toEqual(soundOf(frames));
        const times = back.of("aac").map((f) => f.dts);
        const sent = frames.filter((f) => f.track === 1 && f.data.length > 0).map((f) => f.dts);
        const span = (all: readonly number[]) => (all.at(-1) ?? NaN) - (all[0] ?? NaN);
        expect(Math.abs(span(times) - span(sent))).toBeLessThan(2);
      });
    }

    test("what is thrown away leaves no gap in the counters", () => {
      const frames = randomFrames(tracks, 4, { count: 90, most: 7000 });
      const groups = cut(frames, tracks, 4);
      const muxer = CONTAINER_FORMATS.ts.open(tracks);
      const lost = (i: number) => i % 7 === 3;
      const pieces = groups.map((group, i) => {
        const bytes = writeGuarded(muxer, group);
        if (lost(i)) {
          muxer.discard?.();
          // Also where there was no room to begin with.
          expect(() => muxer.write(new Uint8Array(1), 0, frames[0] as MuxFrame)).toThrow(RangeError);
          muxer.discard?.();
        }
        return lost(i) ? new Uint8Array(0) : bytes;
      });
      const back = demux(joinBytes(pieces));
      expect(back.counters).toMatchObject({ continuityErrors: 0 });
      expect(back.of("aac").map((f) => mark(f.data))).toEqual(
        soundOf(groups.filter((_, i) => !lost(i)).flat()),
      );
    });

    test("what no PES packet can hold is left out", () => {
      const muxer = CONTAINER_FORMATS.ts.open([
        sampleTrack("h264"),
        sampleTrack("json"),
        sampleTrack("scte35"),
      ]);
      const [frame] = randomFrames(tracks, 1, { count: 1 }) as [MuxFrame];
      expect(writeGuarded(muxer, [{ ...frame, track: 1, data: new Uint8Array(65_001) }]).length).toBe(0);
      expect(writeGuarded(muxer, [{ ...frame, track: 2, data: new Uint8Array(4097) }]).length).toBe(0);
      expect(writeGuarded(muxer, [{ ...frame, track: 1, data: new Uint8Array(65_000) }]).length)
        .toBeGreaterThan(65_000);
    });

    test("what its tracks become is said by the tables' next version", () => {
      const muxer = CONTAINER_FORMATS.ts.open(tracks);
      const frames = randomFrames(tracks, 5, { count: 40, most: 3000, gapless: true });
      const before = frames.map((f) => writeGuarded(muxer, [f]));
      expect(muxer.change?.(1, sampleTrack("opus"))?.length).toBe(0);
      const opus = randomFrames([sampleTrack("h264"), sampleTrack("opus")], 6, {
        count: 40,
        from: 1.6,
        gapless: true,
      });
      const back = demux(joinBytes([...before, ...opus.map((f) => writeGuarded(muxer, [f]))]));
      expect(back.counters).toMatchObject({ continuityErrors: 0 });
      expect(back.of("aac").length).toBe(40);
      expect(back.of("opus").length).toBe(40);
      expect(muxer.change?.(1, sampleTrack("jpeg"))).toBeUndefined();
    });
  });
});

describe("a format", () => {
  for (const [name, format] of Object.entries(CONTAINER_FORMATS)) {
    test(`${name} knows its codecs, and names what it refuses`, () => {
      expect(format.name as string).toBe(name);
      expect(format.refuse([])).toMatch(/track|video nor audio/);
      for (const codec of Object.keys(CODECS) as Codec[]) {
        const track = sampleTrack(codec);
        const why = format.refuse([track]);
        if (!format.codecs.includes(codec)) expect(why ?? "").toMatch(/no form|is no data/);
        else if (why === undefined && track.config.length > 0) {
          expect(format.mimeType([track])).toMatch(/^[a-z]+\/[a-z0-9-]+/);
          expect(format.open([track]).entry).toBe(false);
        }
      }
    });
  }

  test("writes nothing for frames without bytes, and says when there is no room", () => {
    for (const [name, format] of Object.entries(CONTAINER_FORMATS)) {
      const codec = format.codecs[0] as Codec;
      const tracks = [sampleTrack(name === "json" ? "json" : codec)];
      const muxer = format.open(tracks);
      const [frame] = randomFrames(tracks, 3, { count: 1 }) as [MuxFrame];
      const empty = { ...frame, data: new Uint8Array(0) };
      expect(muxer.write(new Uint8Array(4096), 0, empty)).toBe(0);
      expect(writeGroup(muxer, new Uint8Array(4096), 0, [empty, empty])).toBe(0);
      expect(muxer.entry).toBe(false);
      expect(groupSize(muxer, [frame, frame])).toBeGreaterThan(frame.data.length * 2 - 1);
      expect(() => muxer.write(new Uint8Array(8), 0, frame)).toThrow(RangeError);
    }
  });
});
