import type { Candidate } from "./choose.ts";
import type { Opening, Playback } from "./playback.ts";
import { ProgressWatch } from "./progress_watch.ts";
import { openWay } from "./ways/table.ts";

/** A way that has shown pictures for so long will do, milliseconds. */
const PROVEN = 2000;

/** What a way is opened with, but for its own source and what it tells. */
export type TrialOpening = Omit<Opening, "url" | "events">;

/**
 * A better way than the one that plays, tried behind its picture and without sound. When it has proven itself it stays
 * there while the player goes over to that way: a video that has no picture lets what is behind it be seen.
 */
export class Trial {
  readonly candidate: Candidate;
  /** The player goes over to this way. */
  taken = false;
  readonly #opening: TrialOpening;
  readonly #video = document.createElement("video");
  readonly #behind = document.createElement("div");
  readonly #watch = new ProgressWatch(performance.now());
  #playback: Playback | undefined;
  #shownAt: number | undefined;
  #fault: string | undefined;
  #closed = false;

  /** `opening`: of the way that plays. */
  constructor(candidate: Candidate, opening: TrialOpening) {
    this.candidate = candidate;
    this.#opening = opening;
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#behind.className = "stage";
    this.#behind.ariaHidden = "true";
    this.#behind.append(this.#video);
    opening.stage.before(this.#behind);
    this.#open();
  }

  async #open(): Promise<void> {
    const fail = (reason: string) => this.#fault ??= reason;
    try {
      const playback = await openWay(this.candidate, {
        ...this.#opening,
        video: this.#video,
        stage: this.#behind,
        events: {
          alive: () => this.#watch.alive(performance.now()),
          failed: fail,
          ended: () => fail("the stream has ended"),
          choices() {},
        },
      });
      if (this.#closed) return playback.close();
      this.#playback = playback;
      this.#watch.pardon(performance.now());
      await this.#video.play();
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Why it does not play; undefined while it may. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** To be called a few times a second; answers whether the way has proven itself. */
  tick(now: number): boolean {
    const playback = this.#playback;
    if (playback === undefined) return false;
    playback.tick?.();
    const verdict = this.#watch.look(playback.stats().time, now);
    if (verdict !== "well") this.#fault ??= verdict;
    if (this.#watch.started) this.#shownAt ??= now;
    return this.#fault === undefined && this.#shownAt !== undefined && now - this.#shownAt > PROVEN;
  }

  close(): void {
    this.#closed = true;
    this.#playback?.close();
    this.#behind.remove();
  }
}
