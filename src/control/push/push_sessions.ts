import type { SessionTable } from "../session/session_table.ts";
import type { PushCounts } from "./push_messages.ts";

/** What is told of the sessions of pushes. */
export type OutputSessions = Pick<SessionTable, "takeOutput" | "endOutput">;

/** A push, for its session. */
export interface SessionOfPush {
  readonly id: number;
  readonly kind: string;
  readonly stream: string;
  readonly target: string;
  /** What was counted so far. */
  readonly counts: PushCounts | undefined;
}

/** Makes each push that sends a session of the stream's, as `OUTPUT:` and the kind of push. */
export class PushSessions {
  readonly #sessions: OutputSessions;

  constructor(sessions: OutputSessions) {
    this.#sessions = sessions;
  }

  /** A push reports; `push.counts` is what it reported before. */
  take(push: SessionOfPush, counts: PushCounts): void {
    if (counts.activeMillis === 0) return;
    const { counts: before } = push;
    // a worker that was started anew counts from 0
    const since = (name: "bytes" | "packets" | "lost") => {
      const was = before?.[name] ?? 0;
      return counts[name] >= was ? counts[name] - was : counts[name];
    };
    const said = { bytes: since("bytes"), packets: since("packets"), packetsLost: since("lost") };
    this.#sessions.takeOutput({ ...keyOf(push), ...said });
  }

  end(push: SessionOfPush): void {
    this.#sessions.endOutput({ ...keyOf(push), bytes: 0, packets: 0, packetsLost: 0 });
  }
}

function keyOf({ id, kind, stream, target }: SessionOfPush) {
  const remote = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?(\[[0-9a-f:.%]+\]|[^:/?#]*)/i.exec(target)?.[1] ?? "";
  return { id, stream, protocol: `OUTPUT:${kind.toUpperCase()}`, remote: remote.replace(/^\[|\]$/g, "") };
}
