import { codecString, isHevc } from "./codec_strings.ts";
import { type NumberedTrack, type SourceInfo, type StreamInfo, tracksOf } from "./stream_info.ts";

/** What a browser can do; asked of it once by abilities.ts, given by tests. */
export interface Abilities {
  /** Media Source Extensions take it. */
  mse(mime: string): boolean;
  /** A plain element plays it. */
  element(mime: string): boolean;
  /** WebCodecs decodes it. */
  webCodecs(codec: string): boolean;
  /** WebAssembly, workers and canvas are there. */
  readonly software: boolean;
  readonly webSocket: boolean;
  readonly webRtc: boolean;
  /** A slow or metered network: prefer what buffers and adapts. */
  readonly thrifty: boolean;
}

/** A way of playing. `name` is what `forcePlayer` takes; the reference's names where it has the same. */
export interface WayRow {
  readonly name: string;
  readonly label: string;
  /** Who plays what another way plays too. */
  readonly by?: string;
  /** Types of sources that it plays. */
  readonly types: RegExp;
  /** Order among ways that play the same tracks; the lower the sooner. */
  readonly rank: number;
  /** Order on a slow or metered network. */
  readonly thriftyRank?: number;
  /** Of no use for sound alone. */
  readonly forPictures?: boolean;
  /** Whether one track would be seen or heard. */
  plays(track: NumberedTrack, type: string, able: Abilities): boolean;
}

const HLS = /^html5\/application\/vnd\.apple\.mpegurl/;
const NATIVE_HLS = "application/vnd.apple.mpegurl";
/** What the container of a plain source cannot say by itself. */
const IMAGE = /^html5\/image\/(jpeg|x?-?mjpeg|jpg|multipart)|^html5\/multipart\/x-mixed-replace/;

const kindMime = (track: NumberedTrack, container: string) =>
  `${track.kind}/${container}; codecs="${codecString(track)}"`;
const inMse = (track: NumberedTrack, _type: string, able: Abilities) => able.mse(kindMime(track, "mp4"));

/** Every way, and the order in which they are tried. To add one: a row here, and how it opens in `ways/table.ts`. */
export const WAYS: readonly WayRow[] = [
  {
    name: "webrtc",
    label: "WebRTC",
    types: /^(webrtc|whep)/,
    rank: 5,
    plays: (track, _type, able) => able.webRtc && /^(H264|VP8|VP9|AV1|opus|ALAW|ULAW)$/i.test(track.codec),
  },
  {
    name: "mews",
    label: "MP4 over WebSocket",
    types: /^wss?\/video\/mp4/,
    rank: 10,
    thriftyRank: 25,
    plays: (track, type, able) => able.webSocket && inMse(track, type, able),
  },
  {
    name: "hlsjs",
    label: "LL-HLS",
    types: HLS,
    rank: 20,
    plays: inMse,
  },
  {
    name: "html5hls",
    label: "HLS",
    by: "by the browser",
    types: HLS,
    rank: 22,
    // what of it plays, only the browser knows; it says so for codecs in MP4
    plays: (track, _type, able) => able.element(NATIVE_HLS) && able.element(kindMime(track, "mp4")),
  },
  {
    name: "canvas",
    label: "MP4 over WebSocket",
    by: "decoded by the player",
    types: /^wss?\/video\/mp4/,
    rank: 30,
    forPictures: true,
    plays(track, type, able) {
      if (!able.webSocket) return false;
      if (track.kind === "audio") return inMse(track, type, able);
      return track.kind === "video" && isHevc(track) &&
        (able.software || able.webCodecs(codecString(track)));
    },
  },
  {
    name: "dashjs",
    label: "DASH",
    types: /^dash\/video\/mp4/,
    rank: 40,
    plays: inMse,
  },
  {
    name: "html5",
    label: "plain element",
    types: /^html5\/(video|audio)\//,
    rank: 50,
    plays(track, type, able) {
      const container = type.slice("html5/".length).split(";")[0] as string;
      if (container.startsWith("audio/") && track.kind !== "audio") return false;
      // Chromium denies the codecs that it plays in WAV
      if (/wav$/.test(container)) {
        return /^(ALAW|ULAW|PCM|MP3)$/i.test(track.codec) && able.element(container);
      }
      if (/flac$/.test(container)) return codecString(track) === "flac" && able.element(container);
      // a container of one codec
      if (/mpeg$|mp3$/.test(container)) return /^MP[23]$/i.test(track.codec) && able.element(container);
      if (/aac$/.test(container)) return /^AAC$/i.test(track.codec) && able.element(container);
      return able.element(`${container}; codecs="${codecString(track)}"`);
    },
  },
  {
    name: "img",
    label: "Motion JPEG",
    types: IMAGE,
    rank: 60,
    plays: (track) => track.kind === "video" && /^(JPEG|MJPEG)$/i.test(track.codec),
  },
];

/** A way with the source that it would play. */
export interface Candidate {
  readonly way: WayRow;
  readonly source: SourceInfo;
  /** Which kinds of tracks would be seen or heard. */
  readonly kinds: ReadonlySet<NumberedTrack["kind"]>;
}

/** What viewers are shown of it: as the server calls the source, and who plays it where that is not the usual one. */
export function labelOf({ way, source }: Candidate): string {
  const name = source.hrn ?? way.label;
  return way.by === undefined ? name : `${name}, ${way.by}`;
}

/** What the page asks for: names of ways and types of sources, in order; each may be a list with commas. */
export interface Wishes {
  readonly forcePlayer?: string | undefined;
  readonly forceType?: string | undefined;
}

/**
 * All that could play the stream here, best first: a way that shows the pictures before one that only gives the sound,
 * then by the ways' own order.
 */
export function candidates(
  info: StreamInfo,
  able: Abilities,
  wishes: Wishes = {},
): Candidate[] {
  const tracks = tracksOf(info);
  const found: (Candidate & { readonly worth: number; readonly order: number })[] = [];
  const players = wishes.forcePlayer?.split(",").map((s) => s.trim());
  const types = wishes.forceType?.split(",").map((s) => s.trim());
  for (const source of info.source ?? []) {
    if (
      types !== undefined &&
      !types.some((t) => source.type === t || source.type.startsWith(t))
    ) continue;
    for (const way of WAYS) {
      if (!way.types.test(source.type)) continue;
      if (players !== undefined && !players.includes(way.name)) continue;
      const kinds = new Set(
        tracks.filter((t) => way.plays(t, source.type, able)).map((t) => t.kind),
      );
      // no tracks are known: the way finds out by itself
      if (tracks.length > 0 && !kinds.has("video") && !kinds.has("audio")) {
        continue;
      }
      if (way.forPictures === true && !kinds.has("video")) continue;
      if (tracks.length === 0 && !plausible(way, able)) continue;
      const worth = (kinds.has("video") ? 2 : 0) + (kinds.has("audio") ? 1 : 0);
      found.push({
        way,
        source,
        kinds,
        worth,
        order: orderOf(way, source, able, players),
      });
    }
  }
  return found.sort((a, b) => b.worth - a.worth || a.order - b.order);
}

function plausible(way: WayRow, able: Abilities): boolean {
  const h264: NumberedTrack = {
    id: 0,
    kind: "video",
    type: "video",
    codec: "H264",
  };
  return way.plays(h264, "html5/video/mp4", able);
}

function orderOf(
  way: WayRow,
  source: SourceInfo,
  able: Abilities,
  players: readonly string[] | undefined,
): number {
  if (players !== undefined) return players.indexOf(way.name);
  const rank = able.thrifty ? way.thriftyRank ?? way.rank : way.rank;
  // LL-HLS, which is version 7 or later, before HLS of TS; among others the server's own order
  const older = HLS.test(source.type) && !/version=([7-9]|1\d)/.test(source.type) ? 0.5 : 0;
  return rank + older - Math.min(source.priority ?? 0, 99) / 1000;
}
