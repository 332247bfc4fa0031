import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinBytes } from "../../src/base/bytes.ts";
import { ticks } from "../../src/base/units.ts";
import { H264Assembler } from "../../src/wire/codec/h264/assembler.ts";
import { splitAnnexB } from "../../src/wire/codec/nal.ts";
import { readPlaylist } from "../wire/protocol/hls/read_playlist.ts";
import { TestApp } from "./http/test_app.ts";
import { VIDEO } from "./http/test_door.ts";

function run(command: readonly string[], input?: Uint8Array): Uint8Array {
  const { stdout, stderr, success } = Bun.spawnSync(
    [...command],
    input === undefined ? {} : { stdin: input },
  );
  if (!success || stderr.length > 0) throw new Error(`${command[0]}: ${stderr.toString()}`);
  return stdout;
}

const ffmpeg = (...options: string[]) => run(["ffmpeg", "-v", "error", ...options]);

/** Presentation time in frames, and the picture's checksum, of everything that ffmpeg decodes. */
function pictures(input: Uint8Array | string): string[] {
  const from = typeof input === "string" ? input : "-";
  const command = ["ffmpeg", "-v", "error", "-i", from, "-f", "framemd5", "-"];
  const text = new TextDecoder().decode(run(command, typeof input === "string" ? undefined : input));
  const rows = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const first = Number(rows[0]?.split(",")[2]);
  return rows.map((row) => {
    const [, , pts, , , checksum] = row.split(",");
    return `${Number(pts) - first} ${checksum?.trim()}`;
  });
}

test.skipIf(Bun.which("ffmpeg") === null)("video with B-frames comes out picture for picture", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-test-"));
  const file = join(folder, "clip.mp4");
  const t = new TestApp();
  try {
    const coder = ["-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-bf", "2", "-pix_fmt", "yuv420p"];
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25", "-t", "7", ...coder, file);
    const filters = "h264_mp4toannexb,h264_metadata=aud=insert";
    const stream = ffmpeg("-i", file, "-c", "copy", "-bsf:v", filters, "-f", "h264", "-");
    const probe = ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", file];
    const times = new TextDecoder().decode(run(["ffprobe", ...probe])).split("\n").map((line) =>
      parseFloat(line)
    );

    const assembler = new H264Assembler([]);
    const frames: { data: Uint8Array; dts: number; pts: number; key: boolean }[] = [];
    let units: Uint8Array[] = [];
    const finish = () => {
      const pts = Math.round((times[frames.length] as number) * 90_000);
      const frame = units.length === 0 ? undefined : assembler.unit(units, pts);
      if (frame !== undefined) frames.push({ ...frame, data: frame.data.slice() });
      units = [];
    };
    for (const unit of splitAnnexB(stream)) {
      if (((unit[0] as number) & 31) === 9) finish();
      units.push(unit);
    }
    finish();
    expect(frames.some((f) => f.pts !== f.dts)).toBe(true);

    const sink = await t.stream.writer.begin().addTrack({
      ...VIDEO,
      ...assembler.description,
      frameRate: 25,
    });
    for (const { data, dts, pts, key } of frames) {
      sink.write({ dts: ticks(dts), ptsOffset: pts - dts, duration: 3600, key, discontinuity: false }, data);
    }
    t.stream.writer.end();
    const { segments } = readPlaylist(await t.text("/hls/cam/0/index.m3u8"));
    expect(segments.length).toBe(4);
    const files = [segments[0]?.map.uri, ...segments.map((s) => s.uri)];
    const whole = joinBytes(await Promise.all(files.map((uri) => t.bytes(`/hls/cam/0/${uri}`))));
    const sent = pictures(whole);
    const original = pictures(file);
    expect(sent.length).toBe(175);
    expect(sent.map((p) => p.split(" ")[1])).toEqual(original.map((p) => p.split(" ")[1]));
  } finally {
    t.app.close();
    rmSync(folder, { recursive: true });
  }
}, 20_000);
