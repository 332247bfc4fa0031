import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../src/base/bytes.ts";
import { inFolder, run } from "../wire/container/mp4/peer_media.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkTr101290, type Tr101290Error } from "./tr101290.ts";

/** Two seconds at a constant rate, as ffmpeg writes them. */
const good = inFolder((folder) => {
  const out = join(folder, "a.ts");
  const input = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "2", "-c:v", "libx264"];
  run("ffmpeg", [...input, "-preset", "ultrafast", "-g", "25", "-muxrate", "2M", "-pcr_period", "20", out]);
  return new Uint8Array(readFileSync(out));
});

const VIDEO = 256;
const PMT = 4096;

function packets(): Uint8Array[] {
  return Array.from({ length: good.length / 188 }, (_, i) => good.slice(i * 188, i * 188 + 188));
}

const pidOf = (p: Uint8Array) => (((p[1] as number) & 0x1f) << 8) | (p[2] as number);
const hasPcr = (p: Uint8Array) =>
  ((p[3] as number) & 0x20) !== 0 && (p[4] as number) > 0 && ((p[5] as number) & 0x10) !== 0;

/** Damage to the list of packets, and what is to be said of it. */
const damages: readonly (readonly [Tr101290Error, string, (all: Uint8Array[]) => Uint8Array[]])[] = [
  ["1.1 TS_sync_loss", "two sync bytes in a row are wrong", (all) => {
    all[50]?.set([0x46]);
    all[51]?.set([0x46]);
    return all;
  }],
  ["1.2 Sync_byte_error", "one sync byte is wrong", (all) => {
    all[50]?.set([0x48]);
    return all;
  }],
  ["1.3 PAT_error", "there is no PAT", (all) => all.filter((p) => pidOf(p) !== 0)],
  ["1.3 PAT_error", "the PAT stops", (all) =>
    all.filter((p, i) => i < 50 || pidOf(p) !== 0)
      .concat(all.filter((p) => pidOf(p) === 0).slice(-1))],
  ["1.4 Continuity_count_error", "a packet is missing", (all) => {
    const at = all.findIndex((p, i) => i > 60 && pidOf(p) === VIDEO && ((p[3] as number) & 0x10) !== 0);
    return all.filter((_, i) => i !== at);
  }],
  ["1.5 PMT_error", "there is no PMT", (all) => all.filter((p) => pidOf(p) !== PMT)],
  ["1.6 PID_error", "a stream of the PMT is missing", (all) => all.filter((p) => pidOf(p) !== VIDEO)],
  ["2.1 Transport_error", "a packet is marked", (all) => {
    const p = all[70] as Uint8Array;
    p[1] = (p[1] as number) | 0x80;
    return all;
  }],
  ["2.2 CRC_error", "a bit of the PMT is turned", (all) => {
    const p = all.find((p) => pidOf(p) === PMT) as Uint8Array;
    p[12] = (p[12] as number) ^ 4;
    return all;
  }],
  ["2.3a PCR_repetition_error", "some clock references are missing", (all) => {
    let n = 0;
    return all.filter((p) => !hasPcr(p) || ((p[3] as number) & 0x10) !== 0 || n++ % 8 < 3);
  }],
  ["2.3b PCR_discontinuity_indicator_error", "the clock jumps", (all) => {
    for (const p of all.slice(300)) if (hasPcr(p)) p[7] = (p[7] as number) + 1;
    return all;
  }],
  ["2.4 PCR_accuracy_error", "a clock reference is 2 µs off", (all) => {
    const p = all.filter(hasPcr)[20] as Uint8Array;
    p[11] = ((p[11] as number) + 54) & 0xff;
    return all;
  }],
  ["2.5 PTS_error", "a second of pictures has no times", (all) => {
    let seen = 0;
    for (const p of all) {
      const start = ((p[1] as number) & 0x40) !== 0 && pidOf(p) === VIDEO;
      if (start && seen++ > 10 && seen < 35) p[1] = (p[1] as number) & 0xbf;
    }
    return all;
  }],
  ["2.6 CAT_error", "packets are scrambled and nothing says how", (all) => {
    const p = all.find((p) => pidOf(p) === VIDEO) as Uint8Array;
    p[3] = (p[3] as number) | 0x80;
    return all;
  }],
];

describe("checkTr101290()", () => {
  test("says nothing of a sound stream", () => {
    const report = checkTr101290(good, { accuracyNanos: 500 });
    expect([...report.first]).toEqual([]);
    expect(report.pcrInterval).toBeGreaterThan(5);
  });

  for (const [error, name, damage] of damages) {
    test(`says ${error} when ${name}`, () => {
      const report = checkTr101290(joinBytes(damage(packets())), { accuracyNanos: 500, pidMillis: 1000 });
      expect([...report.errors.keys()]).toContain(error);
    });
  }
});
