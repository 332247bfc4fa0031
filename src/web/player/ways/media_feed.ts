import { MediaSourceHere } from "../abilities.ts";

/** What is kept behind the picture, seconds, and how often the older is let go, milliseconds. */
const KEEP_BEHIND = 20;
const TRIM_EVERY = 5000;
/** More than this waiting to be taken in, and the browser cannot keep up, bytes. */
const QUEUE_MAX = 32 << 20;

/** A `<video>` that is fed MP4 as it comes: one source buffer for all tracks, appended to in order. */
export class MediaFeed {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #failed: (reason: string) => void;
  readonly #queue: (ArrayBuffer | Uint8Array<ArrayBuffer> | { readonly mime: string })[] = [];
  #queued = 0;
  #buffer: SourceBuffer | undefined;
  #trimmedAt = 0;
  #closed = false;

  constructor(video: HTMLVideoElement, failed: (reason: string) => void) {
    if (MediaSourceHere === undefined) {
      throw new Error("This browser has no Media Source Extensions");
    }
    this.#video = video;
    this.#failed = failed;
    this.#source = new MediaSourceHere();
    this.#url = URL.createObjectURL(this.#source);
    this.#source.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(this.#url);
      this.#next();
    }, { once: true });
    // iPhones: no playback to another screen, else no ManagedMediaSource
    video.disableRemotePlayback = true;
    video.src = this.#url;
  }

  /** What comes now is of these codecs; later ones change what the buffer takes. */
  begin(mime: string): void {
    this.#queue.push({ mime });
    this.#next();
  }

  append(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    this.#queued += bytes.byteLength;
    if (this.#queued > QUEUE_MAX) {
      return this.#fail("the browser cannot keep up");
    }
    this.#queue.push(bytes);
    this.#next();
  }

  /** What is buffered; empty before anything is. */
  get ranges(): TimeRanges | undefined {
    return this.#closed || this.#buffer === undefined ||
        this.#source.readyState !== "open"
      ? undefined
      : this.#buffer.buffered;
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #next(): void {
    if (
      this.#closed || this.#source.readyState !== "open" ||
      this.#buffer?.updating === true
    ) return;
    const now = performance.now();
    if (this.#buffer !== undefined && now - this.#trimmedAt > TRIM_EVERY) {
      this.#trimmedAt = now;
      if (this.#trim(KEEP_BEHIND)) return;
    }
    const item = this.#queue.shift();
    if (item === undefined) return;
    try {
      if (!("mime" in item)) {
        this.#queued -= item.byteLength;
        this.#buffer?.appendBuffer(item);
      } else {
        this.#take(item.mime);
        this.#next();
      }
    } catch (error) {
      const full = error instanceof DOMException &&
        error.name === "QuotaExceededError";
      if (full && !("mime" in item) && this.#trim(2)) {
        this.#queue.unshift(item);
        this.#queued += item.byteLength;
      } else this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #take(mime: string): void {
    if (this.#buffer !== undefined) return this.#buffer.changeType(mime);
    const buffer = this.#source.addSourceBuffer(mime);
    this.#buffer = buffer;
    this.#source.duration = Infinity;
    buffer.addEventListener("updateend", () => this.#next());
    buffer.addEventListener(
      "error",
      () => this.#fail(this.#video.error?.message || "the browser cannot read it"),
    );
  }

  /** Lets go of what is older than `keep` seconds; false when there is nothing of it. */
  #trim(keep: number): boolean {
    const ranges = this.ranges;
    const until = this.#video.currentTime - keep;
    if (
      ranges === undefined || ranges.length === 0 ||
      ranges.start(0) >= until - 1
    ) return false;
    this.#buffer?.remove(0, until);
    return true;
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#failed(reason);
  }
}
