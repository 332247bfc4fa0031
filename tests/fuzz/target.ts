/** One decoder under fire. */
export interface FuzzTarget {
  /** Name of its folder in `tests/corpus/`: letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  /** Source file, for the seeds: those of the tests that mirror it. */
  readonly source: string;
  /** Names of the error classes that its documentation says it throws; `Truncated` among them where it does. */
  readonly throws: readonly string[];
  /** Inputs to begin with, besides those found in the tests. */
  readonly seeds?: readonly Uint8Array[];
  /** Makes an input of a seed found in the tests, where inputs have a form of their own. */
  adapt?(seed: Uint8Array): Uint8Array;
  /** Inputs made of all seeds together, for decoders that want several pieces to come to anything. */
  readonly combine?: ((seeds: readonly Uint8Array[]) => Uint8Array[]) | undefined;
  /** Feeds one input. An answer with a `kind` of the three is checked for sense; anything else is not looked at. */
  run(bytes: Uint8Array): unknown;
}

/** What an input did wrong. */
export interface Failure {
  readonly target: string;
  readonly input: Uint8Array;
  readonly why: string;
  /** Failures of one cause have one key. */
  readonly key: string;
}

/** Longest time that one input of at most 16 KiB may take, in milliseconds. The machine may be busy. */
export const SLOW_MILLIS = 1000;
/** Most memory that one input may take, in bytes. */
export const MEMORY_MAX = 128 * 1024 * 1024;
/** Runs shorter than this cannot have taken much memory, so it is not measured. */
const MEASURED_MILLIS = 5;

/** A reader that skips a header it was promised stops so many bytes behind the end at most. */
const BEHIND_MAX = 8;

/** Runs one input; undefined when all is well. */
export function runInput(target: FuzzTarget, input: Uint8Array): Failure | undefined {
  const fail = (why: string, key = why.replaceAll(/\d+/g, "N")): Failure => ({
    target: target.name,
    input: input.slice(),
    why,
    key: `${target.name}: ${key}`,
  });
  const before = process.memoryUsage.rss();
  const began = performance.now();
  let answer: unknown;
  try {
    answer = target.run(input);
  } catch (thrown) {
    if (!(thrown instanceof Error)) return fail(`threw ${String(thrown)}`);
    if (target.throws.includes(thrown.constructor.name)) return undefined;
    const where = thrown.stack?.split("\n").find((line) => line.includes("/src/"))?.trim() ?? "";
    return fail(
      `threw ${thrown.constructor.name}: ${thrown.message} ${where}`,
      `${thrown.constructor.name} ${where}`,
    );
  }
  let took = performance.now() - began;
  // a machine that stood still does so once, a slow decoder again
  if (took > SLOW_MILLIS) took = Math.min(took, again(target, input));
  if (took > SLOW_MILLIS) return fail(`took ${Math.round(took)} ms for ${input.length} bytes`);
  if (took > MEASURED_MILLIS && process.memoryUsage.rss() - before > MEMORY_MAX) {
    return fail(`took more than ${MEMORY_MAX} bytes of memory for ${input.length} bytes`);
  }
  const wrong = wrongAnswer(answer, input.length);
  return wrong === undefined ? undefined : fail(wrong);
}

/** Time that the same input takes once more, milliseconds. */
function again(target: FuzzTarget, input: Uint8Array): number {
  const began = performance.now();
  try {
    target.run(input);
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown; // it answered before
  }
  return performance.now() - began;
}

/** What makes no sense in one of the three answers to `length` bytes. */
function wrongAnswer(answer: unknown, length: number): string | undefined {
  if (typeof answer !== "object" || answer === null || !("kind" in answer)) return undefined;
  const within = (n: unknown) => Number.isInteger(n) && Number(n) >= 0 && Number(n) <= length;
  if (answer.kind === "ok" && "used" in answer) {
    return within(answer.used) ? undefined : `used ${answer.used} of ${length} bytes`;
  }
  if (answer.kind === "more" && "need" in answer) {
    const grows = Number.isSafeInteger(answer.need) && Number(answer.need) > length;
    return grows ? undefined : `needs ${answer.need} bytes, and has ${length}`;
  }
  if (answer.kind === "bad" && "at" in answer && "why" in answer) {
    const near = Number.isInteger(answer.at) && Number(answer.at) >= 0 &&
      Number(answer.at) <= length + BEHIND_MAX;
    if (!near) return `bad at ${answer.at} of ${length} bytes`;
    return typeof answer.why === "string" && answer.why !== "" ? undefined : "bad without a reason";
  }
  return undefined;
}

/** A shorter input that fails for the same reason; spends at most `tries` runs. */
export function shrink(target: FuzzTarget, failure: Failure, tries = 500): Failure {
  let best = failure;
  let left = tries;
  for (let piece = best.input.length >> 1; piece > 0 && left > 0; piece >>= 1) {
    for (let at = 0; at < best.input.length && left > 0; left--) {
      const { input } = best;
      const shorter = new Uint8Array(Math.max(0, input.length - piece));
      if (shorter.length === 0) break;
      shorter.set(input.subarray(0, Math.min(at, shorter.length)));
      shorter.set(input.subarray(at + piece), Math.min(at, shorter.length));
      const again = runInput(target, shorter);
      if (again?.key === failure.key) best = again;
      else at += piece;
    }
  }
  return best;
}
