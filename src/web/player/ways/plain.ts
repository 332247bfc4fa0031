import { bufferedAhead } from "../latency_keeper.ts";
import type { Choice, Opening, Playback, PlaybackStats, TrackKind } from "../playback.ts";
import { newestMillis } from "../stream_info.ts";
import { addressOf } from "./address.ts";
import { chosenTracks, frameCounts } from "./readings.ts";

/** More than this buffered ahead of what is shown, and what is between is left out, seconds. */
const BEHIND_MOST = 4;

/**
 * The element plays the address by itself: HLS on Apple's devices, progressive WebM, MP4, Ogg, WAV, MP3 and AAC
 * elsewhere. It gives little to steer: what piles up is jumped over.
 */
export function openPlain(opening: Opening): Playback {
  return new Plain(opening);
}

class Plain implements Playback {
  readonly #opening: Opening;
  readonly #undo = new AbortController();
  #tracks: Partial<Record<TrackKind, string>>;
  /** Time of the stream to begin at; undefined: live. */
  #startMillis: number | undefined;

  constructor(opening: Opening) {
    const { video, events } = opening;
    this.#opening = opening;
    this.#tracks = { ...opening.options.tracks };
    const millis = Math.round((opening.options.startTime ?? Infinity) * 1000);
    // the server would wait for what is still to come
    if (millis < newestMillis(opening.info)) this.#startMillis = millis;
    const listening = { signal: this.#undo.signal };
    video.addEventListener(
      "error",
      () => events.failed(video.error?.message || "the browser cannot play it"),
      listening,
    );
    video.addEventListener("progress", () => events.alive(), listening);
    video.addEventListener("ended", () => events.ended(), listening);
    this.#load();
  }

  #load(): void {
    const { video, url } = this.#opening;
    const address = new URL(addressOf(url, this.#tracks));
    if (this.#startMillis !== undefined) address.searchParams.set("start", String(this.#startMillis));
    video.src = address.href;
  }

  tick(): void {
    const { video } = this.#opening;
    const ahead = bufferedAhead(video);
    if (
      this.#startMillis === undefined && ahead !== undefined &&
      ahead > BEHIND_MOST && !video.paused
    ) {
      video.currentTime += ahead - 1;
    }
  }

  goLive(): void {
    const { video } = this.#opening;
    this.#startMillis = undefined;
    const { seekable } = video;
    if (
      seekable.length > 0 && Number.isFinite(seekable.end(seekable.length - 1))
    ) {
      video.currentTime = seekable.end(seekable.length - 1);
    } else this.#load();
  }

  resumed(): void {
    if (this.#startMillis === undefined) this.goLive();
  }

  stats(): PlaybackStats {
    const { video } = this.#opening;
    const ahead = bufferedAhead(video);
    return {
      time: video.currentTime,
      latency: ahead,
      buffer: ahead,
      rate: video.playbackRate,
      ...frameCounts(video),
    };
  }

  choices(kind: TrackKind): readonly Choice[] {
    return chosenTracks(this.#opening.info, kind, this.#tracks[kind]);
  }

  choose(kind: TrackKind, id: string): void {
    this.#tracks = { ...this.#tracks, [kind]: id };
    this.#load();
    this.#opening.events.choices();
  }

  close(): void {
    this.#undo.abort();
    const { video } = this.#opening;
    video.removeAttribute("src");
    video.load();
  }
}
