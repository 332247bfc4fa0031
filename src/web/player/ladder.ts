import type { Candidate } from "./choose.ts";
import { PassedOver } from "./passed_over.ts";
import { Trial, type TrialOpening } from "./trial.ts";

/** The picture has moved so lately that it moves, milliseconds. */
const MOVES = 300;

export interface LadderEvents {
  /** What a trial is opened with. */
  opening(): TrialOpening;
  /** A better way has proven itself: the player is to go over to it now. */
  take(candidate: Candidate): void;
}

/** Remembers which ways failed, and climbs back to a better one after a calm. All times are milliseconds of one clock. */
export class Ladder {
  readonly #calm: number;
  readonly #events: LadderEvents;
  readonly #failed: PassedOver;
  /** Ways that would be better than the one that plays. */
  #better: readonly Candidate[] = [];
  #trial: Trial | undefined;
  /** Since when it plays without a stall. */
  #calmSince = 0;

  /** `calm`: so long nothing may stall before a better way is tried, and a way that failed is passed over at first. */
  constructor(calm: number, events: LadderEvents) {
    this.#calm = calm;
    this.#events = events;
    this.#failed = new PassedOver(calm);
  }

  /** The first of these that has not failed lately. */
  next(ways: readonly Candidate[], now: number): Candidate | undefined {
    return ways.find((candidate) => !this.#failed.has(keyOf(candidate), now));
  }

  /** `candidate` is about to play; `ways`: all that could, best first, or none when it is to stay. */
  begin(candidate: Candidate, ways: readonly Candidate[], now: number): void {
    const place = ways.findIndex((way) => keyOf(way) === keyOf(candidate));
    this.#better = ways.slice(0, Math.max(place, 0));
    this.#calmSince = now;
  }

  failed(candidate: Candidate, now: number): void {
    this.#failed.add(keyOf(candidate), now);
  }

  forget(): void {
    this.#failed.clear();
  }

  /** The picture stood still: a trial beside it is too much now. */
  disturbed(now: number): void {
    this.#calmSince = now;
    if (this.#trial?.taken === false) this.#giveUp(this.#trial, "the picture stood still meanwhile", now);
  }

  /** To be called a few times a second while it plays. `still`: since when the picture has not moved, milliseconds. */
  tick(now: number, still: number): void {
    const trial = this.#trial;
    if (trial === undefined) {
      if (now - this.#calmSince < this.#calm) return;
      const better = this.next(this.#better, now);
      if (better !== undefined) this.#trial = new Trial(better, this.#events.opening());
    } else if (trial.taken) {
      if (still < MOVES) this.end();
    } else if (trial.tick(now)) {
      trial.taken = true;
      // kept from the end of all that belongs to the way before
      this.#trial = undefined;
      this.#events.take(trial.candidate);
      this.#trial = trial;
    } else if (trial.fault !== undefined) this.#giveUp(trial, trial.fault, now);
  }

  #giveUp(trial: Trial, reason: string, now: number): void {
    console.info(`fogcast: not back to ${trial.candidate.way.name} yet: ${reason}`);
    this.failed(trial.candidate, now);
    this.end();
  }

  /** Ends what plays behind the picture. */
  end(): void {
    this.#trial?.close();
    this.#trial = undefined;
  }
}

function keyOf({ way, source }: Candidate): string {
  return `${way.name} ${source.relurl ?? source.url}`;
}
