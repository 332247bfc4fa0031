import { answerUpgradable } from "./http_bun.ts";
import { internalError, type RequestInfo } from "./http_server.ts";
import { WEBSOCKET_GOING_AWAY, WEBSOCKET_RESTARTS, type WebSocketHandlers } from "./websocket.ts";
import { BUN_SOCKETS } from "./websocket_bun.ts";
import { bun } from "./runtime.ts";

/** Headers of a connection, not of an answer: RFC 9110, 7.6.1. */
const HOP_HEADERS = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/**
 * Asks another process over its unix socket what was asked here, and answers what it answers. A body that comes with
 * the request goes along. Rejects when the other process cannot be reached.
 */
export async function passOn(socket: string, request: Request, remote: string): Promise<Response> {
  if (bun === undefined) throw new Error("Cannot pass requests on in this runtime");
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set(REMOTE_HEADER, remote);
  headers.delete("connection");
  const answer = await fetch(`http://localhost${url.pathname}${url.search}`, {
    unix: socket,
    method: request.method,
    headers,
    body: request.body,
    redirect: "manual",
    decompress: false,
    signal: request.signal,
  });
  const given = new Headers(answer.headers);
  for (const name of HOP_HEADERS) given.delete(name);
  return new Response(answer.body, { status: answer.status, headers: given });
}

/** Who asked the process that passed a request on; believed only on the unix socket. */
export const REMOTE_HEADER = "x-fogcast-remote";

/** Answers what another process passes on, WebSockets too. The answer stops it. Throws when the socket cannot be had. */
export function servePassedOn(
  socket: string,
  handler: (request: Request, info: RequestInfo) => Response | Promise<Response>,
): () => Promise<void> {
  if (bun === undefined) throw new Error("Cannot serve passed on requests in this runtime");
  const server = bun.serve<WebSocketHandlers>({
    unix: socket,
    development: false,
    websocket: BUN_SOCKETS,
    fetch: (request, self) => answerUpgradable(request, self, handler),
    error: () => internalError(),
  });
  return () => server.stop(true);
}

/** A WebSocket at another process, and what is heard of it. */
export interface PassedSocket {
  send(text: string): void;
  close(): void;
}

export interface PassedSocketEvents {
  open(): void;
  message(message: string | Uint8Array): void;
  /** It has ended, or could not be opened; with what is to be told of it here. */
  close(code: number, reason: string): void;
}

/** The other process is away: without a word (RFC 6455, 7.4.1), or it said so. Who comes again finds one that is not. */
const AWAY: readonly number[] = [WEBSOCKET_GOING_AWAY, 1005, 1006, 1015];

/** Opens at another process, over its unix socket, what is open here. `address`: path and query. */
export function connectPassedOn(
  socket: string,
  address: string,
  remote: string,
  events: PassedSocketEvents,
): PassedSocket {
  if (bun === undefined) throw new Error("Cannot pass sockets on in this runtime");
  const Connect = WebSocket as unknown as new (url: string, options: Bun.WebSocketOptions) => WebSocket;
  const upstream = new Connect(`ws+unix://${socket}:${address}`, { headers: { [REMOTE_HEADER]: remote } });
  upstream.binaryType = "arraybuffer";
  upstream.onopen = () => events.open();
  upstream.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    events.message(typeof data === "string" ? data : new Uint8Array(data));
  upstream.onclose = ({ code, reason }: CloseEvent) => {
    if (AWAY.includes(code)) events.close(WEBSOCKET_RESTARTS, "the server begins anew");
    else events.close(code, reason);
  };
  return {
    send(text) {
      if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
    },
    close: () => upstream.close(),
  };
}
