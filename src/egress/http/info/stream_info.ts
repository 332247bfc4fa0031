import type { StreamMicros } from "../../../base/units.ts";
import type { OutputDescriptor } from "../../../config/option.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import type { StreamListEntry } from "../../door.ts";
import { listSources } from "./sources.ts";
import { describeTrack, type TrackInfo, trackKey } from "./track_info.ts";

/** Version of the way in which sources are to be chosen by a player, and of the tracks' description. */
const SELECTION_VERSION = 2, META_VERSION = 4;
/** What the reference gives for a stream without pictures, and one whose pictures have no size yet. */
const NO_PICTURE = { width: 640, height: 20 }, UNKNOWN_PICTURE = { width: 640, height: 480 };

/** What is asked about a stream beside its name. */
export interface InfoQuestion {
  readonly base: string;
  readonly withNone: boolean;
  readonly dataEverywhere: boolean;
  readonly ports: Readonly<Record<string, number | undefined>>;
  /** What players are to show where the stream does not play; empty: nothing of ours. */
  readonly noStreamText: string;
}

/** What a player gets to read: with the words for a stream that does not play. */
export function printInfo(info: object, { noStreamText }: InfoQuestion): object {
  return noStreamText === "" ? info : { ...info, on_error: noStreamText };
}

/** Why a stream cannot be played, in the reference's words, which its players show. */
export function printOffline(error: string, reason: string): object {
  return reason === "" ? { error } : { error, error_guru: reason };
}

/** The stream is not known, or not for this client. */
export function unknownStream(reason: string): object {
  return printOffline("Could not retrieve stream. Sorry.", reason);
}

/** What a state says to those who wait; undefined where the stream plays. */
export function offlineText(
  { state, reason }: Pick<StreamListEntry, "state" | "reason">,
): object | undefined {
  switch (state) {
    case "online":
      return undefined;
    case "connecting":
      return printOffline("Stream is booting", reason);
    case "waiting":
      return printOffline("Stream is waiting for data", reason);
    default:
      return printOffline("Stream is offline", reason);
  }
}

/** The tracks that a player could be given now. */
export function tracksOf(live: LiveStream): TrackInfo[] {
  return live.current().flatMap((view) => describeTrack(view) ?? []);
}

/** Everything a player has to know of a stream that plays, in the reference's shape. */
export function describeStream(
  live: LiveStream,
  tracks: readonly TrackInfo[],
  outputs: readonly OutputDescriptor[],
  question: InfoQuestion,
): object {
  const wall = live.stream.wallAt(0 as StreamMicros);
  const jitter = Math.max(0, ...tracks.map((t) => t.jitter ?? 0));
  const window = Math.max(0, ...tracks.map((t) => t.lastms - t.firstms));
  return {
    ...pictureSize(tracks),
    type: "live",
    ...(wall === undefined ? {} : { unixoffset: Math.round(wall) }),
    selver: SELECTION_VERSION,
    capa: { datachannels: false, selver: SELECTION_VERSION, ssl: true },
    meta: {
      tracks: Object.fromEntries(tracks.map((track) => [trackKey(track), track])),
      ...(jitter > 0 ? { jitter } : {}),
      bframes: tracks.some((t) => t.bframes === 1) ? 1 : 0,
      live: 1,
      version: META_VERSION,
      buffer_window: window,
    },
    source: listSources(outputs, { ...question, name: live.name, tracks }),
  };
}

function pictureSize(tracks: readonly TrackInfo[]): { readonly width: number; readonly height: number } {
  const videos = tracks.filter((t) => t.type === "video");
  const most = (key: string) => Math.max(0, ...videos.map((t) => Number(t[key]) || 0));
  const width = most("width"), height = most("height");
  if (width > 0 && height > 0) return { width, height };
  return videos.length > 0 ? UNKNOWN_PICTURE : NO_PICTURE;
}
