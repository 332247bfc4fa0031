import { type Codec, CODECS } from "../codec.ts";
import { languageCode } from "./language.ts";
import type { SelectableTrack } from "./selectable_track.ts";

type Tracks = readonly SelectableTrack[];

/** Those of the tracks that one item of a selector means, in the order given. */
export type Selector = (tracks: Tracks) => Tracks;

type Match = RegExpExecArray & { readonly groups?: Record<string, string | undefined> };

/** Names that codecs have elsewhere. */
const CODEC_NAMES: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ...(Object.keys(CODECS) as Codec[]).map((codec): [string, Codec] => [codec, codec]),
  ["avc", "h264"],
  ["hevc", "h265"],
  ["mjpeg", "jpeg"],
  ["mjpg", "jpeg"],
  ["pcma", "alaw"],
  ["pcmu", "ulaw"],
  ["mulaw", "ulaw"],
  ["pcm", "l16"],
]);

const RATE_UNITS: Readonly<Record<string, number>> = { bps: 1, kbps: 1e3, mbps: 1e6, gbps: 1e9 };

/** Heights that have a name of their own, and the widths that come with them. */
const NAMED_SIZES: Readonly<Record<string, readonly [number, number]>> = {
  "2k": [2048, 1080],
  "4k": [3840, 2160],
  "8k": [7680, 4320],
};

const RATE = "(?<rate>\\d+(?:\\.\\d+)?)(?<unit>[kmg]?bps)";
const SIZE = "(?:(?<width>\\d{1,5})x(?<height>\\d{1,5})|(?<lines>\\d{2,5})p|(?<named>[248]k))";

/** Every form of an item; the first whose pattern fits the whole item is it. */
const FORMS: readonly { readonly pattern: RegExp; make(match: Match): Selector }[] = [
  form("none|-1", () => () => []),
  form("all|\\*", () => (tracks) => tracks),
  form("i?(?<id>\\d{1,9})", ({ groups }) => {
    const id = Number(groups?.["id"]);
    return (tracks) => tracks.filter((t) => t.id === id);
  }),
  form("(?:max|best|high)bps", () => (tracks) => most(tracks, bitRate)),
  form("minbps|lowbps", () => (tracks) => most(tracks, (t) => -bitRate(t))),
  form("(?:max|best|high)res", () => (tracks) => most(tracks.filter(isVideo), pixels)),
  form("(?:min|low)res", () => (tracks) => most(tracks.filter(isVideo), (t) => -pixels(t))),
  form(`max<${RATE}`, ({ groups }) => {
    const rate = rateOf(groups);
    return (tracks) => most(tracks.filter((t) => bitRate(t) <= rate), bitRate);
  }),
  form(`<${RATE}`, ({ groups }) => {
    const rate = rateOf(groups);
    return (tracks) => tracks.filter((t) => bitRate(t) < rate);
  }),
  form(`>${RATE}`, ({ groups }) => {
    const rate = rateOf(groups);
    return (tracks) => tracks.filter((t) => bitRate(t) > rate);
  }),
  form(`~?${RATE}`, ({ groups }) => {
    const rate = rateOf(groups);
    return (tracks) => most(tracks, (t) => -Math.abs(bitRate(t) - rate));
  }),
  form(`~${SIZE}`, ({ groups }) => {
    const area = areaOf(groups);
    return (tracks) => most(tracks.filter(isVideo), (t) => -Math.abs(area(t)));
  }),
  form(`<${SIZE}`, ({ groups }) => {
    const area = areaOf(groups);
    return (tracks) => tracks.filter((t) => isVideo(t) && area(t) < 0);
  }),
  form(`>${SIZE}`, ({ groups }) => {
    const area = areaOf(groups);
    return (tracks) => tracks.filter((t) => isVideo(t) && area(t) > 0);
  }),
  form(SIZE, ({ groups }) => {
    const [width, height] = sizeOf(groups);
    return (tracks) =>
      tracks.filter(({ track }) =>
        track.kind === "video" && (width === 0 || track.width === width) && track.height === height
      );
  }),
  form("(?<channels>\\d{1,2})ch", ({ groups }) => withChannels((n) => n === Number(groups?.["channels"]))),
  form("mono", () => withChannels((n) => n === 1)),
  form("stereo", () => withChannels((n) => n === 2)),
  form("surround", () => withChannels((n) => n > 2)),
  form("bframes", () => (tracks) => tracks.filter((t) => t.reordered === true)),
];

const LANGUAGE = /^[a-z]{2,3}$/;

/** Reads one item without its `|` or `!`; undefined when it is none. */
export function parseSelector(item: string): Selector | undefined {
  const text = item.toLowerCase();
  for (const { pattern, make } of FORMS) {
    const match = pattern.exec(text);
    if (match !== null) return make(match);
  }
  const codec = CODEC_NAMES.get(text.replace(/[.-]/g, ""));
  if (codec !== undefined) return (tracks) => tracks.filter((t) => t.track.codec === codec);
  if (!LANGUAGE.test(text)) return undefined;
  const language = languageCode(text);
  return (tracks) => tracks.filter((t) => languageCode(t.track.language) === language);
}

function form(pattern: string, make: (match: Match) => Selector) {
  return { pattern: new RegExp(`^(?:${pattern})$`), make };
}

/** The track for which `rank` is highest, the first of equals; none of none. */
function most(tracks: Tracks, rank: (track: SelectableTrack) => number): Tracks {
  let best: SelectableTrack | undefined;
  for (const track of tracks) {
    if (best === undefined || rank(track) > rank(best)) best = track;
  }
  return best === undefined ? [] : [best];
}

function withChannels(test: (channels: number) => boolean): Selector {
  return (tracks) => tracks.filter(({ track }) => track.kind === "audio" && test(track.channels));
}

function bitRate(track: SelectableTrack): number {
  return track.bitRate;
}

function isVideo({ track }: SelectableTrack): boolean {
  return track.kind === "video";
}

function pixels({ track }: SelectableTrack): number {
  return track.kind === "video" ? track.width * track.height : 0;
}

function rateOf(groups: Match["groups"]): number {
  return Number(groups?.["rate"]) * (RATE_UNITS[groups?.["unit"] ?? ""] ?? NaN);
}

/** Width and height asked for; width 0 where only lines are. */
function sizeOf(groups: Match["groups"]): readonly [number, number] {
  const named = NAMED_SIZES[groups?.["named"] ?? ""];
  if (named !== undefined) return named;
  if (groups?.["lines"] !== undefined) return [0, Number(groups["lines"])];
  return [Number(groups?.["width"]), Number(groups?.["height"])];
}

/** By how much a track is larger than asked for: in pixels, or in lines where only lines are asked for. */
function areaOf(groups: Match["groups"]): (track: SelectableTrack) => number {
  const [width, height] = sizeOf(groups);
  return ({ track }) => {
    if (track.kind !== "video") return 0;
    return width === 0 ? track.height - height : track.width * track.height - width * height;
  };
}
