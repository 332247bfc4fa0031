import type { Codec } from "../../../media/codec.ts";
import { codecOfName } from "../info/codec_names.ts";

/** Longest command, characters. */
export const COMMAND_MAX = 16 * 1024;
/** Most tracks that are looked at in one command. */
const TRACKS_MAX = 64;
/** Most codecs that are looked at in one command. */
const CODECS_MAX = 256;

/** Where to go: milliseconds of the stream, the newest, or Unix milliseconds (below the year 2000: from now on). */
export type SeekTarget =
  | { readonly kind: "live" }
  | { readonly kind: "time"; readonly millis: number }
  | { readonly kind: "unix"; readonly millis: number };

/** Selectors by kind; `null` is the default again. Kinds not in it stay as they are. */
export type TrackWish = { readonly [kind in "video" | "audio" | "subtitle" | "meta"]?: string | null };

/** What a viewer asks for. */
export type Command =
  | { readonly type: "codecs"; readonly codecs: ReadonlySet<Codec> | undefined }
  /** Live, behind what another connection sent last: decoding times in ticks, by number of the track. */
  | {
    readonly type: "continue";
    readonly codecs: ReadonlySet<Codec> | undefined;
    readonly wish: TrackWish;
    readonly after: ReadonlyMap<number, number>;
  }
  | { readonly type: "play"; readonly seek: SeekTarget | undefined }
  | { readonly type: "pause" | "hold" | "stop" }
  | { readonly type: "seek"; readonly seek: SeekTarget; readonly forwardTo: number | undefined }
  | { readonly type: "tracks"; readonly wish: TrackWish; readonly seek: SeekTarget | undefined }
  /** 0: auto. */
  | { readonly type: "speed"; readonly rate: number }
  | { readonly type: "forward"; readonly to: number }
  /** Cannot be followed; `about` is the command's own name, undefined where it has none. */
  | { readonly type: "bad"; readonly about: string | undefined; readonly why: string };

/** Most and least speed other than auto. */
export const RATE_MAX = 64;
const RATE_MIN = 0.01;

/** Reads a command as players of the reference product send it. */
export function parseCommand(text: string): Command {
  const given = parseObject(text);
  if (given === undefined) return bad(undefined, "expected an object with a type");
  const { type } = given;
  switch (type) {
    case "request_codec_data":
      return { type: "codecs", codecs: parseCodecs(given) };
    case "continue":
      return { type, codecs: parseCodecs(given), wish: parseWish(given), after: parsePlaces(given["after"]) };
    case "play":
      return { type, seek: parseSeek(given) };
    case "pause":
    case "hold":
    case "stop":
      return { type };
    case "seek": {
      const seek = parseSeek(given);
      if (seek === undefined) return bad(type, "seek_time missing");
      return { type, seek, forwardTo: parseNumber(given["ff_to"]) };
    }
    case "tracks":
      return { type, wish: parseWish(given), seek: parseSeek(given) };
    case "set_speed":
      return parseSpeed(given["play_rate"]);
    case "fast_forward": {
      const to = parseNumber(given["ff_to"]);
      return to === undefined
        ? bad("warning", "Ignored fast_forward command: ff_to property missing")
        : { type: "forward", to };
    }
  }
  return bad(
    undefined,
    typeof type === "string" ? `unknown command ${type.slice(0, 40)}` : "type field missing from command",
  );
}

function bad(about: string | undefined, why: string): Command {
  return { type: "bad", about, why };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (text.length > COMMAND_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch (e) {
    if (e instanceof SyntaxError) return undefined;
    throw e;
  }
}

function parseNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function parseSeek(given: Record<string, unknown>): SeekTarget | undefined {
  if (given["seek_time"] === "live") return { kind: "live" };
  const unix = parseNumber(given["unix"]);
  if (unix !== undefined) return { kind: "unix", millis: unix };
  const millis = parseNumber(given["seek_time"]);
  return millis === undefined ? undefined : { kind: "time", millis };
}

function parseSpeed(value: unknown): Command {
  if (value === undefined) return bad("set_speed", "play_rate missing");
  const rate = value === "auto" ? 0 : parseNumber(value);
  if (rate === undefined || rate < 0) {
    return bad("set_speed", "play_rate: expected a number above 0, or auto");
  }
  return { type: "speed", rate: rate === 0 ? 0 : Math.min(RATE_MAX, Math.max(RATE_MIN, rate)) };
}

function parseWish(given: Record<string, unknown>): TrackWish {
  const wish: { [kind in "video" | "audio" | "subtitle" | "meta"]?: string | null } = {};
  for (const kind of ["video", "audio", "subtitle", "meta"] as const) {
    const value = given[kind];
    if (value === null || value === "auto") wish[kind] = null;
    else if (typeof value === "string" || typeof value === "number") wish[kind] = String(value);
  }
  return wish;
}

function parsePlaces(value: unknown): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  if (typeof value !== "object" || value === null) return places;
  for (const [id, dts] of Object.entries(value).slice(0, TRACKS_MAX)) {
    if (typeof dts === "number" && Number.isFinite(dts)) places.set(Number(id), dts);
  }
  return places;
}

/** `supported_codecs`: names in a list; `supported_combinations`: lists of lists of them. Undefined: any. */
function parseCodecs(given: Record<string, unknown>): ReadonlySet<Codec> | undefined {
  const lists = [given["supported_codecs"], given["supported_combinations"]].filter(Array.isArray);
  if (lists.length === 0) return undefined;
  const names = lists.flat(4).filter((name) => typeof name === "string").slice(0, CODECS_MAX);
  const codecs = new Set<Codec>();
  for (const name of names) {
    const codec = codecOfName(name);
    if (codec !== undefined) codecs.add(codec);
  }
  // Sound without compression is sent as FLAC.
  if (codecs.has("flac")) { for (const codec of ["alaw", "ulaw", "l16"] as const) codecs.add(codec); }
  return codecs;
}
