import { expect, test } from "bun:test";
import { readProject } from "../architecture/read_files.ts";
import { untestedDecoders } from "../architecture/rules.ts";
import { findDecoders, readThrows } from "./discover.ts";
import { allTargets } from "./targets.ts";

/** Decoders that no target calls by name, and why that is well. */
const REACHED_THROUGH: Readonly<Record<string, string>> = {
  "src/wire/codec/whole_unit.ts": "wraps every decoder of parameter sets",
  "src/wire/protocol/hls/delivery_directives.ts":
    "takes a function; its values are bounded by the HTTP server",
};

test("every decoder of wire/ is under fire", async () => {
  const files = new Map(
    [...readProject()].filter(([path]) => path.startsWith("src/") || path === "tests/fuzz/targets.ts"),
  );
  // A file with a target counts as if targets.ts imported it.
  const sources = (await allTargets()).map((t) => `import "../../${t.source}";\n`).join("");
  files.set("tests/fuzz/targets.ts", sources + files.get("tests/fuzz/targets.ts"));
  const missing = untestedDecoders(files).map((line) => line.split(":")[0] as string);
  expect(missing.filter((path) => !Object.hasOwn(REACHED_THROUGH, path))).toEqual([]);
});

test("findDecoders() finds what takes bytes or a text alone", () => {
  const text = `
/** Reads it. Throws {@link Truncated} on bad input. */
export function decodeA(bytes: Uint8Array): Decoded<A> {}
/** Throws Truncated. */
const x = 1;
export function parseB(text: string): B {}
export function decodeC(bytes: Uint8Array, at = 0): Decoded<C> {}
export function decodeD(bytes: Uint8Array, sps: Sps): Decoded<D> {}
export function decodeE(reader: BitReader): E {}
export function describeF(
  bytes: Uint8Array,
): Decoded<F> {}
function decodeG(bytes: Uint8Array): G {}
export function encodeH(bytes: Uint8Array): H {}
// export function decodeI(bytes: Uint8Array): I {}
`;
  expect(findDecoders("f.ts", text).map((d) => [d.name, d.input, ...d.throws])).toEqual([
    ["decodeA", "bytes", "Truncated"],
    ["parseB", "text"],
    ["decodeC", "bytes"],
    ["describeF", "bytes"],
  ]);
});

test("readThrows() reads classes from comments as they are written here", () => {
  expect(readThrows(" Throws {@link Truncated} on bad input. The NAL unit is a view.")).toEqual([
    "Truncated",
  ]);
  expect(readThrows(" Throws Truncated or\n * RangeError where they are damaged.")).toEqual([
    "Truncated",
    "RangeError",
  ]);
  expect(readThrows(" Never throws. NAL units")).toEqual([]);
});
