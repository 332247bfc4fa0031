import type { OptionDescriptor, OptionValue, PushDescriptor } from "./option.ts";
import { describeType, parseOption } from "./option_value.ts";
import { didYouMean } from "./suggest.ts";
import { looseScalar } from "./tree.ts";

/** Longest target that is taken. */
export const PUSH_TARGET_MAX = 4096;

/** Parameters of every push: which tracks it sends. See `media/select/`. */
export const SELECT_PARAMETERS = ["audio", "video", "subtitle", "meta", "track"] as const;

/** A target taken apart. */
export interface PushTarget {
  /** Name of the push that sends there. */
  readonly kind: string;
  /** Without parameters; holds credentials where there are any. */
  readonly url: string;
  /** Every option of the push, decided. */
  readonly values: Readonly<Record<string, OptionValue>>;
  /** The parameters of {@link SELECT_PARAMETERS} that were given. */
  readonly select: Readonly<Record<string, string>>;
}

/**
 * Takes a target apart: the URL, and behind its last `?` the parameters, which are refused where the push has none of
 * that name. `kind:` before the target chooses a push by name. Answers what is wrong as a text.
 */
export function parsePushTarget(text: string, pushes: readonly PushDescriptor[]): PushTarget | string {
  const target = text.trim();
  if (target === "" || target.length > PUSH_TARGET_MAX) {
    return `expected the target of a push of at most ${PUSH_TARGET_MAX} characters`;
  }
  const query = target.lastIndexOf("?");
  const whole = query < 0 ? target : target.slice(0, query);
  const named = pushes.find((p) =>
    whole.startsWith(`${p.name}:`) && p.pattern.test(whole.slice(p.name.length + 1))
  );
  const url = named === undefined ? whole : whole.slice(named.name.length + 1);
  const push = named ?? pushes.find((p) => p.pattern.test(url));
  if (push === undefined) {
    const known = pushes.map((p) => `${p.name} (${p.example})`).join(", ");
    return `expected the target of a push: ${known}`;
  }
  const wrong = push.refuse?.(url);
  if (wrong !== undefined) return `expected ${wrong}`;
  const select: Record<string, string> = {};
  const values: Record<string, OptionValue> = {};
  for (const option of push.options) if (option.default !== undefined) values[option.name] = option.default;
  for (const [name, given] of new URLSearchParams(query < 0 ? "" : target.slice(query + 1))) {
    if ((SELECT_PARAMETERS as readonly string[]).includes(name)) {
      select[name] = given;
      continue;
    }
    const wanted = name.toLowerCase();
    const option = push.options.find((o) => o.name.toLowerCase() === wanted || o.also?.includes(wanted));
    if (option === undefined) return unknownParameter(push, name);
    const value = parseOption(option.type, looseScalar(given, "the target"));
    if (value === undefined) {
      return `${name}: expected ${describeType(option.type)}, got ${JSON.stringify(given)}`;
    }
    values[option.name] = value;
  }
  const unfit = push.refuseValues?.(url, values);
  if (unfit !== undefined) return unfit;
  return { kind: push.name, url, values, select };
}

function unknownParameter(push: PushDescriptor, name: string): string {
  const known = [...push.options.map((o: OptionDescriptor) => o.name), ...SELECT_PARAMETERS];
  const hint = didYouMean(name, known) || `, known are ${known.join(", ")}`;
  return `${push.name} has no parameter ${JSON.stringify(name)}${hint}`;
}
