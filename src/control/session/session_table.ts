import type { Clock } from "../../base/clock.ts";
import {
  printKey,
  type SessionKey,
  type SessionKind,
  type SessionReport,
  type SessionRow,
} from "./session_row.ts";
import { beginSession, rowOf, type Session } from "./session.ts";
import { type TotalsFilter, type TotalsRow, TrafficHistory } from "./traffic_history.ts";
import { addSums, emptySums, type Sums } from "./sums.ts";

/** A session ends this long after its last request. */
export const SESSION_MILLIS = 15_000;
/** Sessions known at a time; what further viewers get is counted to their stream, not to a session. */
export const SESSIONS_MAX = 100_000;
/** Tags of a session, at most. */
export const SESSION_TAGS_MAX = 16;
/** A session that was stopped is refused this long. */
export const REFUSE_MILLIS = 600_000;
/** Stopped sessions remembered; beyond that the oldest may come back. */
export const REFUSED_MAX = 10_000;

const NONE = new Float64Array(0);
/** Streams that sums are kept of; what further ones do is in the server's sums only. */
const STREAMS_MAX = 10_000;

export interface SessionPorts {
  readonly clock: Clock;
  /** A text of fixed length for a key: not to be turned back. */
  hash(text: string): string;
  /** The workers must answer 403 to whoever has this key, for so long. */
  refuse(key: SessionKey, millis: number): void;
  /** Ends whoever publishes under this key; false where it is a source that is pulled. */
  stopInput?(key: SessionKey): boolean;
}

/** A session that is stopped, and how long still. */
export interface Refused {
  readonly key: SessionKey;
  readonly millis: number;
}

/** What comes in beside viewers of workers: a source that is being pulled. Totals count from where they like. */
export interface InputReport {
  readonly stream: string;
  readonly remote: string;
  readonly protocol: string;
  /** Since the last report. */
  readonly bytes: number;
  readonly packets: number;
  readonly packetsLost: number;
}

/** What a stream sends by itself. */
export interface OutputReport extends InputReport {
  /** Number of the push: each is a session. */
  readonly id: number;
}

/**
 * Who is connected: viewers as the HTTP workers report them, inputs as the stream table does, outputs as the table of
 * pushes does. The owner calls `tick` about once a second.
 */
export class SessionTable {
  readonly #ports: SessionPorts;
  readonly #active = new Map<string, Session>();
  /** By worker, its handles. */
  readonly #handles = new Map<number, Map<number, Session>>();
  readonly #refused = new Map<string, { readonly key: SessionKey; readonly until: number }>();
  readonly #history: TrafficHistory;
  readonly #ends: ((row: SessionRow) => void)[] = [];
  readonly #starts: ((row: SessionRow) => void)[] = [];
  readonly #sums = emptySums();
  readonly #streams = new Map<string, Sums>();
  #ticked: number;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#ticked = ports.clock.mono();
    this.#history = new TrafficHistory(this.#ticked);
  }

  /** Sessions now. */
  get size(): number {
    return this.#active.size;
  }

  list(): SessionRow[] {
    return [...this.#active.values()].map(rowOf);
  }

  of(stream: string): SessionRow[] {
    return [...this.#active.values()].filter((s) => s.key.stream === stream).map(rowOf);
  }

  find(id: string): SessionRow | undefined {
    const session = this.#byId(id);
    return session === undefined ? undefined : rowOf(session);
  }

  /** Traffic of the last ten minutes in steps of 5 s, oldest first. */
  totals(filter: TotalsFilter = {}): TotalsRow[] {
    return this.#history.rows(filter);
  }

  /** All that was since the start of the server. */
  get sums(): Readonly<Sums> {
    return this.#sums;
  }

  /** All that a stream's sessions did since the start of the server. */
  sumsOf(stream: string): Readonly<Sums> {
    return this.#streams.get(stream) ?? emptySums();
  }

  /** Sessions now, by kind; of one stream, or of all. */
  counts(stream?: string): Record<SessionKind, number> {
    const counts = { viewer: 0, input: 0, output: 0 };
    for (const s of this.#active.values()) {
      if (stream === undefined || s.key.stream === stream) counts[s.kind]++;
    }
    return counts;
  }

  /** Calls `run` with each session that began. */
  onStart(run: (row: SessionRow) => void): void {
    this.#starts.push(run);
  }

  /** Calls `run` with the last state of each session that ended. */
  onEnd(run: (row: SessionRow) => void): void {
    this.#ends.push(run);
  }

  /**
   * Ends a viewer's session and keeps it out for {@link REFUSE_MILLIS}, or ends a publisher's. False when there is none
   * of that id.
   */
  stop(id: string): boolean {
    const session = this.#byId(id);
    if (session?.kind === "input" && this.#ports.stopInput?.(session.key) === true) {
      this.#end(session);
      return true;
    }
    if (session === undefined || session.kind !== "viewer") return false;
    const { key, text } = session;
    this.#refused.delete(text);
    this.#refused.set(text, { key, until: this.#ports.clock.mono() + REFUSE_MILLIS });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > REFUSED_MAX && oldest !== undefined) this.#refused.delete(oldest);
    this.#end(session);
    this.#ports.refuse(key, REFUSE_MILLIS);
    return true;
  }

  /** Gives a session a tag; false when it has too many. Undefined when there is none of that id. */
  tag(id: string, tag: string): boolean | undefined {
    const session = this.#byId(id);
    if (session === undefined) return undefined;
    const tags = new Set([...session.tags, tag]);
    if (tags.size > SESSION_TAGS_MAX) return false;
    session.tags = [...tags];
    return true;
  }

  /** Who is kept out now: what a new worker must know. */
  refused(): Refused[] {
    const now = this.#ports.clock.mono();
    return [...this.#refused.values()].filter((r) => r.until > now).map((r) => ({
      key: r.key,
      millis: r.until - now,
    }));
  }

  /** What a worker counted. `worker` tells its handles from those of others. */
  take(worker: number, report: SessionReport): void {
    let handles = this.#handles.get(worker);
    if (handles === undefined) this.#handles.set(worker, handles = new Map());
    for (const { handle, ...key } of report.opened) handles.set(handle, this.#join(key, "viewer"));
    const { counts } = report;
    for (let at = 0; at + 4 <= counts.length; at += 4) {
      const handle = counts[at] as number;
      const known = handles.get(handle);
      if (known === undefined) continue;
      // It came back after it had ended here.
      const session = known.ended ? this.#join(known.key, "viewer") : known;
      if (session !== known) handles.set(handle, session);
      this.#count(session, counts[at + 1] as number, 0, counts[at + 3] as number);
      session.requests += counts[at + 2] as number;
    }
    const receptions = report.receptions ?? NONE;
    for (let at = 0; at + 5 <= receptions.length; at += 5) {
      const session = handles.get(receptions[at] as number);
      if (session !== undefined) this.#receives(session, receptions.subarray(at + 1, at + 5));
    }
    for (const handle of report.closed) handles.delete(handle);
  }

  /** The worker of that number was started anew: its handles mean nothing any more. */
  forget(worker: number): void {
    this.#handles.delete(worker);
  }

  /** What a source received. */
  takeInput(report: InputReport): void {
    const { stream, remote, protocol } = report;
    const key = { stream, remote, protocol, userAgent: "", token: "" };
    const session = this.#join(key, "input");
    this.#count(session, 0, report.bytes, this.#ports.clock.mono());
    this.#countPackets(session, report.packets, report.packetsLost);
  }

  /** What a push sent. */
  takeOutput(report: OutputReport): void {
    const session = this.#join(outputKey(report), "output");
    this.#count(session, report.bytes, 0, this.#ports.clock.mono());
    this.#countPackets(session, report.packets, report.packetsLost);
  }

  /** A push has ended. */
  endOutput(report: OutputReport): void {
    const session = this.#active.get(printKey(outputKey(report)));
    if (session !== undefined) this.#end(session);
  }

  /** What a viewer was sent as packets, and says of it. */
  #receives(session: Session, reception: Float64Array): void {
    const [packets = 0, lost = 0, jitterMillis = 0, roundTripMillis = 0] = reception;
    session.jitterMillis = jitterMillis;
    session.roundTripMillis = roundTripMillis;
    this.#countPackets(session, packets, lost);
    for (const sums of this.#sumsFor(session.key.stream)) {
      sums.viewerPackets += packets;
      sums.viewerPacketsLost += lost;
    }
  }

  #countPackets(session: Session, packets: number, lost: number): void {
    const { stream, protocol } = session.key;
    session.packets += packets;
    session.packetsLost += lost;
    const pair = this.#history.pair(stream, protocol);
    pair.packets += packets;
    pair.packetsLost += lost;
    for (const sums of this.#sumsFor(stream)) {
      sums.packets += packets;
      sums.packetsLost += lost;
    }
  }

  /** Ends sessions whose time is over and keeps the history. */
  tick(): void {
    const { clock } = this.#ports;
    const mono = clock.mono();
    const seconds = Math.max(0, mono - this.#ticked) / 1000;
    this.#ticked = mono;
    for (const session of this.#active.values()) {
      if (mono - session.seen > SESSION_MILLIS) this.#end(session);
      else if (session.kind === "viewer") {
        for (const sums of this.#sumsFor(session.key.stream)) sums.viewSeconds += seconds;
      }
    }
    for (const [text, { until }] of this.#refused) if (until <= mono) this.#refused.delete(text);
    if (this.#history.isDue(mono)) this.#step(mono);
  }

  /** Ends all sessions. */
  close(): void {
    for (const session of this.#active.values()) this.#end(session);
  }

  #step(now: number): void {
    const seconds = Math.max(1, this.#history.age(now)) / 1000;
    for (const session of this.#active.values()) {
      const pair = this.#history.pair(session.key.stream, session.key.protocol);
      if (session.kind === "viewer") pair.viewers++;
      else if (session.kind === "input") pair.inputs++;
      else pair.outputs++;
      session.rateOut = session.stepOut / seconds;
      session.rateIn = session.stepIn / seconds;
      session.stepOut = 0;
      session.stepIn = 0;
    }
    this.#history.close(now, this.#ports.clock.wall());
  }

  #count(session: Session, bytesOut: number, bytesIn: number, seen: number): void {
    session.bytesOut += bytesOut;
    session.bytesIn += bytesIn;
    session.stepOut += bytesOut;
    session.stepIn += bytesIn;
    if (seen > session.seen) {
      session.lastSeenAt += seen - session.seen;
      session.seen = seen;
    }
    const { stream, protocol } = session.key;
    const pair = this.#history.pair(stream, protocol);
    pair.bytesOut += bytesOut;
    pair.bytesIn += bytesIn;
    for (const sums of this.#sumsFor(stream)) addSums(sums, bytesOut, bytesIn);
  }

  /** The session of that key, begun where there is none. */
  #join(key: SessionKey, kind: SessionKind): Session {
    const text = printKey(key);
    const known = this.#active.get(text);
    if (known !== undefined) return known;
    if (this.#active.size >= SESSIONS_MAX && !(key.remote === "" && key.token === "")) {
      return this.#join({ ...key, remote: "", userAgent: "", token: "" }, kind);
    }
    const { clock } = this.#ports;
    const session = beginSession({ key, text, id: this.#ports.hash(text), kind }, clock.wall(), clock.mono());
    this.#active.set(text, session);
    for (const sums of this.#sumsFor(key.stream)) sums.sessions[kind]++;
    for (const run of this.#starts) run(rowOf(session));
    return session;
  }

  #end(session: Session): void {
    session.ended = true;
    this.#active.delete(session.text);
    for (const run of this.#ends) run(rowOf(session));
  }

  #byId(id: string): Session | undefined {
    for (const session of this.#active.values()) if (session.id === id) return session;
    return undefined;
  }

  /** The sums that what a stream does is added to. */
  #sumsFor(stream: string): readonly Sums[] {
    let sums = this.#streams.get(stream);
    if (sums === undefined) {
      if (this.#streams.size >= STREAMS_MAX) return [this.#sums];
      this.#streams.set(stream, sums = emptySums());
    }
    return [sums, this.#sums];
  }
}

function outputKey({ stream, remote, protocol, id }: OutputReport): SessionKey {
  return { stream, remote, protocol, userAgent: "", token: `push ${id}` };
}
