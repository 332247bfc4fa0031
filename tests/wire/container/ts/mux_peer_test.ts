import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { joinBytes } from "../../../../src/base/bytes.ts";
import type { Codec } from "../../../../src/media/codec.ts";
import type { Track } from "../../../../src/media/track.ts";
import { TsConstantRate } from "../../../../src/wire/container/ts/mux/constant_rate.ts";
import type { TsFrame } from "../../../../src/wire/container/ts/mux/frame.ts";
import { openProgram } from "../../../../src/wire/container/ts/mux/program.ts";
import { TsStreamWriter } from "../../../../src/wire/container/ts/mux/stream.ts";
import { TsUnitWriter } from "../../../../src/wire/container/ts/mux/unit.ts";
import { checkTr101290 } from "../../../peers/tr101290.ts";
import { type ClipName, inFolder, makeClip, run } from "../mp4/peer_media.ts";
import { demux, framesOf, mark, probeTs, slicesOf } from "./ts_media.ts";

const SETS: readonly (readonly ClipName[])[] = [
  ["h264", "aac"],
  ["h264b", "mp3"],
  ["h265", "ac3"],
  ["h264", "opus"],
  ["mp3low"],
  ["eac3"],
];

/** A stream of clips, in one of the three ways. */
function write(way: "parts" | "stream" | "constant", names: readonly ClipName[]): Uint8Array {
  const clips = names.map((name) => makeClip(name));
  const frames = framesOf(clips);
  const program = openProgram(clips.map((c) => c.track));
  const secondsOf = (f: TsFrame) => f.dts / (clips[f.track]?.track.timescale ?? NaN);
  const pieces: Uint8Array[] = [];
  if (way === "constant") {
    const rate = new TsConstantRate(program, { bitsPerSecond: 2e6, send: (b) => pieces.push(b.slice()) });
    for (const frame of frames) rate.write(frame);
    rate.idle(180_000);
    expect(rate.lateMillis).toBeLessThanOrEqual(0);
  } else if (way === "stream") {
    const writer = new TsStreamWriter(program);
    for (const frame of frames) {
      const out = new Uint8Array(writer.size([frame]));
      expect(writer.write(out, 0, [frame])).toBe(out.length);
      pieces.push(out);
    }
  } else {
    for (let part = 0; part < 11; part++) {
      const some = frames.filter((f) => Math.floor(secondsOf(f) * 5 + 1e-6) === part);
      // A writer of its own each time: nothing may depend on what it wrote before.
      const writer = new TsUnitWriter(program);
      const tables = part % 5 === 0 ? part / 5 : undefined;
      const out = new Uint8Array(writer.size(some, tables));
      expect(writer.write(out, 0, some, tables)).toBe(out.length);
      pieces.push(out);
    }
  }
  return joinBytes(pieces);
}

/** Check values of all decoded pictures or samples of a file's first stream. */
function decoded(file: Uint8Array, name: string): string {
  return inFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    const { stdout, stderr } = run("ffmpeg", [
      ...["-v", "warning", "-xerror", "-i", path, "-map", "0:0", "-fps_mode", "passthrough"],
      ...["-f", "framehash", "-hash", "md5", "-"],
    ]);
    expect(stderr).toBe("");
    return stdout.split("\n").filter((l) => l !== "" && !l.startsWith("#")).map((l) => l.split(",").at(-1))
      .join("\n");
  });
}

describe("what is written of clips", () => {
  for (const names of SETS) {
    for (const way of ["parts", "stream", "constant"] as const) {
      const tables = way === "parts" ? { tablesMillis: 1100 } : {};
      test(`${names.join(" and ")}, ${way}: comes back, is clean by TR 101 290, plays in ffmpeg`, () => {
        const ts = write(way, names);
        const clips = names.map((name) => makeClip(name));
        const back = demux(ts, 1000);
        expect(back.mishaps).toEqual([]);
        const sent = framesOf(clips);
        names.forEach((name, i) => {
          const own = sent.filter((f) => f.track === i);
          const same = name === "h265" ? (data: Uint8Array) => mark(slicesOf(data)) : mark;
          expect(back.frames.get(i)?.map((f) => same(f.data))).toEqual(own.map((f) => same(f.data)));
          const from = back.frames.get(i)?.[0]?.dts ?? NaN;
          expect(back.frames.get(i)?.map((f) => [f.dts - from, f.ptsOffset, f.key])).toEqual(
            own.map((f) => [f.dts, f.ptsOffset, f.key]),
          );
        });
        const rate = way === "constant" ? { accuracyNanos: 500 } : {};
        expect([...checkTr101290(ts, { ...tables, ...rate }).first]).toEqual([]);
        const first = clips[0];
        const exact = first?.track.kind === "video"; // where decoders of audio begin differs with the container
        if (exact && first !== undefined) expect(decoded(ts, "a.ts")).toBe(decoded(first.file, "a.mp4"));
        expect(probeTs(ts).length).toBe(sent.length);
      });
    }
  }

  test("has no continuity error for tshark and tstools, and all frames for GStreamer", () => {
    const ts = write("parts", ["h264b", "aac"]);
    inFolder((folder) => {
      const path = join(folder, "a.ts");
      writeFileSync(path, ts);
      const drops = (file: string) =>
        run("tshark", ["-r", file, "-Y", "mp2t.cc.drop", "-T", "fields", "-e", "frame.number"]);
      expect(drops(path).stdout.trim()).toBe("");
      const damaged = join(folder, "damaged.ts");
      writeFileSync(damaged, joinBytes([ts.subarray(0, 188 * 100), ts.subarray(188 * 101)]));
      expect(drops(damaged).stdout.trim()).not.toBe("");
      expect(run("tsreport", ["-b", path]).stdout).not.toMatch(/discontinu/i);
      expect(run("tsinfo", [path]).stdout).toMatch(/1b/i);
      for (const [parser, count] of [["h264parse", 50], ["aacparse", 95]] as const) {
        const out = join(folder, "count");
        run("gst-launch-1.0", [
          ...["-q", "filesrc", `location=${path}`, "!", "tsdemux", "!", parser, "!"],
          ...["multifilesink", "next-file=0", `location=${out}-%05d`],
        ]);
        const { stdout: listed } = run("sh", ["-c", `ls ${out}-* | wc -l; rm -f ${out}-*`]);
        // aacparse keeps one frame back when the stream ends.
        expect(count - Number(listed)).toBeOneOf(parser === "aacparse" ? [0, 1] : [0]);
      }
    });
  });

  test("is named by ffprobe: ID3, KLV, SCTE-35, DVB subtitles, teletext, languages", () => {
    const of = (codec: Codec, config: readonly number[] = [], language = "und"): Track => ({
      ...{ kind: "data", id: 0, codec, timescale: 90_000, config: Uint8Array.from(config), codecString: "" },
      language,
    });
    const clip = makeClip("h264");
    const tracks: readonly Track[] = [
      { ...clip.track, language: "fra" },
      of("id3"),
      of("klv"),
      of("scte35"),
      of("dvbsub", [100, 101, 117, 0x10, 0, 1, 0, 1]),
      of("teletext", [100, 101, 117, 9, 0]),
    ];
    const writer = new TsStreamWriter(openProgram(tracks));
    const splice = Uint8Array.from(Buffer.from("fc301100000000000000fff0000000007a4fbfff", "hex"));
    const frames = framesOf([clip]).flatMap((f) => [
      f,
      ...tracks.slice(1).map((t, i) => ({
        ...{ track: i + 1, dts: f.dts, ptsOffset: 0, duration: 0, key: true },
        data: t.codec === "scte35" ? splice : new Uint8Array(139).fill(0x10),
      })),
    ]);
    const out = new Uint8Array(writer.size(frames));
    writer.write(out, 0, frames);
    inFolder((folder) => {
      const path = join(folder, "a.ts");
      writeFileSync(path, out);
      const shown = "stream=codec_name:stream_tags=language";
      const { stdout } = run("ffprobe", ["-v", "fatal", "-show_entries", shown, "-of", "csv=p=0", path]);
      const lines = stdout.split("\n").map((l) => l.trim().replace(/,$/, "")).filter((l) => l !== "");
      // Those of the program come first, without languages.
      expect(lines.slice(-tracks.length)).toEqual([
        "h264,fra",
        "timed_id3",
        "klv",
        "scte_35",
        "dvb_subtitle,deu",
        "dvb_teletext,deu",
      ]);
    });
  });

  test("survives ffmpeg copying it on", () => {
    const ts = write("parts", ["h264b", "aac"]);
    const again = inFolder((folder) => {
      const path = join(folder, "a.ts");
      writeFileSync(path, ts);
      const out = join(folder, "b.ts");
      const { stderr } = run("ffmpeg", [
        "-v",
        "warning",
        "-i",
        path,
        "-map",
        "0",
        "-c",
        "copy",
        "-copyts",
        out,
      ]);
      expect(stderr).toBe("");
      return new Uint8Array(readFileSync(out));
    });
    expect(demux(again).of("h264").map((f) => mark(f.data))).toEqual(
      demux(ts).of("h264").map((f) => mark(f.data)),
    );
  });
});
