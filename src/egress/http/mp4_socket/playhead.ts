import { printSetSpeed, type Rate } from "./messages.ts";

/** How far ahead of what is shown a viewer who is not live gets frames, microseconds. */
const LEAD_MICROS = 1_000_000;
/** Who is so close to the live edge is live, microseconds. */
export const LIVE_MICROS = 5_000_000;
/** Who was paused no longer than so goes on live, microseconds behind. */
const RESUME_MICROS = 3_000_000;

/**
 * What a viewer should be showing, and so what it gets: at the live edge everything that comes; elsewhere as time goes
 * by, at the speed that was asked for.
 */
export class Playhead {
  /** Keeps to the live edge. */
  live = true;
  /** Playing, not paused and not waiting for its beginning. */
  running = false;
  /** As asked for; 0: auto. */
  #rate = 0;
  #anchorAt = 0;
  #anchorMicros = 0;
  /** Sends as fast as it can up to there. */
  #forwardTo = -Infinity;
  #pausedMicros: number | undefined;

  get rate(): Rate {
    if (this.#forwardTo > -Infinity) return "fast-forward";
    return this.#rate === 0 ? "auto" : this.#rate;
  }

  /** Stream time that should be shown; `sent` is that of the last frame. */
  micros(now: number, sent: number): number {
    if (!this.running && this.#pausedMicros !== undefined) return this.#pausedMicros;
    return this.live ? sent : this.#target(now);
  }

  /** Stream time up to which frames may be sent now. */
  until(now: number): number {
    return this.live ? Infinity : Math.max(this.#target(now) + LEAD_MICROS, this.#forwardTo);
  }

  #target(now: number): number {
    return this.#anchorMicros + (now - this.#anchorAt) * 1000 * (this.#rate === 0 ? 1 : this.#rate);
  }

  /** Counts from here on. */
  anchor(now: number, micros: number): void {
    this.#anchorAt = now;
    this.#anchorMicros = micros;
  }

  goLive(): void {
    this.live = true;
    this.#rate = 0;
    this.#forwardTo = -Infinity;
    this.#pausedMicros = undefined;
    this.running = true;
  }

  goTo(now: number, micros: number): void {
    this.live = false;
    this.#forwardTo = -Infinity;
    this.#pausedMicros = this.running ? undefined : micros;
    this.anchor(now, micros);
  }

  pause(micros: number): void {
    if (!this.running) return;
    this.running = false;
    this.#pausedMicros = micros;
  }

  /** Goes on where it was paused; live where that was just now, or where it has not begun yet. */
  resume(now: number, endMillis: number): void {
    if (this.running) return;
    this.running = true;
    const paused = this.#pausedMicros;
    this.#pausedMicros = undefined;
    if (paused === undefined) return;
    this.live &&= endMillis * 1000 - paused < RESUME_MICROS;
    this.anchor(now, paused);
  }

  /** `micros` is what is shown now, `end` the newest there is. */
  setRate(now: number, rate: number, micros: number, end: number): void {
    this.#rate = rate;
    this.#pausedMicros = undefined;
    this.running = true;
    this.live = rate === 0 && end - micros < LIVE_MICROS;
    this.anchor(now, micros);
  }

  forwardTo(now: number, micros: number): void {
    if (this.live) return;
    if (micros > this.#target(now)) this.#forwardTo = micros;
    else this.anchor(now, micros);
  }

  /** All that might be sent was; answers what to say where that was the end of going forward fast. */
  reached(now: number, sent: number): string | undefined {
    if (this.#forwardTo === -Infinity || sent < this.#forwardTo) return undefined;
    this.#forwardTo = -Infinity;
    this.anchor(now, sent);
    return printSetSpeed("fast-forward", this.rate, this.live);
  }
}
