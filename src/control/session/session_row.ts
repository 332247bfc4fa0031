/** What makes two requests one session. With a token, it stands for the address and the user agent. */
export interface SessionKey {
  readonly stream: string;
  readonly remote: string;
  readonly userAgent: string;
  /** As the reference names connectors: `HLS`, `INPUT:RTSP`. */
  readonly protocol: string;
  /** From the parameter `session` or `tkn`; empty where the viewer has none. */
  readonly token: string;
}

export type SessionKind = "viewer" | "input" | "output";

/** One session, as it is now. */
export interface SessionRow {
  /** The same for the same viewer in every worker; tells nothing about a token. */
  readonly id: string;
  readonly stream: string;
  readonly remote: string;
  readonly protocol: string;
  readonly userAgent: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Unix milliseconds. */
  readonly lastSeenAt: number;
  /** Bytes of bodies sent to the peer. */
  readonly bytesOut: number;
  /** Bytes received from the peer. */
  readonly bytesIn: number;
  /** Bytes a second over the last complete step of the history. */
  readonly bytesOutPerSecond: number;
  readonly bytesInPerSecond: number;
  readonly requests: number;
  /** Packets sent to the peer or received from it, of protocols that may lose them; 0 for others. */
  readonly packets: number;
  /** Packets that the receiver missed. */
  readonly packetsLost: number;
  /** As a viewer reports it, milliseconds; 0 while it has not. */
  readonly jitterMillis: number;
  /** To a viewer and back, milliseconds; 0 while it is not known. */
  readonly roundTripMillis: number;
  /** As whoever uses the API gave them. */
  readonly tags: readonly string[];
  readonly kind: SessionKind;
}

/** What an HTTP worker counted since its last report. Handles are the worker's own numbers of its sessions. */
export interface SessionReport {
  readonly opened: readonly (SessionKey & { readonly handle: number })[];
  /** Four numbers a session: handle, bytes sent, requests, time of the last request on the monotonic clock, ms. */
  readonly counts: Float64Array;
  /**
   * Five numbers for each session that is sent packets: handle, packets sent, packets missed, jitter and round trip time
   * now, ms.
   */
  readonly receptions?: Float64Array;
  /** Handles that will not be used again. */
  readonly closed: readonly number[];
}

/** All tags of a session: the reference keeps the user agent as one. */
export function sessionTags({ userAgent, tags }: Pick<SessionRow, "userAgent" | "tags">): readonly string[] {
  return userAgent === "" ? tags : [`UA:${userAgent}`, ...tags];
}

/** One text for a key; no part can be taken for another. */
export function printKey(key: SessionKey): string {
  const { stream, protocol, token } = key;
  return token === ""
    ? `${stream}\n${protocol}\n\n${key.remote}\n${key.userAgent}`
    : `${stream}\n${protocol}\n${token}`;
}
