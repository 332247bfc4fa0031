import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { joinBytes } from "../../../src/base/bytes.ts";
import { CONTAINER_FORMATS, type ContainerName } from "../../../src/wire/container/formats.ts";
import { writeGroup } from "../../../src/wire/container/live_muxer.ts";
import { readFlvMedia } from "./flv/read_flv.ts";
import {
  groupsOf,
  hashOf,
  makePcmClip,
  makeTextClip,
  muxClips,
  muxFrames,
  muxGroups,
  probeFile,
  writeGuarded,
} from "./live_media.ts";
import { readMatroska } from "./matroska/read_matroska.ts";
import {
  type Clip,
  type ClipName,
  decodeAll,
  inFolder,
  makeClip,
  makeVp8Clip,
  run,
} from "./mp4/peer_media.ts";
import { readOggPackets } from "./ogg/read_ogg.ts";

const clips = new Map<string, Clip>();

function clipOf(name: string): Clip {
  const known = clips.get(name);
  if (known !== undefined) return known;
  const clip = name === "vp8"
    ? makeVp8Clip()
    : name === "alaw" || name === "ulaw" || name === "l16"
    ? makePcmClip(name)
    : name === "subtitle"
    ? makeTextClip(name, ["Grüß Gott", "two\nlines"], "deu")
    : makeClip(name as ClipName);
  clips.set(name, clip);
  return clip;
}

/** Runs a program on a file. */
function on(
  file: Uint8Array,
  name: string,
  command: string,
  args: (path: string) => readonly string[],
): string {
  return inFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    const { stdout, stderr } = run(command, args(path));
    return stdout + stderr;
  });
}

/** Frames that GStreamer's elements make of a file: for each branch what stands behind the demuxer. */
function gstCounts(file: Uint8Array, name: string, demuxer: string, branches: readonly string[]): number[] {
  return inFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    const sinks = branches.map((branch, i) => {
      mkdirSync(join(folder, `${i}`));
      return ["d.", "!", "queue", "!", ...branch.split(" "), "!", "multifilesink", "next-file=0"].concat(
        `location=${join(folder, `${i}`, "%05d")}`,
      );
    });
    run("gst-launch-1.0", [
      "-q",
      "filesrc",
      `location=${path}`,
      "!",
      ...demuxer.split(" "),
      "name=d",
      ...sinks.flat(),
    ]);
    return branches.map((_, i) => readdirSync(join(folder, `${i}`)).length);
  });
}

interface Case {
  readonly format: ContainerName;
  readonly clips: readonly string[];
  readonly name: string;
  /** Names of the codecs as ffprobe has them. */
  readonly codecs: readonly string[];
  readonly gst: { readonly demuxer: string; readonly branches: readonly string[]; readonly more?: number };
}

const cases: readonly Case[] = [
  {
    ...{ format: "flv", clips: ["h264b", "aac"], name: "a.flv", codecs: ["h264", "aac"] },
    gst: { demuxer: "flvdemux", branches: ["h264parse", "aacparse"] },
  },
  {
    ...{ format: "flv", clips: ["h264", "alaw"], name: "b.flv", codecs: ["h264", "pcm_alaw"] },
    gst: { demuxer: "flvdemux", branches: ["h264parse", "audio/x-alaw"] },
  },
  {
    ...{
      format: "matroska",
      clips: ["h264b", "aac", "subtitle"],
      name: "a.mkv",
      codecs: ["h264", "aac", "subrip"],
    },
    gst: { demuxer: "matroskademux", branches: ["h264parse", "aacparse"] },
  },
  {
    ...{ format: "matroska", clips: ["h265", "ac3", "mp3"], name: "b.mkv", codecs: ["hevc", "ac3", "mp3"] },
    gst: { demuxer: "matroskademux", branches: ["h265parse", "ac3parse", "mpegaudioparse"] },
  },
  {
    ...{ format: "matroska", clips: ["jpeg", "l16", "ulaw"], name: "c.mkv" },
    codecs: ["mjpeg", "pcm_s16be", "pcm_mulaw"],
    gst: { demuxer: "matroskademux", branches: ["jpegparse", "audio/x-raw", "audio/x-mulaw"] },
  },
  {
    ...{ format: "webm", clips: ["vp9", "opus"], name: "a.webm", codecs: ["vp9", "opus"] },
    gst: { demuxer: "matroskademux", branches: ["vp9parse", "opusparse"] },
  },
  {
    ...{ format: "webm", clips: ["av1"], name: "b.webm", codecs: ["av1"] },
    gst: { demuxer: "matroskademux", branches: ["av1parse"] },
  },
  {
    ...{ format: "webm", clips: ["vp8"], name: "c.webm", codecs: ["vp8"] },
    gst: { demuxer: "matroskademux", branches: ["video/x-vp8"] },
  },
  {
    ...{ format: "ogg", clips: ["opus"], name: "a.ogg", codecs: ["opus"] },
    gst: { demuxer: "oggdemux", branches: ["opusparse"] },
  },
  {
    ...{ format: "ogg", clips: ["flac"], name: "b.ogg", codecs: ["flac"] },
    // Header blocks may come out of flacparse too.
    gst: { demuxer: "oggdemux", branches: ["flacparse"], more: 3 },
  },
  {
    ...{ format: "mp4", clips: ["h264b", "aac"], name: "a.mp4", codecs: ["h264", "aac"] },
    gst: { demuxer: "qtdemux", branches: ["h264parse", "aacparse"] },
  },
];

describe("frames come back from ffprobe, play in ffmpeg and are counted by GStreamer", () => {
  for (const c of cases) {
    test(`${c.format} of ${c.clips.join(", ")}`, () => {
      const own = c.clips.map(clipOf);
      const frames = muxFrames(own);
      const format = CONTAINER_FORMATS[c.format];
      // ffprobe reads what was written frame by frame, the others what was written in groups.
      const grouped = muxGroups(format, own, groupsOf(frames, own, 200));
      const probed = probeFile(muxClips(format, own), c.name);
      expect(probed.streams.map((s) => s["codec_name"])).toEqual([...c.codecs]);
      own.forEach((clip, i) => {
        const packets = probed.packets.filter((p) => p.stream_index === i);
        const sent = frames.filter((f) => f.track === i);
        expect(packets.map((p) => p.data_hash)).toEqual(sent.map((f) => hashOf(f.data)));
        const seconds = sent.map((f) => (f.dts + f.ptsOffset) / clip.track.timescale);
        const from = Number(packets[0]?.pts_time) - (seconds[0] ?? 0);
        packets.forEach((p, k) =>
          expect(Math.abs(Number(p.pts_time) - from - (seconds[k] ?? 0))).toBeLessThan(0.0011)
        );
        expect(packets.map((p) => p.flags.startsWith("K"))).toEqual(sent.map((f) => f.key));
      });
      const media = c.clips.filter((name) => name !== "subtitle").length;
      const maps = Array.from({ length: media }, (_, i) => ["-map", `0:${i}`]).flat();
      const complaints = on(grouped, c.name, "ffmpeg", (path) => [
        ...["-v", "error", "-xerror", "-i", path, ...maps, "-f", "null", "-"],
      ]);
      expect(complaints).toBe("");
      const counts = gstCounts(grouped, c.name, c.gst.demuxer, c.gst.branches);
      counts.forEach((n, i) => {
        const count = (own[i] as Clip).samples.length;
        // aacparse keeps one frame back when a stream ends.
        expect(n).toBeGreaterThanOrEqual(c.gst.branches[i] === "aacparse" ? count - 1 : count);
        expect(n).toBeLessThanOrEqual(count + (c.gst.more ?? 0));
      });
    });
  }
});

describe("a further viewer, who begins in the midst, sees all that follows", () => {
  const joins: readonly [ContainerName, readonly string[], string][] = [
    ["flv", ["h264b", "aac"], "a.flv"],
    ["matroska", ["h264b", "aac"], "a.mkv"],
    ["webm", ["vp9", "opus"], "a.webm"],
    ["mp4", ["h264b", "aac"], "a.mp4"],
    ["ts", ["h264b", "aac"], "a.ts"],
    ["ogg", ["opus"], "a.ogg"],
    ["flac", ["flac"], "a.flac"],
    ["h264", ["h265"], "a.h265"],
  ];
  for (const [name, of, file] of joins) {
    test(`${name} of ${of.join(", ")}`, () => {
      const own = of.map(clipOf);
      const muxer = CONTAINER_FORMATS[name].open(own.map((c) => c.track));
      const groups = groupsOf(muxFrames(own), own, 200);
      const pieces = groups.map((group) => ({ bytes: writeGuarded(muxer, group), entry: muxer.entry }));
      const at = pieces.findIndex((p, i) => i > 3 && p.entry);
      expect(at).toBeGreaterThan(3);
      const joined = joinBytes([muxer.header(), ...pieces.slice(at).map((p) => p.bytes)]);
      const first = groups.slice(at).flat().filter((f) => f.track === 0);
      expect(decodeAll(joined, file)).toEqual({ complaints: "", frames: first.length });
    });
  }
});

describe("programs that know one container find no fault", () => {
  test("mkvinfo", () => {
    const said = on(
      muxClips(CONTAINER_FORMATS.matroska, ["h264b", "aac", "subtitle"].map(clipOf)),
      "a.mkv",
      "mkvinfo",
      (path) => ["--ui-language", "en_US", "-v", path],
    );
    expect(said).toMatch(/Segment.*size unknown/);
    expect(said).toMatch(/Codec ID: V_MPEG4\/ISO\/AVC[\s\S]*H\.264 profile: High[\s\S]*Language: deu/);
    expect(said).not.toMatch(/error|invalid|warning/i);
  });

  test("oggz-validate", () => {
    for (const [name, serials] of [["opus", 1], ["flac", 1]] as const) {
      const clip = clipOf(name);
      const format = CONTAINER_FORMATS.ogg;
      const muxer = format.open([clip.track]);
      const pages = groupsOf(muxFrames([clip]), [clip], 200).map((group) => {
        const out = new Uint8Array(100_000);
        return out.subarray(0, writeGroup(muxer, out, 0, group));
      });
      // Without the trailer: it knows no last page without packets, which RFC 3533, 4, allows.
      const file = joinBytes([muxer.header(), ...pages]);
      expect(serials).toBe(1);
      expect(on(file, "a.ogg", "oggz-validate", (path) => ["--prefix", path])).toBe("");
    }
  });

  test("flvmeta", () => {
    const file = muxClips(CONTAINER_FORMATS.flv, ["h264b", "aac"].map(clipOf));
    expect(on(file, "a.flv", "flvmeta", (path) => ["--check", path])).toContain("0 error(s)");
    const full = JSON.parse(on(file, "a.flv", "flvmeta", (path) => ["--full-dump", "--json", path])) as {
      tags: { type: string }[];
    };
    expect(full.tags.length).toBe(3 + 50 + (clips.get("aac")?.samples.length ?? 0));
  });

  test("mediainfo", () => {
    const said = (name: string, format: ContainerName, of: readonly string[]) =>
      on(muxClips(CONTAINER_FORMATS[format], of.map(clipOf)), name, "mediainfo", (path) => [
        "--Inform=General;%Format%,%Video_Format_List%,%Audio_Format_List%",
        path,
      ]).trim();
    expect(said("a.flv", "flv", ["h264b", "aac"])).toMatch(/^Flash Video,AVC,AAC/);
    expect(said("a.mkv", "matroska", ["h265", "ac3"])).toBe("Matroska,HEVC,AC-3");
    expect(said("a.webm", "webm", ["vp9", "opus"])).toBe("WebM,VP9,Opus");
    expect(said("a.ogg", "ogg", ["opus"])).toBe("Ogg,,Opus");
    expect(said("a.wav", "wav", ["ulaw"])).toMatch(/^Wave,,/);
    expect(said("a.flac", "flac", ["flac"])).toBe("FLAC,,FLAC");
    expect(said("a.aac", "aac", ["aac"])).toMatch(/^ADTS,,AAC/);
  });
});

describe("ffmpeg copies what was written, and writes the same", () => {
  const copy = (file: Uint8Array, from: string, to: string, options: readonly string[] = []) =>
    inFolder((folder) => {
      const [path, out] = [join(folder, `from-${from}`), join(folder, `to-${to}`)];
      writeFileSync(path, file);
      run("ffmpeg", ["-v", "error", "-i", path, "-map", "0", "-c", "copy", ...options, out]);
      return new Uint8Array(readFileSync(out));
    });

  test("tags of FLV", () => {
    const file = muxClips(CONTAINER_FORMATS.flv, ["h264b", "aac"].map(clipOf));
    const theirs = readFlvMedia(copy(file, "a.flv", "a.flv"));
    const ours = readFlvMedia(file);
    for (const audio of [false, true]) {
      // It ends H.264 with a tag of its own.
      const mine = ours.filter((m) => m.audio === audio);
      expect(theirs.filter((m) => m.audio === audio).slice(0, mine.length)).toEqual(mine);
    }
  });

  test("blocks, codecs and configurations of Matroska", () => {
    const file = muxClips(CONTAINER_FORMATS.matroska, ["h264b", "aac", "opus", "ulaw"].map(clipOf));
    const [ours, theirs] = [readMatroska(file), readMatroska(copy(file, "a.mkv", "a.mkv"))];
    for (let track = 1; track <= 4; track++) {
      const blocks = (read: typeof ours) => read.blocks.filter((b) => b.track === track);
      // It takes the delay of Opus off when it reads, and does not put it back.
      const pick = (read: typeof ours) =>
        blocks(read).map(({ millis, data }) => [track === 3 ? 0 : millis, hashOf(data)]);
      expect(pick(theirs)).toEqual(pick(ours));
      const of = (read: typeof ours, id: number) =>
        Buffer.from(read.tracks[track - 1]?.get(id) ?? []).toString("hex");
      for (const id of [0x86, 0x63a2, 0x83, 0x23e383, 0x56aa, 0x56bb]) {
        // ffmpeg says the duration of frames of sound too.
        if (id === 0x23e383 && track > 1) continue;
        expect(`${id}: ${of(theirs, id)}`).toBe(`${id}: ${of(ours, id)}`);
      }
    }
  });

  test("packets and the last granule position of Ogg", () => {
    for (const name of ["opus", "flac"]) {
      const file = muxClips(CONTAINER_FORMATS.ogg, [clipOf(name)]);
      const theirs = copy(file, "a.ogg", "a.ogg");
      const serial = new DataView(theirs.buffer).getUint32(14, true);
      const packets = (bytes: Uint8Array, of: number) => readOggPackets(bytes, of).slice(2);
      expect(packets(theirs, serial).map((p) => hashOf(p.data))).toEqual(
        packets(file, 1).map((p) => hashOf(p.data)),
      );
      expect(packets(theirs, serial).at(-1)?.granule).toBe(packets(file, 1).at(-1)?.granule as bigint);
    }
  });
});

describe("streams that are a codec's frames alone", () => {
  test("H.264 and H.265: the same pictures as in MP4, and all frames for GStreamer", () => {
    const pictures = (file: Uint8Array, name: string) =>
      on(file, name, "ffmpeg", (path) => [
        ...["-v", "error", "-xerror", "-i", path, "-map", "0:0", "-fps_mode", "passthrough"],
        ...["-f", "framehash", "-hash", "md5", "-"],
      ]).split("\n").filter((l) => l !== "" && !l.startsWith("#")).map((l) => l.split(",").at(-1));
    for (const [name, parser] of [["h264b", "h264parse"], ["h265", "h265parse"]] as const) {
      const clip = clipOf(name);
      const file = muxClips(CONTAINER_FORMATS.h264, [clip]);
      expect(pictures(file, `a.${clip.track.codec}`)).toEqual(pictures(clip.file, "a.mp4"));
      expect(gstCounts(file, "a", parser, ["identity"])).toEqual([50]);
    }
  });

  test("multipart JPEG, ADTS, FLAC and captions", () => {
    const jpeg = muxClips(CONTAINER_FORMATS.mjpeg, [clipOf("jpeg")]);
    expect(gstCounts(jpeg, "a", "multipartdemux boundary=fogcast-frame", ["jpegparse"])).toEqual([50]);
    // ffprobe misses the part that the last delimiter announces.
    const counted = on(jpeg, "a.mjpeg", "ffprobe", (path) => [
      ...["-v", "fatal", "-f", "mpjpeg", "-count_packets", "-show_entries", "stream=nb_read_packets"],
      ...["-of", "csv=p=0", path],
    ]);
    expect(counted.trim()).toBe("50");
    const flac = muxClips(CONTAINER_FORMATS.flac, [clipOf("flac")]);
    expect(decodeAll(flac, "a.flac")).toEqual({ complaints: "", frames: 21 });
    const captions = clipOf("subtitle");
    for (const [format, name] of [["webvtt", "a.vtt"], ["srt", "a.srt"]] as const) {
      const text = muxClips(CONTAINER_FORMATS[format], [captions]);
      const { packets } = probeFile(text, name);
      expect(packets.map((p) => [Number(p.pts_time), Number(p.size)])).toEqual([[0, 11], [1, 9]]);
      expect(gstCounts(text, name, "subparse", ["identity"])).toEqual([2]);
    }
  });
});

describe("four days into a stream", () => {
  for (
    const [format, name, of] of [["flv", "a.flv", "h264b"], ["matroska", "a.mkv", "h264b"], [
      "ogg",
      "a.ogg",
      "opus",
    ]] as const
  ) {
    test(`${format} still has its times`, () => {
      const clip = clipOf(of);
      const from = 100 * 3600;
      const late = muxFrames([clip]).map((f) => ({ ...f, dts: f.dts + from * clip.track.timescale }));
      const { packets } = probeFile(muxGroups(CONTAINER_FORMATS[format], [clip], late.map((f) => [f])), name);
      expect(packets.length).toBe(late.length);
      const first = late[0] as (typeof late)[number];
      const skipped = of === "opus" ? 0.0075 : 0; // the samples before the first are counted before it
      const shown = (first.dts + first.ptsOffset) / clip.track.timescale;
      expect(Math.abs(Number(packets[0]?.pts_time) - shown)).toBeLessThan(0.001 + skipped);
    });
  }
});
