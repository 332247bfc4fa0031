import { expect, test } from "bun:test";
import { Truncated } from "../../src/base/bytes.ts";
import { bad, more, ok } from "../../src/base/decoded.ts";
import { describeAnswer, runCampaign } from "./campaign.ts";
import { INPUT_MAX, mutate } from "./mutate.ts";
import { onePiece, printPieces, readPieces } from "./pieces.ts";
import { Random } from "./random.ts";
import { harvest } from "./seeds.ts";
import { type FuzzTarget, runInput, shrink } from "./target.ts";
import { runWatched } from "./watch.ts";

const target = (run: (bytes: Uint8Array) => unknown, throws: string[] = []): FuzzTarget => ({
  name: "sample",
  source: "src/wire/none/sample.ts",
  throws,
  run,
});
const INPUT = Uint8Array.of(1, 2, 3, 4);
const QUIET = { begin: () => undefined };

const faults: readonly [name: string, run: (bytes: Uint8Array) => unknown, why: string][] = [
  ["an error of no documented class", () => {
    throw new TypeError("x is undefined");
  }, "threw TypeError: x is undefined"],
  ["a thrown text", () => {
    throw "oops";
  }, "threw oops"],
  ["more used than there is", () => ok(1, 5), "used 5 of 4 bytes"],
  ["a negative use", () => ok(1, -1), "used -1 of 4 bytes"],
  ["a use that is no number", () => ok(1, NaN), "used NaN"],
  ["a wish for what is there", () => more(4), "needs 4 bytes, and has 4"],
  ["a wish beyond all numbers", () => more(2 ** 60), "needs"],
  ["a place far outside", () => bad(40, "x"), "bad at 40 of 4 bytes"],
  ["no reason", () => bad(0, ""), "without a reason"],
  ["slowness", () => {
    const end = performance.now() + 1050;
    while (performance.now() < end);
  }, " ms for 4 bytes"],
];

for (const [name, run, why] of faults) {
  test(`runInput() finds ${name}`, () => expect(runInput(target(run), INPUT)?.why).toContain(why));
}

test("runInput() takes an input for slow that is so twice", () => {
  let runs = 0;
  const stoodStill = target(() => {
    const end = performance.now() + (runs++ === 0 ? 1050 : 0);
    while (performance.now() < end);
  });
  expect(runInput(stoodStill, INPUT)).toBeUndefined();
  expect(runs).toBe(2);
});

test("runInput() lets the three answers and documented errors pass", () => {
  for (const answer of [ok(1, 4), ok(1, 0), more(5), bad(4, "x"), undefined, "text", [1]]) {
    expect(runInput(target(() => answer), INPUT)).toBeUndefined();
  }
  const throwing = target((b) => {
    throw new Truncated(9, 0, b.length);
  }, ["Truncated"]);
  expect(runInput(throwing, INPUT)).toBeUndefined();
  expect(runInput({ ...throwing, throws: [] }, INPUT)?.why).toContain("threw Truncated");
});

test("shrink() cuts away what the failure does not need", () => {
  const picky = target((bytes) => {
    if (bytes.includes(0x47)) throw new TypeError("sync");
  });
  const input = Uint8Array.from({ length: 1000 }, (_, i) => i === 700 ? 0x47 : 0);
  const failure = runInput(picky, input);
  if (failure === undefined) throw new Error("expected a failure");
  expect(shrink(picky, failure).input).toEqual(Uint8Array.of(0x47));
});

test("a campaign finds a fault behind two lengths, from a seed that is well", async () => {
  const nested: FuzzTarget = {
    ...target((bytes) => {
      if (bytes.length < 4) return more(4);
      if (bytes[0] !== 0x47) return bad(0, "no sync byte");
      if ((bytes[1] as number) > bytes.length) return bad(1, "length beyond the end");
      if (bytes[2] === 0xff && (bytes[3] as number) > 0x7f) throw new TypeError("deep");
      return ok(bytes[2], 4);
    }),
    seeds: [Uint8Array.of(0x47, 4, 1, 1, 0)],
  };
  // how far a campaign comes in its time is the machine's matter
  let result = await runCampaign(nested, 1000, 1, QUIET);
  for (let seed = 2; seed < 7 && result.failures.length === 0; seed++) {
    result = await runCampaign(nested, 500 * 2 ** seed, seed, QUIET);
  }
  expect(result.failures.map((f) => f.why.slice(0, 20))).toEqual(["threw TypeError: dee"]);
  expect(result.answers).toBeGreaterThan(3);
}, 120_000);

test("a campaign says nothing of a decoder that is well", async () => {
  const result = await runCampaign(target((b) => b.length < 9 ? more(9) : ok(b[8], 9)), 1000, 1, QUIET);
  expect(result.failures).toEqual([]);
  expect(result.inputs).toBeGreaterThan(100);
});

test("runWatched() ends what does not come back, keeps its input, and goes on behind it", async () => {
  const url = new URL("./hanging_worker.ts", import.meta.url).href;
  const { results } = await runWatched(["a", "hangs", "b"], 10, 1, undefined, url, 500);
  expect([...results.keys()]).toEqual(["a", "hangs", "b"]);
  expect(results.get("hangs")?.failures[0]?.why).toBe("did not come back within 500 ms");
  expect(results.get("hangs")?.failures[0]?.input).toEqual(Uint8Array.of(1, 2, 3));
  expect(results.get("b")?.failures).toEqual([]);
}, 30_000);

test("mutate() repeats with the same seed, differs with another, and is bounded", () => {
  const pool = [Uint8Array.from({ length: 64 }, (_, i) => i), new Uint8Array(0), new Uint8Array(INPUT_MAX)];
  const series = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 500 }, () => mutate(random, pool));
  };
  expect(series(1)).toEqual(series(1));
  expect(series(1)).not.toEqual(series(2));
  expect(Math.max(...series(3).map((b) => b.length))).toBeLessThanOrEqual(INPUT_MAX);
  expect(pool[0]).toEqual(Uint8Array.from({ length: 64 }, (_, i) => i));
});

test("readPieces() reads what printPieces() wrote, and any other input", () => {
  const pieces = [{ flags: 1, bytes: Uint8Array.of(1, 2) }, { flags: 255, bytes: new Uint8Array(300) }];
  expect(readPieces(printPieces(pieces))).toEqual(pieces);
  expect(readPieces(onePiece(INPUT))).toEqual([{ flags: 1, bytes: INPUT }]);
  expect(readPieces(new Uint8Array(0))).toEqual([]);
  expect(readPieces(Uint8Array.of(7, 0xff, 0xff, 1))).toEqual([{ flags: 7, bytes: Uint8Array.of(1) }]);
  expect(readPieces(new Uint8Array(5000)).length).toBe(256);
});

test("harvest() takes byte lists, hexadecimal and plain texts from a source file", () => {
  const found: string[] = [];
  const text = 'x([0x01, 2, 255, 0x04]); of(1, 2, 3, 4,); "0000 01 65"; "v=0\\r\\nm=x"; "ab"; [1, 2, 3, 999]';
  harvest(text, (bytes) => found.push(bytes.join()));
  const text8 = (s: string) => new TextEncoder().encode(s).join();
  expect(found.sort()).toEqual(
    ["1,2,255,4", "1,2,3,4", "0,0,1,101", text8("0000 01 65"), text8("v=0\r\nm=x")].sort(),
  );
});

test("describeAnswer() tells kinds of answers apart, and not their numbers", () => {
  expect(describeAnswer(bad(3, "length 7 is odd"))).toBe(describeAnswer(bad(4, "length 9 is odd")));
  expect(describeAnswer(bad(3, "length"))).not.toBe(describeAnswer(bad(3, "size")));
  expect(describeAnswer(ok({ a: 1 }, 3))).toBe(describeAnswer(ok({ a: 2 }, 4)));
  expect(describeAnswer(ok({ a: 1 }, 3))).not.toBe(describeAnswer(ok({ a: 1, b: [] }, 3)));
});
