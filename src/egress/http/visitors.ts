import type { Clock } from "../../base/clock.ts";
import type { MonoMillis } from "../../base/units.ts";
import { bodyBytes } from "./answers.ts";

/** What makes two requests one session. With a token, it stands for the address and the user agent. */
export interface VisitorKey {
  readonly stream: string;
  readonly remote: string;
  readonly userAgent: string;
  readonly protocol: string;
  /** Empty where the viewer has none. */
  readonly token: string;
}

/** What was counted since the last report. */
export interface VisitorReport {
  readonly opened: readonly (VisitorKey & { readonly handle: number })[];
  /** Four numbers a visitor: handle, bytes, requests, time of the last request (monotonic, ms). */
  readonly counts: Float64Array;
  /**
   * Five numbers for each visitor that is sent packets: handle, packets sent, packets it missed, its jitter and round
   * trip time now, ms, 0 while it has not said. Left out where there is none.
   */
  readonly receptions?: Float64Array;
  readonly closed: readonly number[];
}

/** A visitor is forgotten this long after the last request. */
export const VISITOR_MILLIS = 20_000;
/** Visitors told apart at a time; further ones are counted as one for each stream. */
export const VISITORS_MAX = 50_000;
/** Longest user agent and token that are kept. */
const TEXT_MAX = 256;
/** Numbers of one visitor in a report. */
const COUNTS = 4;
/** Numbers of one visitor's reception in a report. */
const RECEPTIONS = 5;
/** Visitors are looked through for idle ones every so many reports. */
const SWEEP_EVERY = 5;

/** How a visitor receives packets: since the last report, and now. */
export interface VisitorReception {
  readonly packets: number;
  readonly lost: number;
  readonly jitterMillis: number;
  readonly roundTripMillis: number;
}

/** One viewer of one stream over one protocol, as this worker sees it. */
export class Visitor {
  bytes = 0;
  requests = 0;
  seenAt: MonoMillis;
  /** Of protocols that send packets. */
  reception: VisitorReception | undefined;
  /** In the list of those to report. */
  listed = false;
  /** Answers are 403 until then. */
  refusedUntil = -Infinity;
  readonly #changed: Visitor[];
  readonly #clock: Clock;

  constructor(readonly handle: number, clock: Clock, changed: Visitor[]) {
    this.#clock = clock;
    this.#changed = changed;
    this.seenAt = clock.mono();
  }

  /** Counts bytes that are sent to the viewer. */
  add(bytes: number): void {
    this.bytes += bytes;
    this.seenAt = this.#clock.mono();
    if (!this.listed) {
      this.listed = true;
      this.#changed.push(this);
    }
  }

  /** Counts packets; of several players of one visitor the worst times count. */
  receives(more: VisitorReception): void {
    const known = this.reception;
    this.reception = known === undefined ? more : {
      packets: known.packets + more.packets,
      lost: known.lost + more.lost,
      jitterMillis: Math.max(known.jitterMillis, more.jitterMillis),
      roundTripMillis: Math.max(known.roundTripMillis, more.roundTripMillis),
    };
  }

  /** Counts a whole answer, and gives it back. */
  count(answer: Response): Response {
    this.requests++;
    this.add(bodyBytes(answer));
    return answer;
  }
}

/**
 * Who watches what, counted in this worker and reported about once a second: a request costs one look into a map. What
 * is reported is joined with other workers' by the controller.
 */
export class Visitors {
  readonly #clock: Clock;
  readonly #known = new Map<string, Visitor>();
  #opened: (VisitorKey & { readonly handle: number })[] = [];
  readonly #changed: Visitor[] = [];
  readonly #admit: () => string | undefined;
  #noRoom: string | undefined;
  #next = 1;
  #reports = 0;

  /** `admit` is asked for each new visitor: why it is not let in, undefined where it is. */
  constructor(clock: Clock, admit: () => string | undefined = () => undefined) {
    this.#clock = clock;
    this.#admit = admit;
  }

  /** Why the last visit found no room; undefined when it did not ask for room. */
  get noRoom(): string | undefined {
    return this.#noRoom;
  }

  /** Visitors known now. */
  get size(): number {
    return this.#known.size;
  }

  /** The visitor of a request; undefined when it was told to stay away, or when there is no room: {@link noRoom}. */
  visit(stream: string, protocol: string, request: Request, remote: string): Visitor | undefined {
    const token = tokenOf(request.url);
    const userAgent = token === "" ? request.headers.get("user-agent") ?? "" : "";
    const key = keyText(stream, protocol, token, remote, userAgent);
    const known = this.#known.get(key);
    this.#noRoom = known === undefined ? this.#admit() : undefined;
    if (this.#noRoom !== undefined) return undefined;
    const visitor = known ??
      this.#open(key, {
        stream,
        remote,
        userAgent: (token === "" ? userAgent : request.headers.get("user-agent") ?? "").slice(0, TEXT_MAX),
        protocol,
        token,
      });
    return visitor.refusedUntil > this.#clock.mono() ? undefined : visitor;
  }

  /** Keeps a visitor out for so long. */
  refuse(key: VisitorKey, millis: number): void {
    const text = keyText(key.stream, key.protocol, key.token, key.remote, key.userAgent);
    let visitor = this.#known.get(text);
    if (visitor === undefined) {
      visitor = new Visitor(this.#next++, this.#clock, this.#changed);
      this.#known.set(text, visitor);
      this.#opened.push({ ...key, handle: visitor.handle });
    }
    visitor.refusedUntil = this.#clock.mono() + millis;
  }

  /** What was counted since the last call; undefined when it was nothing. */
  report(): VisitorReport | undefined {
    const now = this.#clock.mono();
    const closed = this.#reports++ % SWEEP_EVERY === 0 ? this.#forgetIdle(now) : [];
    if (this.#changed.length === 0 && this.#opened.length === 0 && closed.length === 0) return undefined;
    const counts = new Float64Array(this.#changed.length * COUNTS);
    const receptions = new Float64Array(this.#changed.filter((v) => v.reception).length * RECEPTIONS);
    let at = 0, receptionAt = 0;
    for (const visitor of this.#changed) {
      const { reception } = visitor;
      if (reception !== undefined) {
        const { packets, lost, jitterMillis, roundTripMillis } = reception;
        receptions.set([visitor.handle, packets, lost, jitterMillis, roundTripMillis], receptionAt);
        receptionAt += RECEPTIONS;
        visitor.reception = undefined;
      }
      counts[at] = visitor.handle;
      counts[at + 1] = visitor.bytes;
      counts[at + 2] = visitor.requests;
      counts[at + 3] = visitor.seenAt;
      at += COUNTS;
      visitor.bytes = 0;
      visitor.requests = 0;
      visitor.listed = false;
    }
    this.#changed.length = 0;
    const opened = this.#opened;
    this.#opened = [];
    return receptionAt === 0 ? { opened, counts, closed } : { opened, counts, receptions, closed };
  }

  #forgetIdle(now: MonoMillis): number[] {
    const closed: number[] = [];
    for (const [key, visitor] of this.#known) {
      if (visitor.listed || now - visitor.seenAt < VISITOR_MILLIS || visitor.refusedUntil > now) continue;
      this.#known.delete(key);
      closed.push(visitor.handle);
    }
    return closed;
  }

  #open(text: string, key: VisitorKey): Visitor {
    if (this.#known.size >= VISITORS_MAX && key.remote !== "") {
      const rest: VisitorKey = { ...key, remote: "", userAgent: "", token: "" };
      const all = keyText(key.stream, key.protocol, "", "", "");
      return this.#known.get(all) ?? this.#open(all, rest);
    }
    const visitor = new Visitor(this.#next++, this.#clock, this.#changed);
    this.#known.set(text, visitor);
    this.#opened.push({ ...key, handle: visitor.handle });
    return visitor;
  }
}

function keyText(stream: string, protocol: string, token: string, remote: string, userAgent: string): string {
  if (token !== "") return `${stream}\n${protocol}\n${token}`;
  return `${stream}\n${protocol}\n\n${remote}\n${
    userAgent.length > TEXT_MAX ? userAgent.slice(0, TEXT_MAX) : userAgent
  }`;
}

/** The parameter `session` or `tkn`: optional, and never in an address that we write, so that caches stay whole. */
function tokenOf(url: string): string {
  const query = url.indexOf("?");
  if (query < 0) return "";
  const match = /[?&](?:session|tkn)=([^&#]*)/.exec(url.slice(query));
  return match === null ? "" : (match[1] as string).slice(0, TEXT_MAX);
}
