// The long run: `bun run tests/fuzz/long.ts --seconds 600 [--target NAME] [--seed N]`. Failing inputs are kept in tests/corpus/.
import { keepInput } from "./corpus.ts";
import { allTargets } from "./targets.ts";
import { runWatched } from "./watch.ts";

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

const seconds = Number(argument("seconds") ?? 60);
const seed = Number(argument("seed") ?? Date.now() % 0x100000000);
const wanted = argument("target");
const names = (await allTargets()).map((t) => t.name).filter((n) =>
  wanted === undefined || n.includes(wanted)
);
if (names.length === 0 || !(seconds > 0)) {
  console.error(
    `Expected --seconds N and the name of a target; known are ${(await allTargets()).map((t) => t.name)}`,
  );
  process.exit(2);
}
console.log(`${names.length} targets, ${seconds} s, seed ${seed}`);
let failed = 0;
// Rounds of about a second a target: each has its own seed, and a fault anywhere shows early.
const rounds = Math.max(1, Math.round(seconds / names.length));
const told = new Set<string>();
for (let round = 0; round < rounds; round++) {
  await runWatched(names, (seconds * 1000) / rounds / names.length, seed + round, (target, result) => {
    if (round === 0) console.log(`${target}: ${result.inputs} inputs, ${result.answers} kinds of answers`);
    for (const failure of result.failures) {
      if (told.has(failure.key)) continue;
      told.add(failure.key);
      failed++;
      console.log(`FAILED ${target}: ${failure.why}\n  ${keepInput(failure)}`);
    }
  });
}
console.log(`${failed} failures`);
process.exit(failed === 0 ? 0 : 1);
