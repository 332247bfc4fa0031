import type { WebSocketHandlers } from "./websocket.ts";

/** Longest request body taken, unless told otherwise. */
export const HTTP_BODY_MAX = 16 * 1024 * 1024;

export interface HttpOptions {
  /** Address to bind; all of the machine's when left out. */
  readonly hostname?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The first one is for clients that ask for none of the names. Deno has that one only. */
  readonly tls?: readonly TlsIdentity[];
  /** HTTP/2 beside HTTP/1.1; with TLS by ALPN, without it for clients that know it beforehand. */
  readonly http2?: boolean;
  /** HTTP/3 (QUIC, UDP) on the same port; needs TLS; Bun only. */
  readonly http3?: boolean;
  /** Lets other workers and processes serve the same port; the system spreads connections over them. Bun only. */
  readonly reusePort?: boolean;
  /**
   * A connection without a byte in either direction for so long is closed; 30 when left out, at most 255, 0 never.
   * Bun counts in steps of 4 s, and gives a new connection about 10 s for its first request line and headers; Deno
   * has a limit of its own.
   */
  readonly idleTimeoutSeconds?: number;
  /** See {@link HTTP_BODY_MAX}. */
  readonly maxBodyBytes?: number;
  /** Requests may become WebSockets. */
  readonly webSockets?: boolean;
}

/** PEM: a certificate with those that lead to its root, and its key. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
  /** Names that clients ask for (RFC 6066, 3), such as `cam.example` or `*.example`. */
  readonly names: readonly string[];
}

export interface RequestInfo {
  /** Address of the peer; empty once it has gone. */
  readonly remote: string;
  /**
   * Turns the request into a WebSocket; the handler must answer what this gives. Undefined when the request does not ask
   * for one, or the server was not started with `webSockets`.
   */
  upgrade?(handlers: WebSocketHandlers): Response | undefined;
}

/**
 * Answers a request. `request.signal` aborts when the client goes away before it has the whole response. What it
 * throws becomes a bare 500, after `failed` heard of it.
 */
export type HttpHandler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

export interface HttpServer {
  readonly port: number;
  /** Requests being answered. */
  readonly pending: number;
  /** Requests whose handler threw. */
  readonly failures: number;
  /** Takes no more connections; graceful: lets requests being answered end first, else cuts them off. */
  stop(graceful: boolean): Promise<void>;
}

/** The answer to a request whose handler threw: no stack trace leaves the server. */
export function internalError(): Response {
  return new Response("internal error\n", { status: 500, headers: { "content-type": "text/plain" } });
}

/** An address as people write it: IPv4 in IPv6 shown as IPv4. */
export function plainRemote(address: string | undefined): string {
  if (address === undefined) return "";
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
