/** How close to the newest picture to keep, seconds. */
export interface KeeperSettings {
  /** Length of the pieces that arrive. */
  piece: number;
  /** What is kept beyond one piece, at least. */
  readonly spareLeast: number;
  /** So much more than needed is left alone. */
  readonly slack: number;
  /** What is kept beyond a piece grows so many times with a stall. */
  readonly growth: number;
  /** So long without a stall, and less is kept, milliseconds. */
  readonly calm: number;
}

/** As LL-HLS comes: parts of a segment. */
export const FOR_PARTS: KeeperSettings = {
  piece: 0.2,
  spareLeast: 0.15,
  slack: 0.15,
  growth: 2,
  calm: 20_000,
};
/** As a WebSocket brings it: frame by frame. */
export const FOR_FRAMES: KeeperSettings = {
  piece: 0.04,
  spareLeast: 0.06,
  slack: 0.03,
  growth: 1.5,
  calm: 8000,
};

const SPARE_MOST = 3;
/** More than this beyond what is needed is jumped over, less is made up by playing faster. */
const JUMP_BEHIND = 3;
const FASTEST = 0.15;
const SLOWEST = 0.15;
/** Stalls so soon after the start tell nothing of the network, milliseconds. */
const SETTLING = 2000;

/** What of a `<video>` it looks at and changes. */
export interface Keepable {
  currentTime: number;
  playbackRate: number;
  readonly paused: boolean;
  readonly buffered: {
    readonly length: number;
    start(i: number): number;
    end(i: number): number;
  };
}

/**
 * Keeps playback near the end of what has arrived: plays a little faster while more is buffered than is needed, a
 * little slower while there is less than the page wants, and takes more as needed after each stall, less again when none
 * comes.
 */
export class LatencyKeeper {
  /** Length of the pieces that arrive, seconds. */
  piece: number;
  /** Seconds that the page wants at least between the newest and what is shown. */
  target = 0;
  /** Off while a viewer looks at the past. */
  live = true;
  #spare: number;
  #stalledAt: number;
  #began: number | undefined;
  readonly #video: Keepable;
  readonly #settings: KeeperSettings;
  readonly #now: () => number;

  constructor(
    video: Keepable,
    settings: KeeperSettings,
    now: () => number = () => performance.now(),
  ) {
    this.#video = video;
    this.#settings = settings;
    this.#now = now;
    this.#stalledAt = now();
    this.piece = settings.piece;
    this.#spare = settings.spareLeast;
  }

  /** Seconds that it keeps in hand. */
  get needed(): number {
    return Math.max(this.piece + this.#spare, this.target);
  }

  /** To be called when playback stalls: what was kept did not suffice. */
  stalled(): void {
    this.#stalledAt = this.#now();
    if (this.#began === undefined || this.#stalledAt - this.#began < SETTLING) return;
    this.#spare = Math.min(SPARE_MOST, this.#spare * this.#settings.growth);
  }

  /** To be called a few times a second. */
  tick(): void {
    const video = this.#video;
    const ahead = bufferedAhead(video);
    if (video.paused || !this.live || ahead === undefined) return;
    this.#began ??= this.#now();
    if (this.#now() - this.#stalledAt > this.#settings.calm) {
      this.#stalledAt = this.#now();
      this.#spare = Math.max(this.#settings.spareLeast, this.#spare * 0.8);
    }
    const surplus = ahead - this.needed;
    if (surplus > JUMP_BEHIND) video.currentTime += surplus;
    else if (surplus > this.#settings.slack) {
      // rounded, since each change costs the sound a little
      video.playbackRate = 1 + Math.min(FASTEST, Math.ceil(surplus * 10) / 20);
    } else if (surplus < 0) {
      // what the page wants in hand is saved up by playing slower; what stalls have taught is not
      const missing = this.target - ahead;
      video.playbackRate = missing > this.#settings.slack
        ? 1 - Math.min(SLOWEST, Math.ceil(missing * 10) / 20)
        : 1;
    }
  }
}

/** Seconds buffered ahead of what is shown; undefined when nothing is buffered there. */
export function bufferedAhead(
  { buffered, currentTime }: Keepable,
): number | undefined {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime && currentTime <= buffered.end(i)) {
      return buffered.end(i) - currentTime;
    }
  }
  return undefined;
}
