import { expect, test } from "bun:test";
import { fmtpHex, fmtpInteger } from "../../../../src/wire/protocol/rtp/format.ts";
import {
  h264ParameterSets,
  h265ParameterSets,
  SPROP_MAX,
} from "../../../../src/wire/protocol/rtp/parameter_sets.ts";
import { format } from "./depacketize/collect.ts";

const base64 = (...bytes: number[]) => btoa(String.fromCharCode(...bytes));
const sets = (sprop: string) =>
  h264ParameterSets(format("H264", 90_000, { "sprop-parameter-sets": sprop })).map((s) => [...s]);

const SPS = [0x67, 1, 2, 3];
const PPS = [0x68, 4];

const h264: readonly (readonly [string, string, number[][]])[] = [
  ["two sets", `${base64(...SPS)},${base64(...PPS)}`, [SPS, PPS]],
  ["blanks, quotes and a comma at the end", ` "${base64(...SPS)}" , ${base64(...PPS)},`, [SPS, PPS]],
  ["no padding", `${base64(...SPS).replace(/=/g, "")},${base64(...PPS).replace(/=/g, "")}`, [SPS, PPS]],
  [
    "GW Security: a start code behind each set",
    `${base64(...SPS, 0, 0, 0, 1)},${base64(...PPS, 0, 0, 0, 1)}`,
    [SPS, PPS],
  ],
  ["a start code before each set", `${base64(0, 0, 0, 1, ...SPS)},${base64(0, 0, 1, ...PPS)}`, [SPS, PPS]],
  ["both sets in one piece", base64(0, 0, 0, 1, ...SPS, 0, 0, 0, 1, ...PPS), [SPS, PPS]],
  ["Sony SNC-WR630: zeros at the end", base64(...PPS, 0, 0, 0), [PPS]],
  ["Tapo C200: (null),(null)", "(null),(null)", []],
  ["nothing", "", []],
  ["a length that base64 cannot have", "Z0IAK", []],
];

for (const [name, sprop, expected] of h264) {
  test(`h264ParameterSets() reads ${name}`, () => expect(sets(sprop)).toEqual(expected));
}

test("h264ParameterSets() does not look at texts above its limit", () => {
  expect(sets("Z0Io".repeat(SPROP_MAX / 4)).length).toBe(1);
  expect(sets("Z0Io".repeat(SPROP_MAX / 4 + 1))).toEqual([]);
});

const VPS5 = [0x40, 1, 12];
const SPS5 = [0x42, 1, 1];
const PPS5 = [0x44, 1, 9];
const sets5 = (fmtp: Record<string, string>) =>
  h265ParameterSets(format("H265", 90_000, fmtp)).map((s) => [...s]);

test("h265ParameterSets() reads all three, in any order of the parameters", () => {
  const fmtp = { "sprop-sps": base64(...SPS5), "sprop-pps": base64(...PPS5), "sprop-vps": base64(...VPS5) };
  expect(sets5(fmtp)).toEqual([VPS5, SPS5, PPS5]);
});

test("h265ParameterSets() leaves two of three alone", () => {
  expect(sets5({ "sprop-sps": base64(...SPS5), "sprop-pps": base64(...PPS5) })).toEqual([]);
});

test("h265ParameterSets() reads Anjvision's Annex B configuration where the others are missing", () => {
  expect(sets5({ config: "0000000140010c" + "0000000142010100" + "00000001440109" })).toEqual([
    VPS5,
    SPS5,
    PPS5,
  ]);
});

test("fmtp values", () => {
  const f = format("X", 1, { a: "13", b: " 7 ", c: "-1", d: "1e3", h: '"1408"', odd: "140", bad: "xy" });
  expect(["a", "b", "c", "d", "missing"].map((k) => fmtpInteger(f, k, 99))).toEqual([13, 7, 99, 99, 99]);
  expect(fmtpHex(f, "h")).toEqual(Uint8Array.from([0x14, 0x08]));
  expect(["odd", "bad", "missing"].map((k) => fmtpHex(f, k))).toEqual([undefined, undefined, undefined]);
});
