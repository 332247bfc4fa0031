import type { Clock } from "../../base/clock.ts";
import { baseOf } from "../../media/stream_name.ts";
import type { HandedTags } from "../handover/handed_tags.ts";

/** Tags that were given by hand wait so long for a stream that does not run, and outlive one that did, milliseconds. */
export const TAGS_WAIT_MILLIS = 60_000;
/** Tags of one stream, and streams with tags given by hand, at most. */
export const TAGS_MAX = 64;
export const TAGGED_MAX = 10_000;
const LOOK_MILLIS = 5000;

export interface StreamTagsPorts {
  readonly clock: Clock;
  /** What the configuration says of a stream, by the name before any `+`. */
  configured(base: string): readonly string[];
  /** Streams that run. */
  running(): Iterable<string>;
}

/** What was changed by hand. */
interface Changes {
  readonly added: Set<string>;
  readonly removed: Set<string>;
  /** On the monotonic clock: forgotten then, unless the stream runs. */
  until: number;
}

/** Tags of streams: those of the configuration, and what was changed by hand while they run. */
export class StreamTags {
  readonly #ports: StreamTagsPorts;
  readonly #changes = new Map<string, Changes>();
  #cancel: (() => void) | undefined;

  constructor(ports: StreamTagsPorts) {
    this.#ports = ports;
  }

  /** The stream's tags, those of the configuration first. */
  of(stream: string): readonly string[] {
    const configured = this.#ports.configured(baseOf(stream));
    const changes = this.#changes.get(stream);
    if (changes === undefined) return configured;
    const { added, removed } = changes;
    return [...new Set([...configured.filter((tag) => !removed.has(tag)), ...added])];
  }

  /** Gives a stream tags. False where it, or the server, has too many. */
  add(stream: string, tags: readonly string[]): boolean {
    if (new Set([...this.of(stream), ...tags]).size > TAGS_MAX) return false;
    const changes = this.#changesOf(stream);
    if (changes === undefined) return false;
    for (const tag of tags) {
      changes.removed.delete(tag);
      changes.added.add(tag);
    }
    return true;
  }

  /** Takes tags away, those of the configuration too. False where the server has too many changes to keep. */
  remove(stream: string, tags: readonly string[]): boolean {
    const had = tags.filter((tag) => this.of(stream).includes(tag));
    if (had.length === 0) return true;
    const changes = this.#changesOf(stream);
    if (changes === undefined) return false;
    const configured = this.#ports.configured(baseOf(stream));
    for (const tag of had) {
      changes.added.delete(tag);
      if (configured.includes(tag)) changes.removed.add(tag);
    }
    return true;
  }

  /** Streams whose tags were changed by hand. */
  changed(): Iterable<string> {
    return this.#changes.keys();
  }

  /** What the server that takes over is to know of a stream; undefined where nothing was changed by hand. */
  handed(stream: string): HandedTags | undefined {
    const changes = this.#changes.get(stream);
    if (changes === undefined) return undefined;
    const { added, removed, until } = changes;
    const leftMillis = Math.max(0, until - this.#ports.clock.mono());
    return { added: [...added], removed: [...removed], leftMillis };
  }

  /** Goes on with what was changed by hand in the server before this one. */
  adopt(stream: string, { added, removed, leftMillis }: HandedTags): void {
    const changes = this.#changesOf(stream);
    if (changes === undefined) return;
    for (const tag of added) changes.added.add(tag);
    for (const tag of removed) changes.removed.add(tag);
    changes.until = this.#ports.clock.mono() + Math.min(leftMillis, TAGS_WAIT_MILLIS);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #changesOf(stream: string): Changes | undefined {
    let changes = this.#changes.get(stream);
    if (changes === undefined) {
      if (this.#changes.size >= TAGGED_MAX) return undefined;
      this.#changes.set(stream, changes = { added: new Set(), removed: new Set(), until: 0 });
    }
    changes.until = this.#ports.clock.mono() + TAGS_WAIT_MILLIS;
    if (this.#cancel === undefined) this.#watch();
    return changes;
  }

  #watch(): void {
    this.#cancel = this.#ports.clock.after(LOOK_MILLIS, () => {
      const now = this.#ports.clock.mono();
      for (const stream of this.#ports.running()) {
        const changes = this.#changes.get(stream);
        if (changes !== undefined) changes.until = now + TAGS_WAIT_MILLIS;
      }
      for (const [stream, { until }] of this.#changes) if (until <= now) this.#changes.delete(stream);
      this.#cancel = undefined;
      if (this.#changes.size > 0) this.#watch();
    });
  }
}
