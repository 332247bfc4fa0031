import { expect, test } from "bun:test";
import { readCorpus } from "./corpus.ts";
import { runInput } from "./target.ts";
import { allTargets } from "./targets.ts";

const targets = new Map((await allTargets()).map((t) => [t.name, t]));

test("every folder of the corpus belongs to a target", () => {
  expect([...new Set(readCorpus().map((c) => c.target))].filter((name) => !targets.has(name))).toEqual([]);
});

for (const { target, name, input } of readCorpus()) {
  test(`${target} bears ${name}`, () => {
    const found = targets.get(target);
    if (found !== undefined) expect(runInput(found, input)?.why).toBeUndefined();
  });
}
