import {
  HTTP_BODY_MAX,
  type HttpHandler,
  type HttpOptions,
  type HttpServer,
  internalError,
  plainRemote,
} from "./http_server.ts";
import type { WebSocketHandlers } from "./websocket.ts";
import { upgradeDeno } from "./websocket_deno.ts";

/** `serveHttp` over `Deno.serve`, which speaks HTTP/2 by itself, no HTTP/3, and shares ports only behind a flag. */
export function serveDeno(
  runtime: typeof Deno,
  options: HttpOptions,
  handler: HttpHandler,
): Promise<HttpServer> {
  let failures = 0;
  let pending = 0;
  const abort = new AbortController();
  const [identity] = options.tls ?? [];
  const tls = identity === undefined ? {} : { cert: identity.cert, key: identity.key };
  const bodyMax = options.maxBodyBytes ?? HTTP_BODY_MAX;
  const answer = async (request: Request, info: Deno.ServeHandlerInfo): Promise<Response> => {
    const { remoteAddr } = info;
    if (Number(request.headers.get("content-length") ?? 0) > bodyMax) {
      return new Response(null, { status: 413 });
    }
    pending++;
    info.completed.catch(() => undefined).finally(() => pending--);
    try {
      return await handler(request, {
        remote: "hostname" in remoteAddr ? plainRemote(remoteAddr.hostname) : "",
        ...(options.webSockets === true
          ? { upgrade: (handlers: WebSocketHandlers) => upgradeDeno(runtime, request, handlers) }
          : {}),
      });
    } catch {
      failures++;
      return internalError();
    }
  };
  return new Promise((resolve) => {
    const server = runtime.serve({
      hostname: options.hostname ?? "::",
      port: options.port,
      signal: abort.signal,
      ...tls,
      onListen({ port }) {
        resolve({
          port,
          get pending() {
            return pending;
          },
          get failures() {
            return failures;
          },
          async stop(graceful) {
            if (!graceful) abort.abort();
            else await server.shutdown();
          },
        });
      },
    }, answer);
  });
}
