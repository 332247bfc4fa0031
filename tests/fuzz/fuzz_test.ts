import { expect, test } from "bun:test";
import { keepInput } from "./corpus.ts";
import { allTargets } from "./targets.ts";
import { runWatched } from "./watch.ts";

/** Time for all targets together, in milliseconds. Another seed each day, the same for everyone that day. */
const BUDGET = 6000;
const SEED = Math.floor(Date.now() / 86_400_000);

test("no decoder answers anything but its three answers to damaged input", async () => {
  const names = (await allTargets()).map((t) => t.name);
  expect(names.length).toBeGreaterThan(20);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[\w.-]+$/);
  const { results } = await runWatched(names, BUDGET / names.length, SEED);
  const failures = [...results.values()].flatMap((r) => r.failures);
  expect(failures.map((f) => `${f.target}: ${f.why}; kept as ${keepInput(f)}`)).toEqual([]);
  expect([...results.keys()].sort()).toEqual([...names].sort());
  for (const [, result] of results) expect(result.inputs).toBeGreaterThan(0);
}, 90_000);
