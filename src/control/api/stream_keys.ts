import { MASK, maskUrl } from "../../base/mask_url.ts";
import type { Plain, PlainMap } from "../../config/edit/plain.ts";
import type { OptionDescriptor } from "../../config/option.ts";
import { parseDuration, printDuration } from "../../config/option_value.ts";
import { ApiFailure, wrongValue } from "./api_failure.ts";
import { isObject, type JsonObject } from "./params.ts";

/**
 * Keys of a stream in the reference product's words, and in ours. Its durations are in milliseconds, but
 * `inputtimeout`, which is in seconds.
 */
const TRANSLATED: Readonly<Record<string, { readonly ours: string; readonly unit: "flag" | "ms" | "s" }>> = {
  always_on: { ours: "alwaysOn", unit: "flag" },
  DVR: { ours: "window", unit: "ms" },
  segmentsize: { ours: "segment", unit: "ms" },
  inputtimeout: { ours: "idle", unit: "s" },
};

/** What its clients send along that says how a stream runs, or tunes what is not tuned here. */
const IGNORED = new Set([
  "name",
  "online",
  "error",
  "meta",
  "health",
  "incomplete list",
  "stop_sessions",
  "debug",
  "pagetimeout",
  "maxkeepaway",
  "idleTime",
]);

/** A stream as a client gives it, to what the configuration says. Empty values count as left out. */
export function readStreamKeys(name: string, given: unknown): PlainMap {
  if (typeof given === "string") return { source: given };
  if (!isObject(given)) throw wrongValue(`streams.${name}`, "an object with the key source", given);
  const stream: Record<string, Plain> = {};
  for (const [key, value] of Object.entries(given)) {
    if (IGNORED.has(key) || isEmpty(value)) continue;
    const translated = Object.hasOwn(TRANSLATED, key) ? TRANSLATED[key] : undefined;
    const ours = translated?.ours ?? key;
    if (Object.hasOwn(stream, ours)) {
      throw new ApiFailure(400, `streams.${name}.${ours} is given twice`, { key: `streams.${name}.${ours}` });
    }
    stream[ours] = translated === undefined
      ? value as Plain
      : translate(`streams.${name}.${key}`, translated.unit, value);
  }
  return stream;
}

function translate(key: string, unit: "flag" | "ms" | "s", value: unknown): Plain {
  if (unit === "flag") return value === true || value === 1 || value === "1" || value === "true";
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) throw wrongValue(key, "a number", value);
  return printDuration(Math.round(unit === "ms" ? number : number * 1000));
}

/** False and 0 are values: they may differ from a default. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** A stream as written, in the reference product's words; what it has no word for stays ours. Secrets are masked. */
export function printStreamKeys(
  name: string,
  written: PlainMap,
  options: readonly OptionDescriptor[],
): JsonObject {
  const stream: Record<string, unknown> = { name };
  for (const [key, value] of Object.entries(hideSecrets(written, options))) {
    const found = Object.entries(TRANSLATED).find(([, { ours }]) => ours === key);
    if (found === undefined) stream[key] = value;
    else {
      const [theirs, { unit }] = found;
      stream[theirs] = unit === "flag" ? value : millisOf(value, unit);
    }
  }
  return stream;
}

function millisOf(value: Plain, unit: "ms" | "s"): unknown {
  const millis = parseDuration(String(value));
  if (millis === undefined) return value;
  return unit === "ms" ? millis : millis / 1000;
}

/** A mapping of options with credentials in URLs masked, and secrets whole. */
export function hideSecrets(written: PlainMap, options: readonly OptionDescriptor[]): PlainMap {
  const secret = new Set(options.filter((o) => o.type.kind === "secret").map((o) => o.name));
  return hide(written, secret) as PlainMap;
}

const SECRET_KEY = /password|passphrase|secret|token|md5/i;

function hide(value: Plain, secret: ReadonlySet<string>): Plain {
  if (typeof value === "string") return maskUrl(value);
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Plain) => hide(item, secret));
  const entries = Object.entries(value as PlainMap).map(([key, item]) => {
    if (key === "accounts" && typeof item === "object") return [key, hideAccounts(item, secret)] as const;
    const isSecret = (secret.has(key) || SECRET_KEY.test(key)) && typeof item !== "object";
    return [key, isSecret && !String(item).startsWith("!file ") ? MASK : hide(item, secret)] as const;
  });
  return Object.fromEntries(entries);
}

/** Accounts by name: where a text is all there is of one, it is the password. */
function hideAccounts(accounts: Plain, secret: ReadonlySet<string>): Plain {
  if (typeof accounts !== "object" || Array.isArray(accounts)) return hide(accounts, secret);
  const entries = Object.entries(accounts as PlainMap).map(([name, account]) =>
    [name, typeof account === "object" ? hide(account, secret) : MASK] as const
  );
  return Object.fromEntries(entries);
}
