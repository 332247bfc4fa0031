import type { SessionKey, SessionKind, SessionRow } from "./session_row.ts";

/** A session as the table keeps it. */
export interface Session {
  readonly key: SessionKey;
  readonly text: string;
  readonly id: string;
  readonly kind: SessionKind;
  readonly startedAt: number;
  lastSeenAt: number;
  /** On the monotonic clock. */
  seen: number;
  bytesOut: number;
  bytesIn: number;
  requests: number;
  packets: number;
  packetsLost: number;
  jitterMillis: number;
  roundTripMillis: number;
  stepOut: number;
  stepIn: number;
  rateOut: number;
  rateIn: number;
  tags: readonly string[];
  ended: boolean;
}

const NO_TAGS: readonly string[] = [];

/** One without any traffic as yet. `wall` in Unix milliseconds, `mono` on the monotonic clock. */
export function beginSession(
  who: Pick<Session, "key" | "text" | "id" | "kind">,
  wall: number,
  mono: number,
): Session {
  return {
    ...who,
    startedAt: wall,
    lastSeenAt: wall,
    seen: mono,
    bytesOut: 0,
    bytesIn: 0,
    requests: 0,
    packets: 0,
    packetsLost: 0,
    jitterMillis: 0,
    roundTripMillis: 0,
    stepOut: 0,
    stepIn: 0,
    rateOut: 0,
    rateIn: 0,
    tags: NO_TAGS,
    ended: false,
  };
}

/** As it is shown. */
export function rowOf(session: Session): SessionRow {
  const { id, key, startedAt, lastSeenAt, bytesOut, bytesIn, requests, kind } = session;
  const { packets, packetsLost, jitterMillis, roundTripMillis } = session;
  return {
    id,
    stream: key.stream,
    remote: key.remote,
    protocol: key.protocol,
    userAgent: key.userAgent,
    startedAt,
    lastSeenAt,
    bytesOut,
    bytesIn,
    bytesOutPerSecond: session.rateOut,
    bytesInPerSecond: session.rateIn,
    requests,
    packets,
    packetsLost,
    jitterMillis,
    roundTripMillis,
    tags: session.tags,
    kind,
  };
}
