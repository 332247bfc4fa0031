import {
  HTTP_BODY_MAX,
  type HttpHandler,
  type HttpOptions,
  type HttpServer,
  internalError,
  plainRemote,
  type RequestInfo,
  type TlsIdentity,
} from "./http_server.ts";
import type { WebSocketHandlers } from "./websocket.ts";
import { BUN_SOCKETS } from "./websocket_bun.ts";

type Server = Bun.Server<WebSocketHandlers>;

/** Asks for the address only when it is wanted. */
class BunRequestInfo implements RequestInfo {
  protected readonly request: Request;
  protected readonly server: Server;

  constructor(request: Request, server: Server) {
    this.request = request;
    this.server = server;
  }

  get remote(): string {
    return plainRemote(this.server.requestIP(this.request)?.address);
  }
}

/** Of a server with WebSockets. Bun wants no answer to a request that became one. */
class UpgradableRequestInfo extends BunRequestInfo {
  upgraded = false;

  upgrade(handlers: WebSocketHandlers): Response | undefined {
    this.upgraded = this.server.upgrade(this.request, { data: handlers });
    return this.upgraded ? new Response() : undefined;
  }
}

/**
 * Answers a request that may become a WebSocket. Not async, and nothing is waited for: most answers are there at once,
 * and cost no promise.
 */
export function answerUpgradable(
  request: Request,
  server: Server,
  handler: HttpHandler,
): Response | undefined | Promise<Response | undefined> {
  const info = new UpgradableRequestInfo(request, server);
  const answer = handler(request, info);
  if (answer instanceof Promise) return answer.then((given) => info.upgraded ? undefined : given);
  return info.upgraded ? undefined : answer;
}

/** The first one without a name, for whoever asks for none that is known; then each under all of its names. */
function identities(tls: readonly TlsIdentity[]): Bun.TLSOptions[] {
  const named = tls.flatMap(({ cert, key, names }) => names.map((serverName) => ({ cert, key, serverName })));
  return [...tls.slice(0, 1).map(({ cert, key }) => ({ cert, key })), ...named];
}

/** `serveHttp` over `Bun.serve`. */
export function serveBun(runtime: typeof Bun, options: HttpOptions, handler: HttpHandler): HttpServer {
  let failures = 0;
  const { tls } = options;
  const common = {
    hostname: options.hostname ?? "::",
    port: options.port,
    reusePort: options.reusePort ?? false,
    idleTimeout: options.idleTimeoutSeconds ?? 30,
    maxRequestBodySize: options.maxBodyBytes ?? HTTP_BODY_MAX,
    development: false,
    ...(options.http2 === true ? { http2: true } : {}),
    ...(tls === undefined ? {} : { tls: identities(tls) }),
    ...(tls !== undefined && options.http3 === true ? { http3: true } : {}),
    error() {
      failures++;
      return internalError();
    },
  };
  const fetch = (request: Request, self: Server) => answerUpgradable(request, self, handler);
  const server: Server = options.webSockets === true
    ? runtime.serve<WebSocketHandlers>({ ...common, websocket: BUN_SOCKETS, fetch })
    : runtime.serve<WebSocketHandlers>({
      ...common,
      fetch: (request: Request, self: Server) => handler(request, new BunRequestInfo(request, self)),
    });
  return {
    port: server.port ?? options.port,
    get pending() {
      return server.pendingRequests;
    },
    get failures() {
      return failures;
    },
    async stop(graceful) {
      await server.stop(!graceful);
    },
  };
}
