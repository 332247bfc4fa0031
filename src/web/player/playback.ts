import type { StreamInfo } from "./stream_info.ts";

/** What a way tells the session. */
export interface PlaybackEvents {
  /** Media has arrived: the way lives, though it may not show anything yet. */
  alive(): void;
  /** It cannot go on; the session takes the next way. */
  failed(reason: string): void;
  /** The stream has come to its end. */
  ended(): void;
  /** Tracks to choose from have changed. */
  choices(): void;
}

/** What a way works with. */
export interface Opening {
  /** Carries pictures or sound of most ways; its volume, muting and pausing hold for all. */
  readonly video: HTMLVideoElement;
  /** Where a way puts further elements: a canvas, an image. */
  readonly stage: HTMLElement;
  /** Absolute address of the source. */
  readonly url: string;
  /** The server's address, for scripts that are loaded when they are needed. */
  readonly base: string;
  readonly info: StreamInfo;
  readonly options: PlayOptions;
  readonly events: PlaybackEvents;
}

export interface PlayOptions {
  /** Seconds that are kept between the newest picture and what is shown; as little as works when not given. */
  readonly latency?: number | undefined;
  /** Where to begin, seconds of media time; live when not given. */
  readonly startTime?: number | undefined;
  /** Chosen tracks by kind: a selector of the server, such as an index, `eng` or `none`. */
  readonly tracks: Readonly<Partial<Record<TrackKind, string>>>;
}

export type TrackKind = "video" | "audio" | "text";

/** One entry of the menu of a kind; `id` is what `choose` takes. */
export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly chosen: boolean;
}

/** Seconds, bits a second, counts; what is not known is left out. */
export interface PlaybackStats {
  /** The media clock. */
  readonly time: number;
  readonly latency?: number | undefined;
  readonly buffer?: number | undefined;
  readonly rate?: number | undefined;
  readonly frames?: number | undefined;
  readonly dropped?: number | undefined;
  readonly bitRate?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Further lines of the overlay: `decoder: software`. */
  readonly notes?: Readonly<Record<string, string>> | undefined;
}

/** One attempt to play one source in one way. */
export interface Playback {
  /** What the viewer looks at, unless it is the video. */
  readonly surface?: HTMLElement | undefined;
  /** What `choose` takes is known to this way only; else they are the server's selectors. */
  readonly ownChoices?: boolean;
  stats(): PlaybackStats;
  /** What there is to choose from; an empty list hides the menu of that kind. */
  choices(kind: TrackKind): readonly Choice[];
  choose(kind: TrackKind, id: string): void;
  /** To the newest picture. */
  goLive?(): void;
  /** The viewer looks away: nothing needs to come. */
  paused?(): void;
  /** The viewer looks again after a pause. */
  resumed?(): void;
  /** The stalling of the element, for ways that adapt to it. */
  stalled?(): void;
  /** Called a few times a second. */
  tick?(): void;
  close(): void;
}

/** Opens a way; throws or rejects when it cannot. */
export type OpenWay = (opening: Opening) => Playback | Promise<Playback>;
