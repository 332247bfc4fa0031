import type { Clock } from "../../base/clock.ts";
import type { Splice } from "../../buffer/splice.ts";
import type { StreamLegacy } from "../handover/stream_legacy.ts";
import type { Log, LogLevel, LogLine } from "../../base/log.ts";
import type { OptionValue } from "../../config/option.ts";
import { createStreamPage } from "../../buffer/stream_page.ts";
import { createTrackPage } from "../../buffer/track_page.ts";
import { TrackView } from "../../buffer/track_view.ts";
import { CODECS } from "../../media/codec.ts";
import {
  FINISH_MILLIS,
  type IngestInit,
  type IngestOrder,
  type IngestReport,
  type OpenAnswer,
  type SourceState,
  type StreamLimits,
  type StreamSummary,
} from "../messages.ts";
import { SupervisedWorker, type WorkerLauncher } from "../supervise/supervised_worker.ts";
import type { Vitals } from "../supervise/vitals.ts";

/** One stream as the configuration says it. */
export interface StreamSettings {
  readonly name: string;
  readonly url: string;
  /** `url` with its credentials masked, for logs and listings. */
  readonly shownUrl: string;
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly alwaysOn: boolean;
  /** How long an on-demand source goes on after the last viewer. */
  readonly idleMillis: number;
  readonly limits: StreamLimits;
}

/** A stream as telemetry looks at it: pages and counters, not copies of them. */
export interface StreamObservation {
  readonly name: string;
  readonly state: "idle" | SourceState;
  readonly reason: string;
  /** Credentials masked. */
  readonly source: string;
  readonly page: SharedArrayBuffer | undefined;
  readonly tracks: readonly SharedArrayBuffer[];
  /** Of the worker that runs now; a new one counts from 0. */
  readonly vitals: Vitals | undefined;
  /** How often its worker was started again after it ended by itself. */
  readonly restarts: number;
}

export interface StreamPorts {
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
  readonly log: Log;
  logLevel(): LogLevel;
  readonly tap: string | undefined;
  random(): number;
  putLog(line: LogLine): void;
  /** A track page was added: workers that serve the stream must have it. */
  trackAdded(stream: string, page: SharedArrayBuffer): void;
  /** Whether there is memory for a further stream. */
  mayStart?(): boolean;
  /** The stream's pages are given up. */
  closed(stream: string): void;
}

/** How long a worker may take to say goodbye to its camera, milliseconds. */
export const STOP_GRACE_MILLIS = 800;
const RETRY_AFTER_SECONDS = 2;
/**
 * Segment numbers start at the time since 2020 in units of the shortest segment, so that a stream that is set up anew,
 * in this process or the next, never gives a number again that a cache may hold for ever. 32 bits last until 2088.
 */
const SHORTEST_SEGMENT_MILLIS = 500;
const NUMBERS_SINCE = Date.UTC(2020, 0);
/**
 * Stream times count from the last midnight: after a crash they go on where they would have been, so that players find
 * the new segments behind those that they have. A day of them fits the 33 bits of MPEG-2 TS.
 */
const ORIGIN_MILLIS = 86_400_000;

/**
 * One stream: its pages, which outlive its worker, and its worker, which runs while someone looks or always.
 */
export class ManagedStream {
  readonly #ports: StreamPorts;
  #settings: StreamSettings;
  #page: SharedArrayBuffer | undefined;
  readonly #tracks = new Map<number, SharedArrayBuffer>();
  readonly #remembered = new Map<string, string>();
  #worker: SupervisedWorker | undefined;
  #stopping: Promise<void> | undefined;
  #state: "idle" | SourceState = "idle";
  #reason = "";
  #wantedUntil = 0;
  /** Restarts of workers that were told to stop since. */
  #restarts = 0;
  #cancelIdle: (() => void) | undefined;
  /** Another process writes the stream still. */
  #held = false;
  readonly #heldReady = new Gate();
  readonly #adopted = new Gate();
  /** Another process writes the stream from now on. */
  #released = false;
  #finished: ((splice: Splice | undefined) => void) | undefined;

  /** `held`: another process writes the stream still; its worker connects, and {@link adopt} brings the pages. */
  constructor(settings: StreamSettings, ports: StreamPorts, held = false) {
    this.#settings = settings;
    this.#ports = ports;
    this.#held = held;
    if (settings.alwaysOn || held) this.#start();
  }

  /** Resolves when the held stream may be handed over; undefined when it is not held. */
  get ready(): Promise<void> | undefined {
    return this.#held ? this.#heldReady.opened : undefined;
  }

  /** Resolves when the pages of a held stream have come; undefined when it is not held. */
  get adopted(): Promise<void> | undefined {
    return this.#held ? this.#adopted.opened : undefined;
  }

  /** The pages of a held stream; undefined: there are none, it begins afresh. */
  adopt(legacy: StreamLegacy | undefined): void {
    if (!this.#held) return;
    this.#held = false;
    this.touch();
    this.#page = legacy?.page ?? this.#newPage();
    for (const [id, page] of legacy?.tracks ?? []) this.#tracks.set(id, page);
    for (const [key, value] of legacy?.remembered ?? []) this.#remembered.set(key, value);
    const tracks = [...this.#tracks.values()];
    const order: IngestOrder = { type: "adopt", page: this.#page, tracks, splice: legacy?.splice };
    this.#worker?.post(order);
    this.#adopted.open();
  }

  /** Pages of its tracks. */
  get pages(): Iterable<SharedArrayBuffer> {
    return this.#tracks.values();
  }

  /** Whether a source runs, so that there is something to hand over. */
  get running(): boolean {
    return this.#worker !== undefined && this.#page !== undefined;
  }

  /**
   * Ends the stream with its segment, at the latest after {@link FINISH_MILLIS}, for another process to go on. Nothing
   * starts it again here. Undefined when it does not run.
   */
  async release(): Promise<StreamLegacy | undefined> {
    const worker = this.#worker;
    if (this.#released || worker === undefined || this.#page === undefined) return undefined;
    this.#released = true;
    const splice = await new Promise<Splice | undefined>((resolve) => {
      this.#ports.clock.after(FINISH_MILLIS, () => resolve(undefined));
      this.#finished = resolve;
      const order: IngestOrder = { type: "finish" };
      worker.post(order);
    });
    void this.#endWorker();
    return { page: this.#page, tracks: [...this.#tracks], splice, remembered: [...this.#remembered] };
  }

  get settings(): StreamSettings {
    return this.#settings;
  }

  /** A viewer came: starts the source when it does not run, and answers the pages. */
  open(): OpenAnswer {
    this.touch();
    if (this.#released) {
      return { allowed: false, status: 503, reason: "another server has taken over", retryAfterSeconds: 1 };
    }
    if (this.#tracks.size === 0 && (this.#state === "refused" || this.#state === "waiting")) {
      return {
        allowed: false,
        status: 503,
        reason: `stream offline: ${this.#reason}`,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      };
    }
    if (this.#worker === undefined && this.#ports.mayStart?.() === false) {
      const reason = "the memory for buffers is used up";
      return { allowed: false, status: 503, reason, retryAfterSeconds: 10 };
    }
    this.#start();
    if (this.#page === undefined) {
      return { allowed: false, status: 503, reason: "stream not taken over yet", retryAfterSeconds: 1 };
    }
    return {
      allowed: true,
      name: this.#settings.name,
      page: this.#page,
      tracks: [...this.#tracks.values()],
    };
  }

  /** Somebody looks: puts off the end of an on-demand source. */
  touch(): void {
    this.#wantedUntil = this.#ports.clock.mono() + this.#settings.idleMillis;
    if (this.#worker !== undefined && this.#cancelIdle === undefined) this.#watchIdle();
  }

  summary(): StreamSummary {
    const tracks = [...this.#tracks].sort(([a], [b]) => a - b).flatMap(([, page]) => {
      const found = new TrackView(page).track();
      if (found === undefined) return [];
      const codec = found.track.codec;
      return [{ codec: found.track.codecString || codec, label: CODECS[codec].label }];
    });
    const { name, shownUrl } = this.#settings;
    return { name, state: this.#state, reason: this.#reason, source: shownUrl, tracks };
  }

  observe(): StreamObservation {
    return {
      name: this.#settings.name,
      state: this.#state,
      reason: this.#reason,
      source: this.#settings.shownUrl,
      page: this.#page,
      tracks: [...this.#tracks.values()],
      vitals: this.#worker?.vitals,
      restarts: this.#restarts + (this.#worker?.restarts ?? 0),
    };
  }

  /** Takes new settings; what it restarts is this stream's source, and only when its part changed. */
  async reconfigure(settings: StreamSettings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    const sameSource = before.url === settings.url &&
      JSON.stringify([before.values, before.limits]) === JSON.stringify([settings.values, settings.limits]);
    if (!sameSource && this.#worker !== undefined) {
      this.#remembered.clear();
      await this.#endWorker();
      this.#start();
    } else if (settings.alwaysOn) this.#start();
    else if (before.alwaysOn) this.touch(); // on demand from now on: ends unless somebody looks
  }

  /** The level of `logLevel()` changed: a running worker takes it too. */
  logLevelChanged(): void {
    const order: IngestOrder = { type: "logLevel", level: this.#ports.logLevel() };
    this.#worker?.post(order);
  }

  async close(): Promise<void> {
    await this.#endWorker();
    this.#giveUpPages();
  }

  #newPage(): SharedArrayBuffer {
    const wall = this.#ports.clock.wall();
    return createStreamPage({
      firstSegment: Math.max(0, Math.floor((wall - NUMBERS_SINCE) / SHORTEST_SEGMENT_MILLIS)),
      origin: wall - wall % ORIGIN_MILLIS,
    });
  }

  #start(): void {
    if (this.#released) return;
    if (!this.#held) this.#page ??= this.#newPage();
    if (this.#worker === undefined && this.#stopping === undefined) {
      this.#say("connecting", "");
      const worker = new SupervisedWorker({
        name: "ingest",
        launcher: this.#ports.launcher,
        clock: this.#ports.clock,
        log: this.#ports.log,
        random: () => this.#ports.random(),
        init: (vitals) => this.#init(vitals.shared),
        message: (message) => this.#report(message as IngestReport),
        failed: (why) => this.#say("waiting", `its worker ended: ${why}`),
      });
      this.#worker = worker;
      worker.start();
      if (!this.#settings.alwaysOn && !this.#held) this.#watchIdle();
    }
  }

  #init(vitals: SharedArrayBuffer): IngestInit {
    return {
      vitals,
      logLevel: this.#ports.logLevel(),
      stream: this.#settings.name,
      url: this.#settings.url,
      values: this.#settings.values,
      page: this.#page,
      tracks: [...this.#tracks.values()],
      limits: this.#settings.limits,
      remembered: [...this.#remembered],
      tap: this.#ports.tap,
    };
  }

  #report(report: IngestReport): void {
    switch (report.type) {
      case "log":
        return this.#ports.putLog(report.line);
      case "state":
        return this.#say(report.state, report.reason);
      case "remember":
        this.#remembered.set(report.key, report.value);
        return;
      case "allocate": {
        const page = createTrackPage(report.kind, this.#settings.limits.maxBytesPerTrack);
        this.#tracks.set(report.trackId, page);
        const order: IngestOrder = { type: "page", id: report.id, page };
        this.#worker?.post(order);
        return this.#ports.trackAdded(this.#settings.name, page);
      }
      case "held":
        return this.#heldReady.open();
      case "finished":
        return this.#finished?.(report.splice);
      case "stopped":
        return;
    }
  }

  #say(state: "idle" | SourceState, reason: string): void {
    this.#state = state;
    this.#reason = reason;
    if (state === "refused") this.#heldReady.open();
  }

  #watchIdle(): void {
    const left = Math.max(50, this.#wantedUntil - this.#ports.clock.mono());
    this.#cancelIdle = this.#ports.clock.after(left, () => {
      this.#cancelIdle = undefined;
      if (this.#settings.alwaysOn || this.#worker === undefined) return;
      if (this.#ports.clock.mono() < this.#wantedUntil) return this.#watchIdle();
      this.#ports.log.info("nobody looks any more: source stopped");
      void this.close();
    });
  }

  #endWorker(): Promise<void> {
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    const worker = this.#worker;
    if (worker === undefined) return this.#stopping ?? Promise.resolve();
    this.#worker = undefined;
    this.#restarts += worker.restarts;
    this.#stopping = worker.stop(STOP_GRACE_MILLIS).finally(() => {
      this.#stopping = undefined;
      if (this.#worker === undefined) this.#say("idle", "");
    });
    return this.#stopping;
  }

  #giveUpPages(): void {
    if (this.#page === undefined || this.#worker !== undefined) return;
    this.#page = undefined;
    this.#tracks.clear();
    this.#ports.closed(this.#settings.name);
  }
}

/** A promise, and what resolves it. */
class Gate {
  open = () => {};
  readonly opened = new Promise<void>((resolve) => this.open = resolve);
}
