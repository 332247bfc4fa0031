/** A coded picture that waits for the decoder. */
export interface WaitingPicture {
  /** Presentation time, seconds. */
  readonly pts: number;
  readonly entry: boolean;
  readonly disposable: boolean;
  readonly skippedLeading: boolean;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Pictures that nothing refers to are left out when so much waits, and all up to the newest key frame then, seconds. */
export const SKIP_DISPOSABLE = 0.2;
export const SKIP_TO_KEY = 0.8;
/** Without a key frame to go on from, all is thrown away and the next one waited for when so much waits. */
export const GIVE_UP = 2.5;

/** What is to be decoded next when the decoder is slower than the camera: it stays in real time by leaving pictures out. */
export class Backlog {
  /** Pictures that were left out. */
  dropped = 0;
  readonly #waiting: WaitingPicture[] = [];
  /** Decoding begins at a picture that refers to none. */
  #needsEntry = true;
  #afterEntry = true;

  push(picture: WaitingPicture): void {
    this.#waiting.push(picture);
  }

  /** Seconds of pictures that wait. */
  get seconds(): number {
    const [first] = this.#waiting;
    const last = this.#waiting.at(-1);
    return first === undefined || last === undefined ? 0 : last.pts - first.pts;
  }

  next(): WaitingPicture | undefined {
    const behind = this.seconds;
    if (behind > SKIP_TO_KEY) {
      const key = this.#waiting.findLastIndex((p) => p.entry);
      if (key > 0) this.#drop(key);
      else if (behind > GIVE_UP && key < 0) {
        this.#drop(this.#waiting.length);
        this.#needsEntry = true;
      }
    }
    for (;;) {
      const picture = this.#waiting.shift();
      if (picture === undefined) return undefined;
      if (this.#take(picture, behind)) return picture;
      this.dropped++;
    }
  }

  #take(picture: WaitingPicture, behind: number): boolean {
    if (picture.entry) {
      // what leads a random access point refers to what was left out before it
      this.#afterEntry = this.#needsEntry;
      this.#needsEntry = false;
      return true;
    }
    if (this.#needsEntry) return false;
    if (picture.skippedLeading) return !this.#afterEntry;
    return !(picture.disposable && behind > SKIP_DISPOSABLE);
  }

  #drop(count: number): void {
    this.dropped += count;
    this.#waiting.splice(0, count);
    this.#needsEntry = true;
  }
}
