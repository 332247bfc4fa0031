import {
  HTTP_BODY_MAX,
  type HttpHandler,
  type HttpOptions,
  type HttpServer,
  internalError,
  plainRemote,
  type RequestInfo,
} from "./http_server.ts";
import {
  WEBSOCKET_FAILED,
  WEBSOCKET_IDLE_SECONDS,
  WEBSOCKET_MESSAGE_MAX,
  WEBSOCKET_QUEUE_MAX,
  WEBSOCKET_UNSUPPORTED,
  type WebSocketHandlers,
  type WebSocketPeer,
} from "./websocket.ts";

type Server = Bun.Server<WebSocketHandlers>;

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

/** Of a server with WebSockets. Bun wants no answer to a request that became one. */
class UpgradableRequestInfo extends BunRequestInfo {
  readonly #upgrade: (handlers: WebSocketHandlers) => boolean;
  upgraded = false;

  constructor(request: Request, server: Server) {
    super(request, server);
    this.#upgrade = (handlers) => server.upgrade(request, { data: handlers });
  }

  upgrade(handlers: WebSocketHandlers): Response | undefined {
    this.upgraded = this.#upgrade(handlers);
    return this.upgraded ? new Response() : undefined;
  }
}

class BunPeer implements WebSocketPeer {
  readonly #socket: Bun.ServerWebSocket<WebSocketHandlers>;

  constructor(socket: Bun.ServerWebSocket<WebSocketHandlers>) {
    this.#socket = socket;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  get queued(): number {
    return this.#socket.getBufferedAmount();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

function heed(socket: Bun.ServerWebSocket<WebSocketHandlers>, run: () => void): void {
  try {
    run();
  } catch {
    socket.close(WEBSOCKET_FAILED, "internal error");
  }
}

const SOCKETS: Bun.WebSocketHandler<WebSocketHandlers> = {
  maxPayloadLength: WEBSOCKET_MESSAGE_MAX,
  backpressureLimit: WEBSOCKET_QUEUE_MAX,
  closeOnBackpressureLimit: true,
  idleTimeout: WEBSOCKET_IDLE_SECONDS,
  sendPings: true,
  open: (socket) => heed(socket, () => socket.data.open(new BunPeer(socket))),
  message(socket, message) {
    if (typeof message !== "string") return socket.close(WEBSOCKET_UNSUPPORTED, "text expected");
    heed(socket, () => socket.data.message(message));
  },
  close: (socket) => heed(socket, () => socket.data.close()),
};

/** `serveHttp` over `Bun.serve`. */
export function serveBun(runtime: typeof Bun, options: HttpOptions, handler: HttpHandler): HttpServer {
  let failures = 0;
  const { tls } = options;
  const upgradable = async (request: Request, self: Server) => {
    const info = new UpgradableRequestInfo(request, self);
    const response = await handler(request, info);
    return info.upgraded ? undefined : response;
  };
  const common = {
    hostname: options.hostname ?? "::",
    port: options.port,
    reusePort: options.reusePort ?? false,
    idleTimeout: options.idleTimeoutSeconds ?? 30,
    maxRequestBodySize: options.maxBodyBytes ?? HTTP_BODY_MAX,
    development: false,
    ...(options.http2 === true ? { http2: true } : {}),
    ...(tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    ...(tls !== undefined && options.http3 === true ? { http3: true } : {}),
    error() {
      failures++;
      return internalError();
    },
  };
  const server: Server = options.webSockets === true
    ? runtime.serve<WebSocketHandlers>({ ...common, websocket: SOCKETS, fetch: upgradable })
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
