import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import type { MuxFrame } from "../../../../src/wire/container/live_muxer.ts";
import { oggCrc32 } from "../../../../src/wire/container/ogg/crc32.ts";
import { OGG_FORMAT } from "../../../../src/wire/container/ogg/live.ts";
import { hex } from "../../codec/hex.ts";
import { writeGuarded } from "../live_media.ts";
import { sampleTrack } from "../random_frames.ts";
import { readOggPackets, readOggPages, serialsOf } from "./read_ogg.ts";

const opus = sampleTrack("opus");
const flac = sampleTrack("flac");
const ascii = (s: string) => Buffer.from(s).toString("hex");

/** A packet of Opus, 20 ms of it, of so many bytes. */
function packet(size: number, fill = 0xaa): Uint8Array {
  const data = new Uint8Array(size).fill(fill);
  data[0] = 0xfc;
  return data;
}

const frame = (more: Partial<MuxFrame> = {}): MuxFrame => ({
  ...{ track: 0, dts: 0, ptsOffset: 0, duration: 960, key: true, discontinuity: false, data: packet(3) },
  ...more,
});

test("oggCrc32() has the check value of its polynomial, neither reflected nor inverted", () => {
  const bytes = new TextEncoder().encode("x123456789x");
  expect(oggCrc32(bytes, 1, 10)).toBe(0x89a1897f);
});

describe("Opus, RFC 7845", () => {
  test("begins with a page for each header, byte for byte", () => {
    const header = OGG_FORMAT.open([opus]).header();
    expect(Buffer.from(header).toString("hex").replaceAll(/(?<=^.{44}).{8}|(?<=^.{138}).{8}/g, "--------"))
      .toBe(
        [
          // OggS, version, first page, granule, serial, sequence, check value, lacing
          ascii("OggS") + "00 02 0000000000000000 01000000 00000000 -------- 01 13",
          ascii("OggS") + "00 00 0000000000000000 01000000 01000000 -------- 01 17",
        ].map((page, i) =>
          page +
          (i === 0
            ? `${ascii("OpusHead")} 01 02 3801 80bb0000 0000 00`
            : `${ascii("OpusTags")} 07000000 ${ascii("fogcast")} 00000000`)
        ).join("").replaceAll(" ", ""),
      );
    expect(readOggPages(header).length).toBe(2); // check values and order
  });

  test("counts samples of 48 kHz to the end of each page's last packet", () => {
    const muxer = OGG_FORMAT.open([opus]);
    const file = joinBytes([
      muxer.header(),
      writeGuarded(muxer, [frame()]),
      writeGuarded(muxer, [frame({ dts: 960 }), frame({ dts: 1920 }), frame({ dts: 2880 })]),
      // Half a second was lost; the next packet holds 60 ms.
      writeGuarded(muxer, [frame({ dts: 27_840, data: hex("ff03aa") })]),
      muxer.trailer(),
    ]);
    const pages = readOggPages(file).slice(2);
    expect(pages.map((p) => [p.granule, p.packets.length, p.flags])).toEqual([
      [960n, 1, 0],
      [3840n, 3, 0],
      [30_720n, 1, 0],
      [30_720n, 0, 4],
    ]);
  });

  test("goes on for years: granule positions of more than 32 bits", () => {
    const muxer = OGG_FORMAT.open([opus]);
    const dts = 48_000 * 86_400 * 3650;
    const file = joinBytes([muxer.header(), writeGuarded(muxer, [frame({ dts })])]);
    expect(readOggPages(file).at(-1)?.granule).toBe(BigInt(dts + 960));
  });
});

describe("pages", () => {
  for (const size of [1, 254, 255, 256, 510, 65_024, 65_025, 65_026, 130_050, 200_000]) {
    test(`a packet of ${size} bytes comes back, by itself and between others`, () => {
      const muxer = OGG_FORMAT.open([opus]);
      const sent = [packet(10, 1), packet(size, 2), packet(255, 3), packet(size, 4)];
      const file = joinBytes([
        muxer.header(),
        writeGuarded(muxer, [frame({ data: packet(size) })]),
        writeGuarded(muxer, sent.map((data, i) => frame({ data, dts: 960 * (i + 1) }))),
      ]);
      const packets = readOggPackets(file, 1).slice(2);
      expect(packets.map((p) => p.data)).toEqual([packet(size), ...sent]);
      expect(packets.at(-1)?.granule).toBe(960n * 5n);
      const open = readOggPages(file).filter((p) => p.open);
      expect(open.map((p) => p.granule).filter((g) => g !== -1n && size >= 65_026)).toEqual([]);
    });
  }

  test("hold at most 255 lacing values: 300 packets of one group are two pages", () => {
    const muxer = OGG_FORMAT.open([opus]);
    const frames = Array.from({ length: 300 }, (_, i) => frame({ dts: i * 960 }));
    const file = joinBytes([muxer.header(), writeGuarded(muxer, frames)]);
    expect(readOggPages(file).slice(2).map((p) => [p.packets.length, p.granule])).toEqual([
      [255, 255n * 960n],
      [45, 300n * 960n],
    ]);
  });
});

test("FLAC begins as RFC 9639, 10.1, has it, and counts samples", () => {
  const muxer = OGG_FORMAT.open([flac]);
  const file = joinBytes([muxer.header(), writeGuarded(muxer, [frame({ dts: 8192, duration: 4096 })])]);
  const [head, comments, data] = readOggPackets(file, 1);
  expect(Buffer.from(head?.data ?? []).toString("hex")).toBe(
    `7f${ascii("FLAC")}01000001${ascii("fLaC")}000000221000100000001000 1000 0bb802f000000000${
      "00".repeat(16)
    }`
      .replaceAll(" ", ""),
  );
  expect(Buffer.from(comments?.data ?? []).toString("hex")).toBe(
    `8400000f07000000${ascii("fogcast")}00000000`,
  );
  expect(data?.granule).toBe(12_288n);
});

test("first pages of all streams stand before any other", () => {
  const header = OGG_FORMAT.open([opus, flac]).header();
  expect(readOggPages(header).map((p) => [p.serial, p.flags])).toEqual([[1, 2], [2, 2], [1, 0], [2, 0]]);
  expect(serialsOf(header)).toEqual([1, 2]);
});

test("what it carries", () => {
  expect(OGG_FORMAT.codecs.toSorted()).toEqual(["flac", "opus"]);
  expect(OGG_FORMAT.mimeType([opus])).toBe('audio/ogg; codecs="opus"');
  expect(OGG_FORMAT.refuse([sampleTrack("mp3")])).toBe("MPEG audio has no form in Ogg");
});
