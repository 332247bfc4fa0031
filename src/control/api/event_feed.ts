import type { LogLine } from "../../base/log.ts";
import type { SessionRow } from "../session/session_row.ts";
import type { StreamStatus } from "../telemetry/stream_status.ts";
import { ApiFailure } from "./api_failure.ts";
import type { ApiState } from "./api_state.ts";

/** How often what happened is looked at, milliseconds. */
export const FEED_MILLIS = 200;
/** Listeners at a time. */
export const LISTENERS_MAX = 200;

export interface FeedListener {
  log?(line: LogLine): void;
  /** A stream appeared, or its state or viewers changed. `gone`: it is not there any more. */
  stream?(status: StreamStatus, gone: boolean): void;
  session?(what: "begin" | "end", row: SessionRow): void;
  /** The server ends. */
  end(): void;
}

/** Tells listeners what happens. Looks only while somebody listens. */
export class EventFeed {
  readonly #api: ApiState;
  readonly #listeners = new Set<FeedListener>();
  #cancel: (() => void) | undefined;
  #line = 0;
  #streams = new Map<string, { readonly print: string; readonly status: StreamStatus }>();

  constructor(api: ApiState) {
    this.#api = api;
    const tell = (what: "begin" | "end") => (row: SessionRow) => {
      for (const listener of this.#listeners) listener.session?.(what, row);
    };
    api.ports.sessions.onStart(tell("begin"));
    api.ports.sessions.onEnd(tell("end"));
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Tells of everything from now on, until the answer is called. Throws 503 when there are too many. */
  listen(listener: FeedListener): () => void {
    if (this.#listeners.size >= LISTENERS_MAX) throw new ApiFailure(503, "too many listeners");
    if (this.#listeners.size === 0) this.#begin();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#cancel?.();
      this.#cancel = undefined;
    };
  }

  /** Ends all listening. */
  close(): void {
    for (const listener of [...this.#listeners]) listener.end();
    this.#listeners.clear();
    this.#cancel?.();
  }

  #begin(): void {
    this.#line = this.#api.ports.logs.next;
    this.#streams = new Map(
      this.#api.ports.streams().map((s) => [s.name, { print: printState(s), status: s }]),
    );
    this.#wait();
  }

  #wait(): void {
    this.#cancel = this.#api.ports.clock.after(FEED_MILLIS, () => {
      this.#look();
      if (this.#listeners.size > 0) this.#wait();
    });
  }

  #look(): void {
    const { logs } = this.#api.ports;
    const lines = logs.since(this.#line);
    this.#line = logs.next;
    for (const listener of this.#listeners) for (const line of lines) listener.log?.(line);
    const before = this.#streams;
    this.#streams = new Map();
    for (const status of this.#api.ports.streams()) {
      const print = printState(status);
      this.#streams.set(status.name, { print, status });
      if (before.get(status.name)?.print !== print) this.#tellStream(status, false);
      before.delete(status.name);
    }
    for (const { status } of before.values()) this.#tellStream(status, true);
  }

  #tellStream(status: StreamStatus, gone: boolean): void {
    for (const listener of this.#listeners) listener.stream?.(status, gone);
  }
}

/** What must differ for a stream to be told of again. */
function printState({ state, reason, viewers, inputs, outputs, tracks, tags }: StreamStatus): string {
  return `${state}\n${viewers}\n${inputs}\n${outputs}\n${tracks.length}\n${tags.join()}\n${reason}`;
}
