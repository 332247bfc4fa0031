import type { Splice } from "../../buffer/splice.ts";
import type { StreamLegacy } from "../handover/stream_legacy.ts";
import type { TrackKind } from "../../media/codec.ts";
import { isPublishSource } from "../../media/publish_source.ts";
import type { Publication } from "../publish/publication.ts";
import {
  FINISH_MILLIS,
  type IngestInit,
  type IngestOrder,
  type IngestReport,
  type OpenAnswer,
  type SourceState,
  type StreamSummary,
} from "../messages.ts";
import { SupervisedWorker } from "../supervise/supervised_worker.ts";
import { Gate } from "./gate.ts";
import { IdleWatch } from "./idle_watch.ts";
import { StreamCondition } from "./stream_condition.ts";
import { StreamPages } from "./stream_pages.ts";
import type { StreamObservation, StreamPorts, StreamSettings } from "./stream_ports.ts";

export type { StreamObservation, StreamPorts, StreamSettings } from "./stream_ports.ts";

/** How long a worker may take to say goodbye to its camera, milliseconds. */
export const STOP_GRACE_MILLIS = 800;
const RETRY_AFTER_SECONDS = 2;
const NOBODY = "nobody publishes into it";
const NO_MEMORY = "the memory for buffers is used up";

/**
 * One stream: its pages, which outlive its worker, and its worker, which runs while someone looks or always.
 */
export class ManagedStream {
  readonly #ports: StreamPorts;
  #settings: StreamSettings;
  readonly #pages = new StreamPages();
  readonly #remembered = new Map<string, string>();
  #worker: SupervisedWorker | undefined;
  #stopping: Promise<void> | undefined;
  /** Who publishes into it, where nothing is pulled. */
  #publication: Publication | undefined;
  readonly #condition: StreamCondition;
  readonly #idle: IdleWatch;
  /** Restarts of workers that were told to stop since. */
  #restarts = 0;
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
    this.#condition = new StreamCondition({
      clock: ports.clock,
      windowMillis: () => this.#settings.limits.windowMillis,
      isEmpty: () => this.#pages.isEmpty,
      offline: (why) => ports.offline?.(this.#settings.name, why),
    });
    this.#idle = new IdleWatch(ports.clock, () => this.#nobodyLooks());
    this.#held = held;
    if (this.#published) this.#say("waiting", NOBODY, true);
    else if (settings.alwaysOn || held) this.#start();
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
    if (legacy !== undefined) this.#pages.adopt(legacy);
    for (const [key, value] of legacy?.remembered ?? []) this.#remembered.set(key, value);
    const { tracks } = this.#pages;
    const order: IngestOrder = { type: "adopt", page: this.#begin(), tracks, splice: legacy?.splice };
    this.#worker?.post(order);
    this.#adopted.open();
  }

  /** Pages of its tracks. */
  get pages(): Iterable<SharedArrayBuffer> {
    return this.#pages.tracks;
  }

  /** Whether a source runs, so that there is something to hand over. */
  get running(): boolean {
    return this.#worker !== undefined && this.#pages.page !== undefined;
  }

  /**
   * Ends the stream with its segment, at the latest after {@link FINISH_MILLIS}, for another process to go on. Nothing
   * starts it again here. Undefined when it does not run.
   */
  async release(): Promise<StreamLegacy | undefined> {
    const worker = this.#worker, { page } = this.#pages;
    if (this.#released || worker === undefined || page === undefined) return undefined;
    this.#released = true;
    const splice = await new Promise<Splice | undefined>((resolve) => {
      this.#ports.clock.after(FINISH_MILLIS, () => resolve(undefined));
      this.#finished = resolve;
      const order: IngestOrder = { type: "finish" };
      worker.post(order);
    });
    void this.#endWorker();
    return { page, tracks: this.#pages.numbered, splice, remembered: [...this.#remembered] };
  }

  get settings(): StreamSettings {
    return this.#settings;
  }

  /**
   * Somebody who may publishes from now on, into the pages that there are. Refused where another one does, unless that
   * is silent or the stream's settings let the newest win.
   */
  publish(by: Publication): Extract<OpenAnswer, { allowed: true }> | string {
    const before = this.#publication;
    if (!this.#published) return "this stream has a source of its own";
    if (before?.silent === false && this.#settings.values["takeover"] !== true) {
      return "somebody publishes already";
    }
    if (this.#pages.page === undefined && this.#ports.mayStart?.() === false) return NO_MEMORY;
    before?.end("another publisher took over");
    this.#publication = by;
    const page = this.#begin();
    this.#say("connecting", "");
    this.touch();
    return { allowed: true, name: this.#settings.name, page, tracks: this.#pages.tracks };
  }

  /** The publisher's frames come; what it asked for before, or has left already, is nothing to the stream. */
  publishing(by: Publication): void {
    if (this.#publication !== by) return;
    by.online = true;
    this.#say("online", "");
  }

  /** The publisher has left: the buffer stays as long as somebody looks, or for good where the stream is always on. */
  unpublish(by: Publication): void {
    if (this.#publication !== by) return;
    this.#publication = undefined;
    this.#say("waiting", NOBODY, true);
    this.touch();
  }

  /** A page for a further track. Undefined for a publisher that is not the present one. */
  allocateFor(by: Publication, trackId: number, kind: TrackKind): SharedArrayBuffer | undefined {
    return this.#publication === by ? this.#allocate(trackId, kind) : undefined;
  }

  /** A viewer came: starts the source when it does not run, and answers the pages. */
  open(): OpenAnswer {
    this.touch();
    if (this.#released) {
      return { allowed: false, status: 503, reason: "another server has taken over", retryAfterSeconds: 1 };
    }
    const reason = this.#condition.offline;
    if (reason !== undefined) {
      return { allowed: false, status: 503, reason, retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    if (this.#worker === undefined && !this.#published && this.#ports.mayStart?.() === false) {
      return { allowed: false, status: 503, reason: NO_MEMORY, retryAfterSeconds: 10 };
    }
    this.#start();
    const { page, tracks } = this.#pages;
    if (page === undefined) {
      return { allowed: false, status: 503, reason: "stream not taken over yet", retryAfterSeconds: 1 };
    }
    return { allowed: true, name: this.#settings.name, page, tracks };
  }

  /** Somebody looks: puts off the end of an on-demand source. */
  touch(): void {
    this.#idle.touch(this.#settings.idleMillis);
    if (this.#worker !== undefined || this.#published) this.#idle.start();
  }

  get #published(): boolean {
    return isPublishSource(this.#settings.url);
  }

  summary(): StreamSummary {
    const { state, reason } = this.#condition;
    return { name: this.#settings.name, state, reason, tracks: this.#pages.describe() };
  }

  observe(): Omit<StreamObservation, "tags"> {
    return {
      name: this.#settings.name,
      state: this.#condition.state,
      reason: this.#condition.reason,
      source: this.#publication?.shownUrl ?? this.#settings.shownUrl,
      page: this.#pages.page,
      tracks: this.#pages.tracks,
      vitals: this.#worker?.vitals ?? this.#publication?.vitals,
      restarts: this.#restarts + (this.#worker?.restarts ?? 0),
    };
  }

  /** Takes new settings; what it restarts is this stream's source, and only when its part changed. */
  async reconfigure(settings: StreamSettings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    const sameSource = before.url === settings.url &&
      JSON.stringify([before.values, before.limits]) === JSON.stringify([settings.values, settings.limits]);
    if (!sameSource && isPublishSource(before.url)) this.#publication?.end("the stream was set up anew");
    if (this.#published) {
      if (!isPublishSource(before.url)) await this.close();
      this.#say(
        this.#condition.state === "idle" ? "waiting" : this.#condition.state,
        this.#condition.state === "idle" ? NOBODY : this.#condition.reason,
        true,
      );
    } else if (!sameSource && this.#worker !== undefined) {
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
    this.#publication?.end("the stream was removed");
    this.#publication = undefined;
    this.#idle.forget();
    await this.#endWorker();
    this.#giveUpPages();
  }

  #begin(): SharedArrayBuffer {
    return this.#pages.begin(this.#ports.clock.wall());
  }

  #start(): void {
    if (this.#released || this.#published) return;
    if (!this.#held) this.#begin();
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
      if (!this.#settings.alwaysOn && !this.#held) this.#idle.start();
    }
  }

  #init(vitals: SharedArrayBuffer): IngestInit {
    return {
      vitals,
      logLevel: this.#ports.logLevel(),
      stream: this.#settings.name,
      url: this.#settings.url,
      values: this.#settings.values,
      page: this.#pages.page,
      tracks: this.#pages.tracks,
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
        // a worker that was told to end would leave a page that nobody ever writes
        if (this.#worker === undefined) return;
        const order: IngestOrder = {
          type: "page",
          id: report.id,
          page: this.#allocate(report.trackId, report.kind),
        };
        this.#worker?.post(order);
        return;
      }
      case "held":
        return this.#heldReady.open();
      case "finished":
        return this.#finished?.(report.splice);
      case "stopped":
        return;
    }
  }

  #allocate(trackId: number, kind: TrackKind): SharedArrayBuffer {
    const page = this.#pages.add(trackId, kind, this.#settings.limits.maxBytesPerTrack);
    this.#ports.trackAdded(this.#settings.name, page);
    return page;
  }

  #say(state: "idle" | SourceState, reason: string, lasting = false): void {
    this.#condition.say(state, reason, lasting);
    if (state === "refused") this.#heldReady.open();
  }

  #nobodyLooks(): void {
    const idle = this.#published ? this.#pages.page !== undefined : this.#worker !== undefined;
    if (this.#settings.alwaysOn || !idle) return;
    if (this.#publication !== undefined) return this.touch();
    this.#ports.log.info("nobody looks any more: source stopped");
    void this.#endIdle();
  }

  /** Who came while the source was ending has its pages: they are filled on. */
  async #endIdle(): Promise<void> {
    await this.#endWorker();
    if (this.#idle.wanted && !this.#published) this.#start();
    else this.#giveUpPages();
  }

  #endWorker(): Promise<void> {
    this.#idle.stop();
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
    if (this.#pages.page === undefined || this.#worker !== undefined) return;
    this.#pages.giveUp();
    this.#ports.closed(this.#settings.name);
  }
}
