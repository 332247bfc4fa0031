import { makeFrameRecord, TrackView } from "../../buffer/track_view.ts";
import type { Codec, TrackKind } from "../../media/codec.ts";
import { Rate } from "./rate.ts";

/** One track as it lies in the buffer. */
export interface TrackStatus {
  readonly id: number;
  readonly kind: TrackKind;
  readonly codec: Codec;
  readonly codecString: string;
  /** 0 for audio and data. */
  readonly width: number;
  readonly height: number;
  /** 0 for video and data. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Frames written since the page was made. */
  readonly frames: number;
  /** Frames a second over the last seconds. */
  readonly frameRate: number;
  /** Between the newest two key frames; 0 while unknown. */
  readonly keyFrameSeconds: number;
  /** Time of decoding, in seconds of the stream: oldest and newest frame that is held. */
  readonly firstSeconds: number;
  readonly lastSeconds: number;
  /** Memory in use, and the most that there may be. */
  readonly bufferBytes: number;
  readonly bufferCapacity: number;
  /** Frames that left before the window was over, because the memory is at its cap. */
  readonly shrunk: number;
}

/** Frames looked back for the last but one key frame. */
const LOOK_BACK_MAX = 3000;

/** What one track's page tells, with how fast it grows. Looks at the page only when asked; nothing is counted twice. */
export class TrackMeter {
  readonly #view: TrackView;
  readonly #frames = new Rate();
  readonly #record = makeFrameRecord();
  #keyAt = -1;
  #keySeconds = 0;

  constructor(page: SharedArrayBuffer) {
    this.#view = new TrackView(page);
  }

  /** To be called about once a second, with the monotonic time in milliseconds. */
  sample(now: number): void {
    this.#frames.sample(this.#view.head, now);
  }

  /** Undefined until the track is described. */
  status(): TrackStatus | undefined {
    const view = this.#view;
    const track = view.track()?.track;
    if (track === undefined) return undefined;
    const { bytes, capacity } = view.fill;
    const first = this.#secondsOf(view.tail, track.timescale);
    const last = this.#secondsOf(view.head - 1, track.timescale);
    return {
      id: view.id,
      kind: track.kind,
      codec: track.codec,
      codecString: track.codecString,
      width: track.kind === "video" ? track.width : 0,
      height: track.kind === "video" ? track.height : 0,
      sampleRate: track.kind === "audio" ? track.sampleRate : 0,
      channels: track.kind === "audio" ? track.channels : 0,
      frames: view.head,
      frameRate: this.#frames.perSecond,
      keyFrameSeconds: track.kind === "video" ? this.#keyInterval(track.timescale) : 0,
      firstSeconds: first ?? 0,
      lastSeconds: last ?? 0,
      bufferBytes: bytes,
      bufferCapacity: capacity,
      shrunk: view.counters.shrunk,
    };
  }

  #secondsOf(sequence: number, timescale: number): number | undefined {
    const record = this.#record;
    return sequence >= 0 && this.#view.peek(sequence, record) === "ok" ? record.dts / timescale : undefined;
  }

  #keyInterval(timescale: number): number {
    const newest = this.#view.newestKey;
    if (newest < 0 || newest === this.#keyAt) return this.#keySeconds;
    const at = this.#secondsOf(newest, timescale);
    if (at === undefined) return this.#keySeconds;
    this.#keyAt = newest;
    const record = this.#record;
    const oldest = Math.max(this.#view.tail, newest - LOOK_BACK_MAX);
    for (let sequence = newest - 1; sequence >= oldest; sequence--) {
      if (this.#view.peek(sequence, record) !== "ok") break;
      if (!record.key) continue;
      this.#keySeconds = at - record.dts / timescale;
      break;
    }
    return this.#keySeconds;
  }
}
