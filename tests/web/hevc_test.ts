import { describe, expect, test } from "bun:test";
import { isIdr, pictureKind, readHvcC, toAnnexB } from "../../src/web/player/hevc/annex_b.ts";
import { Backlog } from "../../src/web/player/hevc/backlog.ts";
import { toRgba } from "../../src/web/player/hevc/yuv.ts";

/** A NAL unit header of ITU-T H.265, 7.3.1.2, with one byte of content. */
const unit = (type: number, ...rest: number[]) => [type << 1, 1, ...rest];
const prefixed = (...units: number[][]) => Uint8Array.from(units.flatMap((u) => [0, 0, 0, u.length, ...u]));

describe("H.265 out of MP4", () => {
  test("readHvcC() gives VPS, SPS and PPS with start codes", () => {
    const head = Array(21).fill(0);
    const config = Uint8Array.from([
      ...head,
      0xff,
      2,
      0x20,
      0,
      1,
      0,
      2,
      64,
      1,
      0x21,
      0,
      2,
      0,
      1,
      66,
      0,
      2,
      66,
      9,
    ]);
    const { parameterSets, lengthSize } = readHvcC(config);
    expect(lengthSize).toBe(4);
    expect([...parameterSets]).toEqual([0, 0, 0, 1, 64, 1, 0, 0, 0, 1, 66, 0, 0, 0, 1, 66, 9]);
  });
  test("toAnnexB() puts start codes in the place of lengths, short ones too", () => {
    expect([...toAnnexB(prefixed(unit(19, 5), unit(1)), 4)]).toEqual([
      0,
      0,
      0,
      1,
      38,
      1,
      5,
      0,
      0,
      0,
      1,
      2,
      1,
    ]);
    expect([...toAnnexB(Uint8Array.of(0, 2, 38, 1), 2)]).toEqual([0, 0, 0, 1, 38, 1]);
  });
  for (
    const [name, type, entry, disposable, skippedLeading] of [
      ["TRAIL_N", 0, false, true, false],
      ["TRAIL_R", 1, false, false, false],
      ["RASL_N", 8, false, true, true],
      ["RASL_R", 9, false, false, true],
      ["IDR_W_RADL", 19, true, false, false],
      ["CRA_NUT", 21, true, false, false],
    ] as const
  ) {
    test(`pictureKind() knows ${name}, after an SEI message`, () => {
      const data = prefixed(unit(39, 1), unit(type, 2));
      expect(pictureKind(data, 4)).toEqual({ entry, disposable, skippedLeading });
      expect(isIdr(data, 4)).toBe(type === 19);
    });
  }
});

describe("Backlog stays in real time", () => {
  const picture = (pts: number, kind: "key" | "needed" | "disposable" | "leading" = "needed") => ({
    pts,
    entry: kind === "key",
    disposable: kind === "disposable",
    skippedLeading: kind === "leading",
    data: new Uint8Array(),
  });
  const drain = (backlog: Backlog) => {
    const out: number[] = [];
    for (let next = backlog.next(); next !== undefined; next = backlog.next()) out.push(next.pts);
    return out;
  };

  test("begins at a key frame, without what leads it", () => {
    const backlog = new Backlog();
    for (const p of [picture(0), picture(0.1, "key"), picture(0.05, "leading"), picture(0.2)]) {
      backlog.push(p);
    }
    expect(drain(backlog)).toEqual([0.1, 0.2]);
    expect(backlog.dropped).toBe(2);
  });
  test("a little late: without pictures that nothing refers to", () => {
    const backlog = new Backlog();
    backlog.push(picture(0, "key"));
    for (let i = 1; i <= 10; i++) backlog.push(picture(i / 25, i % 2 === 1 ? "disposable" : "needed"));
    // from 0.2 s on it has caught up and takes all again
    expect(drain(backlog)).toEqual([0, 2, 4, 5, 6, 7, 8, 9, 10].map((i) => i / 25));
  });
  test("later: on from the newest key frame", () => {
    const backlog = new Backlog();
    for (let i = 0; i <= 60; i++) backlog.push(picture(i / 25, i % 25 === 0 ? "key" : "needed"));
    expect(backlog.next()?.pts).toBe(2);
    expect(backlog.dropped).toBe(50);
  });
  test("far too late without a key frame: waits for the next", () => {
    const backlog = new Backlog();
    backlog.push(picture(0, "key"));
    expect(backlog.next()?.pts).toBe(0);
    for (let i = 1; i <= 75; i++) backlog.push(picture(i / 25));
    expect(backlog.next()).toBeUndefined();
    backlog.push(picture(3.1));
    backlog.push(picture(3.2, "key"));
    expect(drain(backlog)).toEqual([3.2]);
  });
});

describe("toRgba()", () => {
  /** ffmpeg -f lavfi -i color=NAME -pix_fmt yuv420p: the samples, and what they came from. */
  for (
    const [name, y, u, v, rgb] of [
      ["black", 16, 128, 128, [0, 0, 0]],
      ["white", 235, 128, 128, [255, 255, 255]],
      ["red", 81, 91, 240, [255, 0, 0]],
      ["lime", 145, 54, 34, [0, 255, 0]],
      ["blue", 41, 240, 110, [0, 0, 255]],
      ["gray", 126, 128, 128, [128, 128, 128]],
    ] as const
  ) {
    for (const bitDepth of [8, 10]) {
      test(`gives ${name} of ${bitDepth} bits, without the padding of rows`, () => {
        const up = (value: number) => value << (bitDepth - 8);
        const planes = {
          y: Uint16Array.of(up(y), up(y), 0, up(y), up(y), 0),
          cb: Uint16Array.of(up(u), 0),
          cr: Uint16Array.of(up(v), 0),
          ...{ width: 2, height: 2, strideY: 3, strideC: 2, chromaWidth: 1, chromaHeight: 1, bitDepth },
        };
        const out = new Uint8ClampedArray(16);
        toRgba(planes, out);
        for (let at = 0; at < 16; at += 4) {
          for (const [i, want] of rgb.entries()) expect(Math.abs((out[at + i] ?? 0) - want)).toBeLessThan(4);
          expect(out[at + 3]).toBe(255);
        }
      });
    }
  }
});
