/** Nothing at all came for so long after opening, milliseconds. */
export const SILENT = 2500;
/** Media comes but nothing shows for so long after opening: plain sound of few bits takes browsers seconds. */
export const NO_PICTURE = 12_000;
/** What played stands still for so long, and nothing comes. */
export const STANDS = 1200;
/** The same while media comes: the browser or the machine is slow, another way would be no faster. */
export const STANDS_FED = 4000;
/** Media that came so lately counts as coming. */
const FED_WITHIN = 600;

export type Verdict = "well" | "silent" | "no picture" | "stands";

/** Judges from a media clock whether a way of playing gets on; all times are milliseconds of one clock. */
export class ProgressWatch {
  /** Whether anything was shown. */
  started = false;
  #since: number;
  #aliveAt: number | undefined;
  #time = 0;
  #movedAt: number;

  constructor(now: number) {
    this.#since = now;
    this.#movedAt = now;
  }

  /** Media has come. */
  alive(now: number): void {
    this.#aliveAt = now;
  }

  /** The viewer paused, or the page slept: that counts for nothing. */
  pardon(now: number): void {
    this.#since = now;
    this.#movedAt = now;
  }

  /** `time`: what the media clock shows, seconds. */
  look(time: number, now: number): Verdict {
    if (time !== this.#time) {
      // the first jump to where the media begins is not playing yet
      if (this.#time !== 0 && time > this.#time && time - this.#time < 2) {
        this.started = true;
      }
      this.#time = time;
      this.#movedAt = now;
    }
    if (this.started) {
      const fed = this.#aliveAt !== undefined && now - this.#aliveAt < FED_WITHIN;
      return now - this.#movedAt > (fed ? STANDS_FED : STANDS) ? "stands" : "well";
    }
    if (this.#aliveAt === undefined) {
      return now - this.#since > SILENT ? "silent" : "well";
    }
    return now - this.#since > NO_PICTURE ? "no picture" : "well";
  }

  /** Milliseconds since the clock moved. */
  still(now: number): number {
    return now - this.#movedAt;
  }
}
