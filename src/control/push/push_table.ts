import type { LogLine } from "../../base/log.ts";
import { makeLog } from "../../base/log.ts";
import { maskUrl } from "../../base/mask_url.ts";
import type { PushDescriptor } from "../../config/option.ts";
import { parsePushTarget } from "../../config/push_target.ts";
import { isPushedStream, type PushConfig } from "../../config/sections/push.ts";
import type { OpenAnswer } from "../messages.ts";
import type { HandedPush, HandedPushes } from "../handover/handed_pushes.ts";
import { AutoPushes } from "./auto_pushes.ts";
import type { PushCounts, PushEnded, PushReport } from "./push_messages.ts";
import { type OutputSessions, PushSessions } from "./push_sessions.ts";
import type { PushWorkerPorts } from "./push_worker.ts";
import { PushWorkers } from "./push_workers.ts";
import { fillTarget, type TargetFacts } from "./target_text.ts";

/** Lines of its log that a push keeps, as the reference product's API shows. */
const LOG_LINES = 10;
/** How long pushes of a stream that is handed over may take to say goodbye, milliseconds. */
const GOODBYE_MILLIS = 800;
/** How often conditions are looked at, milliseconds. */
const TICK_MILLIS = 1000;

/** A stream as pushes look at it. */
export interface PushableStream {
  readonly name: string;
  /** Its source sends. */
  readonly online: boolean;
  readonly tags: readonly string[];
}

export interface PushTablePorts extends PushWorkerPorts {
  readonly pushes: readonly PushDescriptor[];
  /** Where pushes are listed beside viewers and inputs. */
  readonly sessions: OutputSessions;
  /** Processors of the machine. */
  readonly cores: number;
  streams(): readonly PushableStream[];
  /** Starts the stream when it does not run. */
  open(stream: string): OpenAnswer;
  /** Somebody wants it still. */
  touch(stream: string): void;
  /** Variables of the configuration. */
  variables(): ReadonlyMap<string, string>;
  /** The stream's source as configured. */
  sourceOf(stream: string): string;
}

/** A push that runs. */
export interface PushEntry {
  readonly id: number;
  /** Name of its descriptor. */
  readonly kind: string;
  readonly stream: string;
  /** As it was given, credentials masked. */
  readonly given: string;
  /** Variables replaced, credentials masked. */
  readonly target: string;
  /** Name of the automatic push that it is of; undefined: started by hand. */
  readonly auto: string | undefined;
  readonly startedAt: number;
  /** It sends. */
  readonly running: boolean;
  readonly logs: readonly LogLine[];
  readonly counts: PushCounts | undefined;
  /** What describes it to receivers, an SDP text. */
  readonly description: string | undefined;
}

interface Running extends PushEntry {
  /** As it was given, and with its variables replaced, credentials and all: not to be shown. */
  readonly secret: { readonly given: string; readonly filled: string };
  /** What it sent in the server before this one, milliseconds. */
  readonly sentBefore: number;
  /** What it leaves to itself in the server that takes over. */
  session: string | undefined;
  running: boolean;
  stopping: boolean;
  logs: LogLine[];
  counts: PushCounts | undefined;
  description: string | undefined;
}

/** Every push of every stream: those started by hand, and those that the configuration asks for. */
export class PushTable {
  readonly #ports: PushTablePorts;
  readonly #running = new Map<number, Running>();
  readonly #workers: PushWorkers;
  readonly #sessions: PushSessions;
  readonly #auto = new AutoPushes();
  #config: PushConfig = { waitMillis: 3000, maxSpeed: 0, auto: new Map() };
  #next = 1;
  /** Who waits for the last push of a stream to end. */
  readonly #ending = new Map<string, () => void>();
  #cancelTick = () => {};

  constructor(ports: PushTablePorts) {
    this.#ports = ports;
    const report = (said: PushReport) => this.#report(said);
    this.#sessions = new PushSessions(ports.sessions);
    this.#workers = new PushWorkers(ports, ports.cores, this.#log(""), report);
  }

  /** Takes the section `push`, and looks at conditions once a second from the first call on. */
  configure(config: PushConfig): void {
    this.#config = config;
    this.#cancelTick();
    this.#tick();
  }

  /** Starts and stops nothing by itself any more: another server takes over. */
  rest(): void {
    this.#cancelTick();
  }

  list(): readonly PushEntry[] {
    return [...this.#running.values()];
  }

  /** Streams meant by a name, or by `base+` or `#tag`: those that there are. */
  matching(pattern: string): readonly string[] {
    if (!/^#|\+$/.test(pattern)) return [pattern];
    return this.#ports.streams().filter((s) => isPushedStream(pattern, s.name, s.tags)).map((s) => s.name);
  }

  /** The SDP text of the stream's newest session that has one. */
  describe(stream: string): string | undefined {
    return [...this.#running.values()].findLast((p) => p.stream === stream && p.description !== undefined)
      ?.description;
  }

  /** Starts a push; answers its number, or why not. */
  start(stream: string, given: string): number | string {
    const started = this.#start(stream, given, this.#fill(stream, given));
    return typeof started === "number" ? started : started.reason;
  }

  #fill(stream: string, given: string): string {
    return fillTarget(given, this.#facts(stream));
  }

  /** `before`: as what it ran in another server. `refused`: trying again soon is of no use. */
  #start(
    stream: string,
    given: string,
    filled: string,
    { auto, before }: { readonly auto?: string; readonly before?: HandedPush } = {},
  ): number | { readonly reason: string; readonly refused: boolean } {
    const target = parsePushTarget(filled, this.#ports.pushes);
    if (typeof target === "string") return { reason: target, refused: true };
    const answer = this.#ports.open(stream);
    if (!answer.allowed) return { reason: `${stream}: ${answer.reason}`, refused: answer.status !== 503 };
    const id = before === undefined || this.#running.has(before.id) ? this.#next++ : before.id;
    const startedAt = before?.startedAt ?? this.#ports.clock.wall();
    const sentMillis = before?.sentMillis ?? 0;
    const shown = maskUrl(filled);
    this.#running.set(id, {
      id,
      kind: target.kind,
      stream: answer.name,
      given: maskUrl(given),
      target: shown,
      auto,
      startedAt,
      secret: { given, filled },
      sentBefore: sentMillis,
      session: undefined,
      running: false,
      stopping: false,
      logs: [],
      counts: undefined,
      description: undefined,
    });
    const session = before?.session === undefined ? {} : { session: before.session };
    this.#workers.add(answer.name, answer, { id, shown, ...target, startedAt, sentMillis, ...session });
    return id;
  }

  /** Asks a push to end; false when there is none of that number. */
  stop(id: number): boolean {
    const push = this.#running.get(id);
    if (push === undefined) return false;
    this.#stop(push, false);
    return true;
  }

  #stop(push: Running, handOver: boolean): void {
    push.stopping = true;
    this.#workers.end(push.stream, push.id, handOver);
  }

  /**
   * Ends all that a stream sends: another server goes on with it. Answers what that one is to know once nothing is sent
   * any more.
   */
  async release(stream: string): Promise<HandedPushes> {
    const all = [...this.#running.values()].filter((push) => push.stream === stream);
    const pushes = all.filter((push) => !push.stopping);
    if (all.length > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#ports.clock.after(GOODBYE_MILLIS, resolve);
        this.#ending.set(stream, () => {
          cancel();
          resolve();
        });
        for (const push of all) this.#stop(push, pushes.includes(push));
      });
      this.#ending.delete(stream);
    }
    this.closed(stream);
    return {
      next: this.#next,
      pushes: pushes.map(({ id, auto, secret, startedAt, sentBefore, counts, session }) => ({
        id,
        ...(auto === undefined ? {} : { auto }),
        ...secret,
        startedAt,
        sentMillis: sentBefore + (counts?.mediaMillis ?? 0),
        ...(session === undefined ? {} : { session }),
      })),
    };
  }

  /** Goes on with what another server sent of a stream, under the same numbers. */
  adopt(stream: string, { next, pushes }: HandedPushes): void {
    this.#next = Math.max(this.#next, next);
    for (const before of pushes) {
      const { auto: name } = before;
      const auto = name === undefined ? undefined : this.#config.auto.get(name);
      // one that the configuration asks for in another way now begins by itself
      if (name !== undefined && (auto?.target !== before.given || this.#runs(name, stream))) continue;
      const of = name === undefined ? { before } : { auto: name, before };
      const started = this.#start(stream, before.given, before.filled, of);
      if (typeof started === "number") {
        if (auto !== undefined) this.#auto.started(auto, stream);
        continue;
      }
      // an automatic one is tried again by itself
      if (name !== undefined) continue;
      this.#log(stream).error(`push to ${maskUrl(before.filled)} does not go on: ${started.reason}`);
    }
  }

  #runs(auto: string, stream: string): boolean {
    return [...this.#running.values()].some((push) => push.auto === auto && push.stream === stream);
  }

  /** A stream has a further track. */
  trackAdded(stream: string, page: SharedArrayBuffer): void {
    this.#workers.trackAdded(stream, page);
  }

  /** A stream's pages are given up: nothing can be sent of it any more. */
  closed(stream: string): void {
    for (const push of this.#running.values()) {
      if (push.stream === stream) this.#forget(push);
    }
    this.#workers.drop(stream);
  }

  logLevelChanged(): void {
    this.#workers.logLevelChanged(this.#ports.logLevel());
  }

  async close(): Promise<void> {
    this.#cancelTick();
    await this.#workers.close();
    for (const push of this.#running.values()) this.#forget(push);
  }

  #facts(stream: string): TargetFacts {
    const ports = this.#ports;
    return {
      stream,
      source: ports.sourceOf(stream),
      wall: ports.clock.wall(),
      variables: ports.variables(),
    };
  }

  #tick(): void {
    this.#cancelTick = this.#ports.clock.after(TICK_MILLIS, () => this.#tick());
    for (const stream of new Set(this.list().map((push) => push.stream))) this.#ports.touch(stream);
    const now = this.#ports.clock.mono();
    const streams = this.#ports.streams();
    const tags = new Map(streams.map((s) => [s.name, s.tags]));
    const step = this.#auto.step(this.#config, {
      now,
      unixSeconds: Math.floor(this.#ports.clock.wall() / 1000),
      streams: streams.filter((s) => s.online).map((s) => s.name),
      tags: (stream) => tags.get(stream) ?? [],
      running: [...this.#running.values()],
      variable: (stream, name) => {
        const value = fillTarget(`\${${name}}`, this.#facts(stream));
        return value.startsWith("${") ? "" : value;
      },
    });
    for (const id of step.stop) this.stop(id);
    for (const { stream, push } of step.start) {
      const started = this.#start(stream, push.target, this.#fill(stream, push.target), {
        auto: push.name,
      });
      if (typeof started === "number") continue;
      this.#log(stream).error(`push ${push.name} does not start: ${started.reason}`);
      this.#auto.ended(push.name, stream, this.#config, now, 0, started.refused);
    }
  }

  #report(report: PushReport): void {
    switch (report.type) {
      case "pushLog": {
        const push = this.#running.get(report.id);
        if (push !== undefined) push.logs = [...push.logs, report.line].slice(-LOG_LINES);
        return this.#ports.putLog(report.line);
      }
      case "pushRuns": {
        const push = this.#running.get(report.id);
        if (push !== undefined) push.running = true;
        return;
      }
      case "pushCounts":
        for (const counts of report.counts) {
          const push = this.#running.get(counts.id);
          if (push === undefined) continue;
          this.#sessions.take(push, counts);
          push.counts = counts;
        }
        return;
      case "pushDescribed": {
        const push = this.#running.get(report.id);
        if (push !== undefined) push.description = report.text;
        return;
      }
      case "pushEnded":
        return this.#ended(report);
      default:
        return;
    }
  }

  #ended({ id, why, refused, complete = false, session }: PushEnded): void {
    const push = this.#running.get(id);
    if (push === undefined) return;
    push.session = session;
    this.#forget(push);
    const { auto, stream, target } = push;
    const log = this.#log(stream);
    if (push.stopping || complete) {
      if (auto !== undefined && complete) this.#auto.completed(auto, stream);
      log.info(`push to ${target} ${complete ? `ended: ${why}` : "stopped"}`);
    } else {
      const lived = this.#ports.clock.wall() - push.startedAt;
      const now = this.#ports.clock.mono();
      const again = auto === undefined
        ? undefined
        : this.#auto.ended(auto, stream, this.#config, now, lived, refused);
      const next = again === undefined ? "" : `; again in ${(again / 1000).toFixed(1)} s`;
      log.warn(`push to ${target} ended: ${why}${next}`);
    }
    this.#workers.forget(push.stream, id);
  }

  #forget(push: Running): void {
    this.#running.delete(push.id);
    this.#sessions.end(push);
    if ([...this.#running.values()].every(({ stream }) => stream !== push.stream)) {
      this.#ending.get(push.stream)?.();
    }
  }

  #log(stream: string) {
    const ports = this.#ports;
    const about = {
      stream,
      part: "push",
      get least() {
        return ports.logLevel();
      },
    };
    return makeLog((line) => ports.putLog(line), about, () => ports.clock.wall());
  }
}
