import {
  HTTP_BODY_MAX,
  type HttpHandler,
  type HttpOptions,
  type HttpServer,
  internalError,
  plainRemote,
  type RequestInfo,
} from "./http_server.ts";

type Server = Bun.Server<undefined>;

/** Asks for the address only when it is wanted. */
class BunRequestInfo implements RequestInfo {
  readonly #request: Request;
  readonly #server: Server;

  constructor(request: Request, server: Server) {
    this.#request = request;
    this.#server = server;
  }

  get remote(): string {
    return plainRemote(this.#server.requestIP(this.#request)?.address);
  }
}

/** `serveHttp` over `Bun.serve`. */
export function serveBun(runtime: typeof Bun, options: HttpOptions, handler: HttpHandler): HttpServer {
  let failures = 0;
  const { tls } = options;
  const server: Server = runtime.serve<undefined>({
    hostname: options.hostname ?? "::",
    port: options.port,
    reusePort: options.reusePort ?? false,
    idleTimeout: options.idleTimeoutSeconds ?? 30,
    maxRequestBodySize: options.maxBodyBytes ?? HTTP_BODY_MAX,
    development: false,
    ...(options.http2 === true ? { http2: true } : {}),
    ...(tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    ...(tls !== undefined && options.http3 === true ? { http3: true } : {}),
    fetch: (request, self) => handler(request, new BunRequestInfo(request, self)),
    error() {
      failures++;
      return internalError();
    },
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
