import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { encodeObu } from "../../../../src/wire/codec/av1/obu.ts";
import { addEmulation } from "../../../../src/wire/codec/nal.ts";
import { splitTsObus } from "../../../../src/wire/container/ts/demux/av1_stream.ts";
import { hex } from "../../codec/hex.ts";
import { makeClip } from "../mp4/peer_media.ts";
import { accessUnits, av1Ts, type Av1TsOptions } from "./av1_ts.ts";
import { demux, mark } from "./ts_media.ts";

const clip = makeClip("av1");
const samples = clip.samples.map((s) => s.data);

describe("AV1 in transport streams", () => {
  const forms: readonly (readonly [string, Av1TsOptions])[] = [
    ["OBUs with their lengths, as it is recommended", { sized: true, delimiters: true }],
    ["OBUs without lengths and delimiters", {}],
    ["temporal units without start codes, as a first draft had them", { plain: true }],
  ];
  for (const [what, o] of forms) {
    test(`${what}: the very temporal units of SVT-AV1, at their times`, () => {
      const keeper = demux(av1Ts(samples, o), 1316);
      expect(keeper.mishaps).toEqual([]);
      expect(keeper.programs[0]?.streams.map((s) => s.codec)).toEqual(["av1"]);
      expect([...keeper.tracks.values()].at(-1)).toMatchObject({
        kind: "video",
        codec: "av1",
        codecString: clip.track.codecString,
        width: 320,
        height: 180,
      });
      const frames = keeper.of("av1");
      expect(frames.map((f) => mark(f.data))).toEqual(samples.map(mark));
      expect(frames.map((f) => f.key)).toEqual(clip.samples.map((s) => s.key));
      expect(frames.map((f) => Number(f.dts))).toEqual(samples.map((_, n) => 90_000 + 3600 * n));
      expect(new Set(frames.map((f) => f.ptsOffset))).toEqual(new Set([0]));
    });
  }

  test("the clip has pictures that are not shown: several access units for some temporal units", () => {
    expect(Math.max(...samples.map((s) => accessUnits(s).length))).toBeGreaterThan(3);
  });

  test("a lost packet drops its picture and all up to the next key frame, hidden ones too", () => {
    const key = clip.samples.findIndex((s, i) => i > 0 && s.key);
    const ts = av1Ts(samples);
    const packets = ts.length / 188;
    for (const lost of [3, Math.floor(packets / 8), Math.floor(packets / 4)]) {
      const cut = new Uint8Array(ts.length - 188);
      cut.set(ts.subarray(0, lost * 188));
      cut.set(ts.subarray((lost + 1) * 188), lost * 188);
      const kept = demux(cut).of("av1");
      const before = kept.filter((f) => f.dts < 90_000 + 3600 * key);
      // what came before the gap is whole and in order, and nothing follows it before the key frame
      expect(before.map((f) => mark(f.data))).toEqual(samples.slice(0, before.length).map(mark));
      expect(kept.slice(before.length).map((f) => mark(f.data))).toEqual(samples.slice(key).map(mark));
    }
  });

  test("pictures that are never shown are dropped when the next temporal unit begins", () => {
    const { mishaps, of } = withoutShown();
    expect(mishaps).toContain("ts damaged: track 0: picture that is not shown");
    expect(of.map(mark)).toEqual([samples[0]!].map(mark));
  });
});

/** The first temporal unit, the hidden pictures of the second, and the third. */
function withoutShown() {
  const hidden = samples.findIndex((s) => accessUnits(s).length > 1);
  const parts = accessUnits(samples[hidden]!);
  const cut = joinBytes(parts.slice(0, -1).flatMap((unit) => unit.map(encodeObu)));
  const keeper = demux(av1Ts([samples[0]!, cut, samples[hidden + 1]!], { delimiters: true, sized: true }));
  return { mishaps: keeper.mishaps, of: keeper.of("av1").map((f) => f.data) };
}

describe("splitTsObus()", () => {
  const split = (text: string) => splitTsObus(hex(text)).map((unit) => Buffer.from(unit).toString("hex"));
  for (
    const [what, bytes, units] of [
      ["units behind start codes", "000001 1200 000001 0a0b0c", ["1200", "0a0b0c"]],
      ["zeros at the end of a unit", "000001 320500 000001 1200", ["320500", "1200"]],
      ["a start code of four bytes", "00000001 1200", ["1200"]],
      ["emulation prevention", "000001 32 000003 01 000003 00 000003 03", [
        "32" + "000001" + "000000" + "000003",
      ]],
      ["the low overhead format", "1200 0a0b", ["12000a0b"]],
      ["a start code alone", "000001", []],
      ["nothing", "", []],
    ] as const
  ) {
    test(what, () => expect(split(bytes)).toEqual([...units]));
  }
  test("what addEmulation() made comes back", () => {
    const bytes = Uint8Array.from({ length: 4000 }, (_, i) => [0, 0, 3, 1, 2, 7][(i * i) % 6]!);
    expect(splitTsObus(Uint8Array.of(0, 0, 1, ...addEmulation(bytes)))).toEqual([bytes]);
  });
});
