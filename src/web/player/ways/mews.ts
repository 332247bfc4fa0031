import { MediaSourceHere } from "../abilities.ts";
import { SOCKET_CODECS } from "../codec_strings.ts";
import { bufferedAhead, FOR_FRAMES, LatencyKeeper } from "../latency_keeper.ts";
import type { Choice, Opening, Playback, PlaybackStats, TrackKind } from "../playback.ts";
import { MediaFeed } from "./media_feed.ts";
import { Mp4Socket, type SocketMessage } from "./mp4_socket.ts";
import { bitRateMeter, chosenTracks, frameCounts } from "./readings.ts";

/** A gap in what is buffered up to this is stepped over at once, seconds. */
const START_AFTER = 0.01;
/** Nothing was sent for so long and nothing is left to show: the connection is dead, milliseconds. */
const SILENT = 1000;
/** After so many stalls without a calm minute the smaller pictures are asked for. */
const STALLS_TO_SHRINK = 4;

/** MP4 over a WebSocket, in Media Source Extensions: frame by frame, the least latency without WebRTC. */
export function openMews(opening: Opening): Playback {
  return new Mews(opening);
}

class Mews implements Playback {
  readonly #opening: Opening;
  #feed: MediaFeed;
  readonly #socket: Mp4Socket;
  readonly #keeper: LatencyKeeper;
  readonly #bits = bitRateMeter();
  #tracks: Partial<Record<TrackKind, string>>;
  #sent: readonly (number | string)[] = [];
  /** What comes next is of this type. */
  #coming: string | undefined;
  /** Kinds of tracks that the feed was opened for: it takes no others. */
  #kinds = "";
  #started = false;
  #stalls: number[] = [];

  constructor(opening: Opening) {
    const { video, events, options } = opening;
    this.#opening = opening;
    this.#tracks = { ...options.tracks };
    this.#keeper = new LatencyKeeper(video, FOR_FRAMES);
    this.#keeper.target = options.latency ?? 0;
    this.#keeper.live = options.startTime === undefined;
    this.#feed = new MediaFeed(video, events.failed);
    const known = SOCKET_CODECS.filter(({ mime }) => MediaSourceHere?.isTypeSupported(mime)).map((c) =>
      c.name
    );
    this.#socket = new Mp4Socket(opening.url, known, {
      message: (message) => this.#heard(message),
      media: (bytes) => {
        events.alive();
        this.#begin();
        this.#feed.append(bytes);
        if (!this.#started) this.#start();
      },
      closed: events.failed,
    });
  }

  #heard(message: SocketMessage): void {
    const { events, options } = this.#opening;
    switch (message.type) {
      case "codec_data":
      case "tracks": {
        if (message.codecs === undefined || message.codecs.length === 0) break;
        this.#sent = message.tracks ?? [];
        this.#coming = message.codecs.join(",");
        events.choices();
        if (message.type === "tracks") break;
        if (Object.keys(this.#tracks).length > 0) {
          this.#socket.sendTracks(this.#tracks);
        }
        this.#socket.send({
          type: "play",
          ...(options.startTime === undefined ? {} : { seek_time: options.startTime * 1000 }),
        });
        break;
      }
      case "on_stop":
        events.ended();
        break;
      case "error":
        events.failed(
          message.message ?? message.error ?? message.reason ??
            "the server cannot send it",
        );
        break;
    }
  }

  /** Readies the feed for what was announced; sound alone after pictures and sound needs another one. */
  #begin(): void {
    if (this.#coming === undefined) return;
    const { video, events } = this.#opening;
    const kinds = this.#coming.split(",").map((codec) =>
      /^(avc|h[ev][cv]|vp|av01|jpeg)/.test(codec) ? "v" : "a"
    ).join("");
    if (this.#kinds !== "" && this.#kinds !== kinds) {
      this.#feed.close();
      this.#feed = new MediaFeed(video, events.failed);
      this.#started = false;
      video.play().catch((error) => console.debug("fogcast: does not go on", error));
    }
    this.#kinds = kinds;
    this.#feed.begin(`video/mp4; codecs="${this.#coming}"`);
    this.#coming = undefined;
  }

  /** Begins at the newest that was buffered, and over gaps. */
  #start(): void {
    const { video } = this.#opening;
    const ranges = this.#feed.ranges;
    if (ranges === undefined || ranges.length === 0) return;
    const start = ranges.start(ranges.length - 1);
    if (video.currentTime < start) video.currentTime = start + START_AFTER;
    this.#started = true;
  }

  tick(): void {
    const { video } = this.#opening;
    const ranges = this.#feed.ranges;
    if (ranges === undefined || ranges.length === 0) return;
    const last = ranges.length - 1;
    // what comes after a gap is played when the end of what stands before it has been reached; decoders may stop before it
    if (
      !video.paused && ranges.start(last) > video.currentTime &&
      ((bufferedAhead(video) ?? 0) < 0.1 || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA)
    ) {
      video.currentTime = ranges.start(last) + START_AFTER;
    } else if (video.currentTime > ranges.end(last) + 1) {
      video.currentTime = ranges.start(last) + START_AFTER;
    }
    this.#keeper.tick();
    const left = bufferedAhead(video) ?? 0;
    if (this.#started && !video.paused && left < 0.06 && this.#socket.silentMillis > SILENT) {
      this.#opening.events.failed("The connection is silent");
    }
  }

  stalled(): void {
    this.#keeper.stalled();
    const now = performance.now();
    this.#stalls = [...this.#stalls.filter((at) => now - at < 60_000), now];
    if (
      this.#stalls.length < STALLS_TO_SHRINK || this.#tracks.video !== undefined
    ) return;
    this.#stalls = [];
    const videos = this.choices("video");
    if (videos.length > 2) this.choose("video", "minbps");
  }

  goLive(): void {
    this.#socket.send({ type: "seek", seek_time: "live" });
    this.#keeper.live = true;
    const { video } = this.#opening;
    const ranges = this.#feed.ranges;
    if (ranges === undefined || ranges.length === 0) return;
    video.currentTime = Math.max(
      video.currentTime,
      ranges.end(ranges.length - 1) - this.#keeper.needed,
    );
  }

  paused(): void {
    this.#socket.send({ type: "hold" });
  }

  resumed(): void {
    this.#started = false;
    this.#socket.send({ type: "play", ...(this.#keeper.live ? { seek_time: "live" } : {}) });
  }

  stats(): PlaybackStats {
    const { video } = this.#opening;
    const ahead = bufferedAhead(video);
    const { onTime, onTimeAt } = this.#socket;
    const newest = onTime?.end === undefined
      ? undefined
      : (onTime.end + Math.min(performance.now() - onTimeAt, 2000)) / 1000;
    return {
      time: video.currentTime,
      latency: newest === undefined ? ahead : Math.max(newest - video.currentTime, ahead ?? 0),
      buffer: ahead,
      rate: video.playbackRate,
      bitRate: this.#bits(this.#socket.bytes),
      ...frameCounts(video),
      notes: { kept: `${Math.round(this.#keeper.needed * 1000)} ms` },
    };
  }

  choices(kind: TrackKind): readonly Choice[] {
    return chosenTracks(
      this.#opening.info,
      kind,
      this.#tracks[kind],
      this.#sent,
    );
  }

  choose(kind: TrackKind, id: string): void {
    this.#tracks = { ...this.#tracks, [kind]: id };
    this.#socket.sendTracks(this.#tracks);
    this.#opening.events.choices();
  }

  close(): void {
    this.#socket.close();
    this.#feed.close();
    this.#opening.video.playbackRate = 1;
  }
}
