import type { Picture } from "./picture_decoder.ts";

/** Decoded pictures that wait to be shown at most; the oldest goes first, as in a hidden tab where nothing is shown. */
const WAITING_BYTES = 96 << 20;
const WAITING_LEAST = 6;
const WAITING_MOST = 50;
/** The picture's own clock runs so far behind the newest picture, seconds. */
const MARGIN = 0.04;
/** Further off than this, and the clock is set anew, seconds. */
const OFF_MOST = 1;

/** Shows decoded pictures on a canvas when their time has come: by the clock of the sound, else by a clock of its own. */
export class Presenter {
  readonly canvas = document.createElement("canvas");
  /** Time of the picture that is shown, seconds; 0 before the first. */
  shown = 0;
  /** Pictures painted, and those that were decoded but came too late. */
  frames = 0;
  late = 0;
  /** Seconds that pictures come after their time by the sound's clock, on average; negative: before it. */
  lateness = 0;
  readonly #context: CanvasRenderingContext2D;
  readonly #soundClock: () => number | undefined;
  readonly #waiting: Picture[] = [];
  /** Own clock: media time minus the page's time, seconds. */
  #offset: number | undefined;
  #frame = 0;
  #paused = false;

  constructor(soundClock: () => number | undefined) {
    const context = this.canvas.getContext("2d", {
      alpha: false,
      desynchronized: true,
    });
    if (context === null) throw new Error("This browser gives no canvas");
    this.#context = context;
    // black before the first picture, where something else may be seen
    this.canvas.style.visibility = "hidden";
    this.#soundClock = soundClock;
    this.#frame = requestAnimationFrame(this.#tick);
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.#offset = undefined;
  }

  push(picture: Picture): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && picture.pts < last.pts - OFF_MOST) this.#clear();
    this.#waiting.push(picture);
    const room = Math.floor(WAITING_BYTES / (picture.width * picture.height * 4));
    if (this.#waiting.length > Math.min(WAITING_MOST, Math.max(WAITING_LEAST, room))) this.#leaveOut();
    const sound = this.#soundClock();
    if (sound !== undefined) {
      this.lateness += (sound - picture.pts - this.lateness) / 16;
    } else this.#setOwnClock(picture.pts);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#clear();
    this.canvas.remove();
  }

  /** Follows what arrives: a little slower after a picture that came late, slowly faster while they wait. */
  #setOwnClock(newest: number): void {
    const now = performance.now() / 1000;
    const ideal = newest - MARGIN - now;
    const off = this.#offset === undefined ? OFF_MOST + 1 : ideal - this.#offset;
    if (Math.abs(off) > OFF_MOST) this.#offset = ideal;
    else this.#offset = (this.#offset as number) + off * (off < 0 ? 0.2 : 0.02);
  }

  #clock(): number | undefined {
    const sound = this.#soundClock();
    if (sound !== undefined) {
      this.#offset = sound - performance.now() / 1000;
      return sound;
    }
    return this.#offset === undefined ? undefined : performance.now() / 1000 + this.#offset;
  }

  #tick = (): void => {
    this.#frame = requestAnimationFrame(this.#tick);
    const clock = this.#clock();
    if (clock === undefined || this.#paused) return;
    let due: Picture | undefined;
    while (
      this.#waiting.length > 0 && (this.#waiting[0] as Picture).pts <= clock
    ) {
      if (due !== undefined) {
        this.late++;
        due.close();
      }
      due = this.#waiting.shift();
    }
    if (due === undefined) return;
    const { canvas } = this;
    if (canvas.width !== due.width || canvas.height !== due.height) {
      [canvas.width, canvas.height] = [due.width, due.height];
    }
    due.paint(this.#context);
    if (this.frames === 0) canvas.style.visibility = "";
    this.shown = due.pts;
    this.frames++;
    due.close();
  };

  #leaveOut(): void {
    this.#waiting.shift()?.close();
    this.late++;
  }

  #clear(): void {
    for (const picture of this.#waiting.splice(0)) picture.close();
    this.#offset = undefined;
  }
}
