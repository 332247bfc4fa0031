import type { HistogramCounts } from "../base/histogram.ts";
import type { LogLevel, LogLine } from "../base/log.ts";
import type { OptionValue } from "../config/option.ts";
import type { Splice } from "../buffer/splice.ts";
import type { TrackKind } from "../media/codec.ts";
import type { SessionKey, SessionReport } from "./session/session_row.ts";

/**
 * What the controller and its workers tell each other. Media never passes here: pages are shared once, and frames,
 * counters and heartbeats live in shared memory.
 */

/** How long a session may take to come to the end of its segment, when another process is to go on. */
export const FINISH_MILLIS = 6000;

/** Every worker gets this with its role's own part. */
export interface WorkerInit {
  readonly vitals: SharedArrayBuffer;
  readonly logLevel: LogLevel;
}

/** Lengths of segments, parts and buffer of one stream, milliseconds and bytes. */
export interface StreamLimits {
  readonly segmentMillis: number;
  readonly partMillis: number;
  readonly windowMillis: number;
  readonly maxBytesPerTrack: number;
}

export interface IngestInit extends WorkerInit {
  readonly stream: string;
  readonly url: string;
  readonly values: Readonly<Record<string, OptionValue>>;
  /** Undefined: another process writes the stream still, and `adopt` brings the pages. */
  readonly page: SharedArrayBuffer | undefined;
  readonly tracks: readonly SharedArrayBuffer[];
  readonly limits: StreamLimits;
  /** What earlier workers of this stream found out, such as the transport that works. */
  readonly remembered: readonly (readonly [string, string])[];
  /** Folder that received bytes are written to, for test vectors. */
  readonly tap: string | undefined;
}

export interface HttpInit extends WorkerInit {
  /** Every address; each worker listens on all of them. */
  readonly listen: readonly HttpListen[];
  /** Unix socket to listen on besides: what the server before this one passes on comes there. */
  readonly socket: string | undefined;
  /** Counts down the viewers that may still come. */
  readonly admission: SharedArrayBuffer;
  /** Another server may take over one day: requests that are held must be known. */
  readonly mayPassOn: boolean;
  /** Viewers who were stopped, and how long they are kept out still. */
  readonly refused: readonly { readonly key: SessionKey; readonly millis: number }[];
  readonly public: PublicInit;
}

/** How viewers see the server, and which proxies may say so. */
export interface PublicInit {
  /** Addresses and networks, names already looked up. */
  readonly proxies: readonly string[];
  /** Full addresses without a slash at the end. */
  readonly addresses: readonly string[];
  /** Plain HTTP only tells where HTTPS is. */
  readonly redirect: boolean;
  /** Ports of outputs that have one of their own, by the scheme of their addresses. */
  readonly ports?: Readonly<Record<string, number>>;
  /** What players are to show where a stream does not play; empty: nothing of ours. */
  readonly noStreamText?: string;
  /** Segments are offered in parts unless a viewer asks otherwise. */
  readonly lowLatency?: boolean;
}

export interface HttpListen {
  readonly hostname: string;
  readonly port: number;
  /** The first one is for clients that ask for none of the names. */
  readonly tls: readonly CertificatePair[] | undefined;
  readonly http2: boolean;
  readonly http3: boolean;
}

/** PEM: a certificate with those that lead to its root, and its key. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
  /** What it is for, such as `cam.example` or `*.example`. */
  readonly names: readonly string[];
}

export type SourceState = "connecting" | "online" | "waiting" | "refused";

/** From any worker. */
export type CommonReport =
  | { readonly type: "log"; readonly line: LogLine }
  | { readonly type: "stopped" };

export type IngestReport =
  | CommonReport
  | { readonly type: "allocate"; readonly id: number; readonly trackId: number; readonly kind: TrackKind }
  | { readonly type: "state"; readonly state: SourceState; readonly reason: string }
  | { readonly type: "remember"; readonly key: string; readonly value: string }
  /** Without pages as yet: a key frame has come. */
  | { readonly type: "held" }
  /** Answer to `finish`: the pages are at rest. */
  | { readonly type: "finished"; readonly splice: Splice | undefined };

/** To any worker. */
export type CommonOrder =
  | { readonly type: "stop" }
  | { readonly type: "logLevel"; readonly level: LogLevel };

export type IngestOrder =
  | CommonOrder
  | { readonly type: "page"; readonly id: number; readonly page: SharedArrayBuffer }
  /** End the session with its segment: another process goes on. */
  | { readonly type: "finish" }
  /** The pages, at last. */
  | {
    readonly type: "adopt";
    readonly page: SharedArrayBuffer;
    readonly tracks: readonly SharedArrayBuffer[];
    readonly splice: Splice | undefined;
  };

/** A viewer at the door: one question a session, cached by the worker. */
export interface OpenQuestion {
  readonly stream: string;
  readonly remote: string;
  readonly url: string;
  readonly protocol: string;
}

export type OpenAnswer =
  | {
    readonly allowed: true;
    readonly name: string;
    readonly page: SharedArrayBuffer;
    readonly tracks: readonly SharedArrayBuffer[];
  }
  | {
    readonly allowed: false;
    readonly status: 403 | 404 | 503;
    readonly reason: string;
    readonly retryAfterSeconds?: number;
  };

/** A stream as the page and the API list it. */
export interface StreamSummary {
  readonly name: string;
  readonly state: "idle" | SourceState;
  readonly reason: string;
  readonly tracks: readonly { readonly codec: string; readonly label: string }[];
}

export type HttpReport =
  | CommonReport
  /** In the order of `listen`; a port that was 0 is what the system chose. */
  | { readonly type: "listening"; readonly ports: readonly number[] }
  /** It cannot; what it listened on before stays. */
  | { readonly type: "notListening"; readonly why: string }
  /** About once a second where it is not 0: headers of strangers that were not believed. */
  | { readonly type: "disbelieved"; readonly count: number }
  | { readonly type: "open"; readonly id: number; readonly question: OpenQuestion }
  | { readonly type: "list"; readonly id: number }
  /** What describes the session that the stream sends by itself? */
  | { readonly type: "describe"; readonly id: number; readonly stream: string }
  | { readonly type: "touch"; readonly stream: string }
  /** About once a second, while somebody watches. */
  | { readonly type: "sessions"; readonly report: SessionReport }
  /** About once a second: how long parts took through the server, by stream. */
  | { readonly type: "latency"; readonly streams: readonly StreamLatency[] };

/** Times from the write of a part's last frame until the part was ready for viewers. Bounds: `LATENCY_BOUNDS`. */
export interface StreamLatency {
  readonly stream: string;
  readonly latency: HistogramCounts;
}

export type HttpOrder =
  | CommonOrder
  /** Listen on these public addresses, and on no others, now. */
  | { readonly type: "listen"; readonly listen: readonly HttpListen[] }
  | { readonly type: "public"; readonly public: PublicInit }
  /** Another server takes over: pass on to its socket what is not about `ours`. */
  | { readonly type: "passOn"; readonly socket: string; readonly ours: readonly string[] }
  /** That stream is not ours any more. */
  | { readonly type: "passed"; readonly stream: string }
  /** Close the public addresses, end what is under way, then say `stopped`. */
  | { readonly type: "leave" }
  | { readonly type: "opened"; readonly id: number; readonly answer: OpenAnswer }
  | { readonly type: "listed"; readonly id: number; readonly streams: readonly StreamSummary[] }
  /** Undefined: nothing does. */
  | { readonly type: "described"; readonly id: number; readonly text: string | undefined }
  | { readonly type: "track"; readonly stream: string; readonly page: SharedArrayBuffer }
  /** `why`: it turned out to be offline, for viewers who wait for its first media. */
  | { readonly type: "closed"; readonly stream: string; readonly why?: string }
  /** Answers 403 to this viewer for so long. */
  | { readonly type: "refuse"; readonly key: SessionKey; readonly millis: number };
