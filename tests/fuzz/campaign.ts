import { INPUT_MAX, mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { seedsFor } from "./seeds.ts";
import { type Failure, type FuzzTarget, runInput, shrink } from "./target.ts";

/** Where a campaign writes what it is about to run, so that its watcher can tell which input does not come back. */
export interface Progress {
  begin(target: FuzzTarget, input: Uint8Array): void;
}

export interface CampaignResult {
  readonly inputs: number;
  /** Kinds of answers that were seen. */
  readonly answers: number;
  readonly failures: readonly Failure[];
}

/** Inputs that led to a new kind of answer are kept and mutated further: at most so many kinds. */
const POOL_MAX = 1000;
/** Seeds are also tried cut at every byte, up to this length. */
const CUT_MAX = 300;
/** Different failures of one target after which it is left alone. */
const FAILURES_MAX = 5;

/** Fires at one target for `millis`: its seeds, its seeds cut short, then mutations. Repeatable but for the time. */
export async function runCampaign(
  target: FuzzTarget,
  millis: number,
  seed: number,
  progress: Progress,
): Promise<CampaignResult> {
  const end = performance.now() + millis;
  const random = new Random(seed);
  const found = await seedsFor(target.source);
  const adapted = target.adapt === undefined ? found : found.map((s) => target.adapt?.(s) ?? s);
  const pool = [...target.seeds ?? [], ...target.combine?.(found) ?? [], ...adapted].filter((s) =>
    s.length <= INPUT_MAX
  );
  if (pool.length === 0) pool.push(new Uint8Array(16));
  const answers = new Set<string>();
  const failures = new Map<string, Failure>();
  let inputs = 0;
  const fire = (input: Uint8Array): boolean => {
    inputs++;
    progress.begin(target, input);
    let answer: unknown;
    const failure = runInput({ ...target, run: (bytes) => (answer = target.run(bytes)) }, input);
    if (failure !== undefined && !failures.has(failure.key)) {
      failures.set(failure.key, shrink(target, failure));
    }
    const kind = describeAnswer(answer);
    if (answers.size < POOL_MAX && !answers.has(kind)) {
      answers.add(kind);
      pool.push(input.slice());
    }
    return failures.size < FAILURES_MAX && performance.now() < end;
  };
  fire(new Uint8Array(0));
  let going = pool.slice().every((s) => fire(s.slice()));
  for (const s of pool.slice()) {
    if (s.length > CUT_MAX) continue;
    for (let length = 0; going && length < s.length; length++) going = fire(s.slice(0, length));
  }
  while (going) going = fire(mutate(random, pool));
  return { inputs, answers: answers.size, failures: [...failures.values()] };
}

/** Answers of one kind: texts with their numbers and quotes left out, values by the fields that they have. */
export function describeAnswer(answer: unknown, depth = 0): string {
  if (typeof answer === "string") return depth === 0 ? plain(answer) : "text";
  if (typeof answer !== "object" || answer === null || depth > 3) return typeof answer;
  if ("kind" in answer && "why" in answer) return `${answer.kind} ${plain(String(answer.why))}`;
  if (answer instanceof Uint8Array || answer instanceof Map || answer instanceof Set) return "some";
  if (Array.isArray(answer)) return `[${Math.min(answer.length, 3)} ${describeAnswer(answer[0], depth + 1)}]`;
  const fields = Object.entries(answer).filter(([, value]) => value !== undefined);
  return `{${fields.map(([name, value]) => `${name}:${describeAnswer(value, depth + 1)}`).join()}}`;
}

function plain(text: string): string {
  return text.replaceAll(/"[^"]*"?/g, '""').replaceAll(/\d+/g, "N").slice(0, 100);
}
