import { bufferedAhead, FOR_PARTS, LatencyKeeper } from "../latency_keeper.ts";
import { loadScript } from "../load_script.ts";
import type { Choice, Opening, Playback, PlaybackStats, TrackKind } from "../playback.ts";
import { addressOf } from "./address.ts";
import { bitRateText, frameCounts } from "./readings.ts";

interface HlsLevel {
  readonly width: number;
  readonly height: number;
  readonly bitrate: number;
}

interface HlsTrack {
  readonly name?: string;
  readonly lang?: string;
}

/** What of hls.js is used here. */
interface Hls {
  readonly levels: readonly HlsLevel[];
  currentLevel: number;
  loadLevel: number;
  readonly autoLevelEnabled: boolean;
  readonly audioTracks: readonly HlsTrack[];
  audioTrack: number;
  readonly subtitleTracks: readonly HlsTrack[];
  subtitleTrack: number;
  readonly latency: number;
  readonly liveSyncPosition: number | null;
  readonly bandwidthEstimate: number;
  on(event: string, run: (event: string, data: HlsData) => void): void;
  loadSource(url: string): void;
  attachMedia(video: HTMLVideoElement): void;
  recoverMediaError(): void;
  destroy(): void;
}

/** A segment: where it lies in hls.js's time, seconds, and its date, Unix milliseconds. */
interface HlsFragment {
  readonly start: number;
  readonly programDateTime: number | null;
}

interface HlsDetails {
  readonly partTarget?: number;
  readonly targetduration?: number;
  readonly fragments?: readonly HlsFragment[];
}

interface HlsData {
  readonly fatal?: boolean;
  readonly type?: string;
  readonly details?: unknown;
  readonly response?: { readonly code?: number };
}

interface HlsClass {
  new (settings: object): Hls;
  isSupported(): boolean;
}

/** HLS and LL-HLS by hls.js, which is loaded now. */
export async function openHlsjs(opening: Opening): Promise<Playback> {
  await loadScript(new URL("hls.js", opening.base).href);
  const { Hls } = globalThis as unknown as { Hls: HlsClass };
  if (!Hls.isSupported()) {
    throw new Error("This browser has no Media Source Extensions");
  }
  return new HlsjsPlayback(opening, Hls);
}

class HlsjsPlayback implements Playback {
  readonly ownChoices = true;
  readonly #opening: Opening;
  readonly #hls: Hls;
  readonly #keeper: LatencyKeeper;
  #recovered = false;
  /** The first segment of the first playlist. */
  #first: HlsFragment | undefined;
  #begun = false;

  constructor(opening: Opening, HlsHere: HlsClass) {
    const { video, events, options } = opening;
    this.#opening = opening;
    this.#keeper = new LatencyKeeper(video, FOR_PARTS);
    this.#keeper.target = options.latency ?? 0;
    this.#keeper.live = options.startTime === undefined;
    const hls = new HlsHere({
      lowLatencyMode: true,
      backBufferLength: 30,
      // the latency keeper does that, by what has arrived
      maxLiveSyncPlaybackRate: 1,
    });
    this.#hls = hls;
    hls.on("hlsError", (_, data) => this.#error(data));
    hls.on("hlsLevelLoaded", (_, data) => {
      const details = (data.details ?? {}) as HlsDetails;
      this.#first ??= details.fragments?.[0];
      this.#keeper.piece = details.partTarget || details.targetduration || 2;
      events.alive();
    });
    hls.on("hlsFragLoaded", () => events.alive());
    for (
      const event of [
        "hlsManifestParsed",
        "hlsLevelSwitched",
        "hlsAudioTrackSwitched",
        "hlsAudioTracksUpdated",
      ]
    ) {
      hls.on(event, () => events.choices());
    }
    hls.loadSource(addressOf(opening.url, options.tracks));
    hls.attachMedia(video);
  }

  /**
   * Goes to the beginning that was asked for when hls.js has begun live: given one that is still to come it would wait for
   * ever.
   */
  #begin(): void {
    const { video, options: { startTime }, info } = this.#opening;
    if (this.#begun || this.#first === undefined || video.currentTime === 0) return;
    this.#begun = true;
    if (startTime === undefined) return;
    const { liveSyncPosition } = this.#hls;
    const position = placeOf(startTime, this.#first, info.unixoffset);
    if (position === undefined || position >= (liveSyncPosition ?? 0)) this.#keeper.live = true;
    else video.currentTime = position;
  }

  #error(data: HlsData): void {
    if (data.fatal !== true) return;
    if (data.type === "mediaError" && !this.#recovered) {
      this.#recovered = true;
      this.#hls.recoverMediaError();
      return;
    }
    this.#opening.events.failed(reasonOf(data));
  }

  tick(): void {
    this.#begin();
    this.#keeper.tick();
  }

  stalled(): void {
    this.#keeper.stalled();
  }

  goLive(): void {
    this.#keeper.live = true;
    const { liveSyncPosition } = this.#hls;
    if (liveSyncPosition !== null) {
      this.#opening.video.currentTime = liveSyncPosition;
    }
  }

  resumed(): void {
    if (this.#keeper.live) this.goLive();
  }

  stats(): PlaybackStats {
    const { video } = this.#opening;
    const level = this.#hls.levels[this.#hls.currentLevel];
    return {
      time: video.currentTime,
      latency: this.#hls.latency,
      buffer: bufferedAhead(video),
      rate: video.playbackRate,
      bitRate: level?.bitrate,
      ...frameCounts(video),
      notes: { "network": bitRateText(this.#hls.bandwidthEstimate) },
    };
  }

  choices(kind: TrackKind): readonly Choice[] {
    const hls = this.#hls;
    if (kind === "video") {
      if (hls.levels.length < 2) return [];
      const auto = hls.autoLevelEnabled;
      const playing = hls.levels[hls.currentLevel];
      const automatic = auto && playing !== undefined ? `automatic (${levelLabel(playing)})` : "automatic";
      return [
        { id: "", label: automatic, chosen: auto },
        ...hls.levels.map((level, i) => ({
          id: String(i),
          label: levelLabel(level),
          chosen: !auto && i === hls.currentLevel,
        })),
      ];
    }
    const tracks = kind === "audio" ? hls.audioTracks : hls.subtitleTracks;
    const now = kind === "audio" ? hls.audioTrack : hls.subtitleTrack;
    if (tracks.length < (kind === "audio" ? 2 : 1)) return [];
    const list = tracks.map((track, i) => ({
      id: String(i),
      label: track.name ?? track.lang ?? `${i + 1}`,
      chosen: i === now,
    }));
    return kind === "audio" ? list : [...list, { id: "-1", label: "none", chosen: now === -1 }];
  }

  choose(kind: TrackKind, id: string): void {
    const hls = this.#hls;
    const number = id === "" || id === "none" ? -1 : Number(id);
    if (kind === "video") hls.loadLevel = number;
    else if (kind === "audio") hls.audioTrack = Math.max(number, 0);
    else hls.subtitleTrack = number;
    this.#opening.events.choices();
  }

  close(): void {
    this.#hls.destroy();
    this.#opening.video.playbackRate = 1;
  }
}

function levelLabel(level: HlsLevel): string {
  const size = level.width > 0 ? `${level.width}×${level.height} ` : "";
  return `${size}${bitRateText(level.bitrate)}`;
}

/** What a viewer is told of a fatal error of hls.js. */
function reasonOf(data: HlsData): string {
  const status = data.response?.code;
  if (status === 404) return "No such stream";
  if (status === 503) return "The stream is offline";
  if (data.type === "networkError" && !status) {
    return "The server does not answer";
  }
  return `Cannot play (${data.details})`;
}

/**
 * Where a time of the stream lies in hls.js's time, which begins with the first playlist: by the date of that playlist's
 * first segment and that of the stream's time 0, Unix milliseconds. Before it: its beginning. Undefined without dates.
 */
function placeOf(seconds: number, first: HlsFragment, unixoffset: number | undefined): number | undefined {
  if (first.programDateTime === null || unixoffset === undefined) return undefined;
  const behind = seconds + (unixoffset - first.programDateTime) / 1000;
  return first.start + Math.max(0, behind);
}
