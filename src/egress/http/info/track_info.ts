import { makeFrameRecord, type TrackView } from "../../../buffer/track_view.ts";
import { languageName } from "../../../media/select/language.ts";
import type { Track } from "../../../media/track.ts";
import { decodeAvcConfig } from "../../../wire/codec/h264/avcc.ts";
import { mediaRate } from "../../live/media_rate.ts";
import { codecName } from "./codec_names.ts";

/** One track as players of the reference product read it. Times are milliseconds of the stream, rates bytes a second. */
export interface TrackInfo {
  readonly codec: string;
  readonly codecstring: string;
  readonly type: "video" | "audio" | "meta";
  readonly idx: number;
  readonly trackid: number;
  /** Configuration, one character a byte. */
  readonly init: string;
  readonly firstms: number;
  readonly lastms: number;
  readonly nowms: number;
  readonly bps: number;
  readonly maxbps: number;
  readonly jitter?: number;
  readonly lang?: string;
  readonly language?: string;
  readonly bframes?: 1;
  readonly [more: string]: unknown;
}

/** Frames whose arrival is looked at for jitter. */
const JITTER_FRAMES = 100;

/** The names of profile_idc, ITU-T H.264, A.2. */
const PROFILES: Readonly<Record<number, string>> = {
  66: "Baseline",
  77: "Main",
  88: "Extended",
  100: "High",
  110: "High 10",
  122: "High 4:2:2",
  244: "High 4:4:4",
};

/** What is known of a track now; undefined before its first frame. */
export function describeTrack(view: TrackView): TrackInfo | undefined {
  const track = view.track()?.track;
  const span = track === undefined ? undefined : spanOf(view, track);
  if (track === undefined || span === undefined) return undefined;
  const { first, last, jitter, rate, reordered } = span;
  const bytes = Math.round(mediaRate(view) / 8);
  return {
    codec: codecName(track.codec),
    codecstring: track.codecString,
    type: track.kind === "data" ? "meta" : track.kind,
    idx: view.id,
    trackid: view.id,
    init: String.fromCharCode(...track.config),
    firstms: first,
    lastms: last,
    nowms: last,
    bps: bytes,
    maxbps: bytes,
    ...(jitter > 0 ? { jitter } : {}),
    ...languageOf(track),
    ...(track.kind === "video" ? pictureOf(track, rate, reordered) : {}),
    ...(track.kind === "audio" ? { rate: track.sampleRate, size: 16, channels: track.channels } : {}),
  };
}

/** The key of a track among `meta.tracks`. */
export function trackKey(info: TrackInfo): string {
  const { type, codec, idx } = info;
  const language = info.lang === undefined ? "" : `_${info.lang}`;
  if (type === "video") {
    return `video_${codec}_${info["width"]}x${info["height"]}_${info["fps"]}fps${language}_${idx}`;
  }
  if (type === "audio") return `audio_${codec}_${info["channels"]}ch_${info["rate"]}hz${language}_${idx}`;
  return `meta_${codec}_${language}_${idx}`.replace("__", "_");
}

function languageOf({ language }: Track): { readonly lang?: string; readonly language?: string } {
  if (language === "und" || language === "") return {};
  return { lang: language, language: languageName(language) };
}

function pictureOf(track: Track & { kind: "video" }, measured: number, reordered: boolean) {
  const nominal = Math.round((track.frameRate || measured) * 1000);
  const effective = Math.round(measured * 1000);
  return {
    width: track.width,
    height: track.height,
    fpks: nominal,
    efpks: effective,
    fps: nominal / 1000,
    efps: effective / 1000,
    ...(reordered ? { bframes: 1 as const } : {}),
    ...(track.codec === "h264" ? profileOf(track.config) : {}),
  };
}

function profileOf(config: Uint8Array) {
  const decoded = decodeAvcConfig(config);
  if (decoded.kind !== "ok") return {};
  const { profile, constraints, level } = decoded.value;
  const constrained = profile === 66 && (constraints & 0x40) !== 0 ? "Constrained " : "";
  return {
    h264_profile: constrained + (PROFILES[profile] ?? String(profile)),
    h264_level: (level / 10).toFixed(1),
  };
}

interface Span {
  readonly first: number;
  readonly last: number;
  readonly jitter: number;
  /** Frames a second, measured; 0 of one frame. */
  readonly rate: number;
  readonly reordered: boolean;
}

const RECORD = makeFrameRecord();

function spanOf(view: TrackView, { timescale }: Track): Span | undefined {
  const millis = () => (RECORD.dts / timescale) * 1000;
  const tail = view.tail, head = view.head;
  if (view.peek(tail, RECORD) !== "ok") return undefined;
  const first = millis();
  if (view.peek(head - 1, RECORD) !== "ok") return undefined;
  const last = millis();
  let least = Infinity, most = -Infinity, reordered = false;
  for (let at = Math.max(tail, head - JITTER_FRAMES); at < head; at++) {
    if (view.peek(at, RECORD) !== "ok") continue;
    const late = RECORD.arrival - millis();
    least = Math.min(least, late);
    most = Math.max(most, late);
    reordered ||= RECORD.ptsOffset > 0;
  }
  const jitter = most > least ? Math.round(most - least) : 0;
  const rate = last > first ? ((head - 1 - tail) / (last - first)) * 1000 : 0;
  return {
    first: Math.round(first),
    last: Math.round(last),
    jitter,
    rate: Math.round(rate * 10) / 10,
    reordered,
  };
}
