import { internalError } from "./http_server.ts";
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

/** Answers what another process passes on. The answer stops it. Throws when the socket cannot be had. */
export function servePassedOn(
  socket: string,
  handler: (request: Request) => Response | Promise<Response>,
): () => Promise<void> {
  if (bun === undefined) throw new Error("Cannot serve passed on requests in this runtime");
  const server = bun.serve({
    unix: socket,
    development: false,
    fetch: handler,
    error: () => internalError(),
  });
  return () => server.stop(true);
}
