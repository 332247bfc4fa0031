import type { RtpFormat } from "../rtp/format.ts";

/** Whom the describing side lets send. `sendrecv` where nothing is said, RFC 8866, 6.7. */
export type Direction = "sendrecv" | "recvonly" | "sendonly" | "inactive";

/** A `c=` line, RFC 8866, 5.7. */
export interface Connection {
  readonly family: 4 | 6;
  /** Without the `/ttl` suffix; a host name is possible. */
  readonly address: string;
  /** Multicast time to live; 0 where none is said. */
  readonly ttl: number;
}

/** One `m=` section. */
export interface MediaDescription {
  /** `video`, `audio`, `application` or whatever the sender made up, lower case. */
  readonly type: string;
  readonly port: number;
  /** `RTP/AVP`, `RTP/SAVP`, `MP2T/H2221/UDP` and so on, upper case. */
  readonly protocol: string;
  /** In the order of preference; an empty `encoding` means that nothing says what the payload type is. */
  readonly formats: readonly RtpFormat[];
  /** Verbatim; empty where none is given. */
  readonly control: string;
  readonly direction: Direction;
  /** Frames per second; 0 where none is given. */
  readonly frameRate: number;
  readonly dimensions: { readonly width: number; readonly height: number } | undefined;
  /** That of the section, else that of the session. */
  readonly connection: Connection | undefined;
  /** Bits per second; 0 where none is given. */
  readonly bandwidth: number;
  /** Sender addresses of `a=source-filter: incl` lines, RFC 4570; those of the session where the section has none. */
  readonly sources: readonly string[];
  /** First value of each attribute, keys in lower case. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** A whole description. */
export interface SessionDescription {
  /** `s=`; empty where the line is missing. */
  readonly name: string;
  /** Session-level `a=control`; empty where none is given. */
  readonly control: string;
  readonly connection: Connection | undefined;
  readonly attributes: ReadonlyMap<string, string>;
  readonly medias: readonly MediaDescription[];
}
