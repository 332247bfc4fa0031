/** What `/json_NAME.js` says of a stream, and the same pushed over WebSocket; the reference product's shape. */
export interface StreamInfo {
  readonly type?: string;
  readonly width?: number;
  readonly height?: number;
  /** Unix milliseconds of media time 0. */
  readonly unixoffset?: number;
  readonly meta?: {
    readonly tracks?: Readonly<Record<string, TrackInfo>>;
    readonly [key: string]: unknown;
  };
  readonly source?: readonly SourceInfo[];
  /** Why it does not play: offline, starting, unknown. */
  readonly error?: string;
  readonly on_error?: string;
  /** More of it, for who runs the server. */
  readonly error_guru?: string;
  /** How far its start has come, percent. */
  readonly perc?: number;
}

export interface TrackInfo {
  /** `H264`, `HEVC`, `AAC`, `ALAW` … */
  readonly codec: string;
  /** `video`, `audio`, `meta`. */
  readonly type: string;
  readonly idx?: number;
  readonly trackid?: number;
  /** Bytes a second. */
  readonly bps?: number;
  readonly codecstring?: string;
  readonly lang?: string;
  readonly width?: number;
  readonly height?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly fpks?: number;
  /** Media time of the newest frame, milliseconds. */
  readonly lastms?: number;
}

export interface SourceInfo {
  /** `ws/video/mp4`, `html5/application/vnd.apple.mpegurl;version=7` … */
  readonly type: string;
  /** Name for people. */
  readonly hrn?: string;
  readonly url?: string;
  /** Relative to the server's own address. */
  readonly relurl?: string;
  readonly priority?: number;
  /** How many kinds of tracks it carries at once. */
  readonly simul_tracks?: number;
  readonly total_matches?: number;
}

/** A track with its number for selectors. */
export interface NumberedTrack extends TrackInfo {
  readonly id: number;
  readonly kind: "video" | "audio" | "text";
}

/** The tracks that a viewer sees or hears, in the order of their numbers. */
export function tracksOf(info: StreamInfo): NumberedTrack[] {
  const found: NumberedTrack[] = [];
  for (const track of Object.values(info.meta?.tracks ?? {})) {
    const kind = kindOf(track);
    if (kind !== undefined) {
      found.push({
        ...track,
        kind,
        id: track.idx ?? track.trackid ?? found.length,
      });
    }
  }
  return found.sort((a, b) => a.id - b.id);
}

function kindOf(track: TrackInfo): NumberedTrack["kind"] | undefined {
  if (track.type === "video" || track.type === "audio") return track.type;
  return track.codec === "subtitle" ? "text" : undefined;
}

/** Newest media time of any track, milliseconds: it grows while the camera delivers. */
export function newestMillis(info: StreamInfo): number {
  return Math.max(
    -1,
    ...Object.values(info.meta?.tracks ?? {}).map((t) => t.lastms ?? -1),
  );
}

/** Where a source is: below the server's address if it says how, since that also holds behind a proxy. */
export function sourceUrl(source: SourceInfo, base: string): string {
  const socket = /^wss?\//.test(source.type);
  const url = new URL(source.relurl ?? source.url ?? "", base);
  if (socket) url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}

/** For a server, or a cache before one, that gives no stream information: LL-HLS is always there. */
export function assumedInfo(name: string): StreamInfo {
  return {
    source: [{
      type: "html5/application/vnd.apple.mpegurl;version=7",
      hrn: "LL-HLS",
      relurl: `hls/${encodeURIComponent(name)}/index.m3u8`,
    }],
  };
}
