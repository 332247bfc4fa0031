import type { Candidate, Wishes } from "./choose.ts";
import type { Playback, TrackKind } from "./playback.ts";
import type { StreamInfo } from "./stream_info.ts";

export interface SessionOptions extends Wishes {
  readonly name: string;
  readonly base: string;
  readonly video: HTMLVideoElement;
  readonly stage: HTMLElement;
  readonly latency?: number | undefined;
  readonly startTime?: number | undefined;
  /** After so many seconds without a stall a better way that failed is tried again. */
  readonly betterAfter?: number | undefined;
  readonly tracks: Readonly<Partial<Record<TrackKind, string>>>;
}

export type PlayState =
  | "starting"
  | "playing"
  | "stalled"
  | "waiting"
  | "unreachable"
  | "failed"
  | "ended";

export interface SessionEvents {
  /** `reason`: for people, empty when it plays. */
  state(state: PlayState, reason: string): void;
  /** Another way plays now; undefined: none. */
  way(candidate: Candidate | undefined, playback: Playback | undefined): void;
  choices(): void;
  info(info: StreamInfo): void;
  /** Playing needs the viewer's touch, or was muted to go without. */
  blocked(how: "muted" | "paused"): void;
}
