import { createStreamPage } from "../../buffer/stream_page.ts";
import { createTrackPage } from "../../buffer/track_page.ts";
import { TrackView } from "../../buffer/track_view.ts";
import { CODECS, type TrackKind } from "../../media/codec.ts";
import type { StreamLegacy } from "../handover/stream_legacy.ts";
import type { StreamSummary } from "../messages.ts";

/**
 * Segment numbers start at the time since 2020 in units of the shortest segment, so that a stream that is set up anew,
 * in this process or the next, never gives a number again that a cache may hold for ever. 32 bits last until 2088.
 * Never 0, which hls.js 1.7.4 mistakes for none: it loads that segment again and again, MPEG-TS at later times each time.
 */
const SHORTEST_SEGMENT_MILLIS = 500;
const NUMBERS_SINCE = Date.UTC(2020, 0);
/**
 * Stream times count from the last midnight: after a crash they go on where they would have been, so that players find
 * the new segments behind those that they have. A day of them fits the 33 bits of MPEG-2 TS.
 */
const ORIGIN_MILLIS = 86_400_000;

/** The shared memory of one stream: its page, and one for each track by the number that its source asked for it under. */
export class StreamPages {
  readonly #tracks = new Map<number, SharedArrayBuffer>();
  #page: SharedArrayBuffer | undefined;

  /** Undefined while the stream has none. */
  get page(): SharedArrayBuffer | undefined {
    return this.#page;
  }

  /** Pages of its tracks as they are now. */
  get tracks(): SharedArrayBuffer[] {
    return [...this.#tracks.values()];
  }

  /** Tracks with their numbers. */
  get numbered(): (readonly [number, SharedArrayBuffer])[] {
    return [...this.#tracks];
  }

  /** Nothing has come as yet. */
  get isEmpty(): boolean {
    return this.#tracks.size === 0;
  }

  /** The stream's page, made now where there is none; `wall` is the time, Unix milliseconds. */
  begin(wall: number): SharedArrayBuffer {
    return this.#page ??= createStreamPage({
      firstSegment: Math.max(1, Math.floor((wall - NUMBERS_SINCE) / SHORTEST_SEGMENT_MILLIS)),
      origin: wall - wall % ORIGIN_MILLIS,
    });
  }

  /** Takes over what another server left. */
  adopt({ page, tracks }: Pick<StreamLegacy, "page" | "tracks">): void {
    this.#page = page;
    for (const [id, track] of tracks) this.#tracks.set(id, track);
  }

  /** A page for a further track. */
  add(trackId: number, kind: TrackKind, maxBytes: number): SharedArrayBuffer {
    const page = createTrackPage(kind, maxBytes);
    this.#tracks.set(trackId, page);
    return page;
  }

  /** What the tracks are, in the order of their numbers. */
  describe(): StreamSummary["tracks"] {
    return [...this.#tracks].sort(([a], [b]) => a - b).flatMap(([, page]) => {
      const found = new TrackView(page).track();
      if (found === undefined) return [];
      const codec = found.track.codec;
      return [{ codec: found.track.codecString || codec, label: CODECS[codec].label }];
    });
  }

  giveUp(): void {
    this.#page = undefined;
    this.#tracks.clear();
  }
}
