import type { Server, Socket } from "node:net";
import { nodeModule } from "./runtime.ts";
import {
  asError,
  type ConnectOptions,
  type ListenOptions,
  plainAddress,
  type SocketAddress,
  TCP_QUEUE_MAX,
  type TcpConnection,
  type TcpHandlers,
  type TcpListener,
} from "./tcp_connection.ts";

/** Longest TLS handshake of a connection that came in. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A connection over a stream of `node:net` or `node:tls`: everything under Deno, and TLS under Bun. */
class NodeTcpConnection implements TcpConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #max: number;
  #why: Error | undefined;

  constructor(socket: Socket, max: number | undefined) {
    this.#socket = socket;
    this.#max = max ?? TCP_QUEUE_MAX;
    this.local = { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 };
    this.remote = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
  }

  attach(handlers: TcpHandlers): void {
    const socket = this.#socket;
    const guarded = (run: () => void): void => {
      try {
        run();
      } catch (thrown) {
        this.destroy(asError(thrown));
      }
    };
    socket.on("data", (bytes: Uint8Array) => {
      if (!socket.destroyed) guarded(() => handlers.data(bytes));
    });
    socket.on("drain", () => guarded(() => handlers.drain?.()));
    socket.on("error", (failure: Error) => this.#why ??= failure);
    socket.on("close", () => handlers.close(this.#why));
  }

  get queued(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): number {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return 0;
    // the stream keeps the bytes after this call returns, and their owner may overwrite them by then
    socket.write(bytes.slice());
    const queued = socket.writableLength;
    if (queued > this.#max) {
      this.destroy(new Error(`Peer does not read: ${queued} bytes are waiting, at most ${this.#max}`));
      return 0;
    }
    return queued;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(why?: Error): void {
    if (this.#socket.destroyed) return;
    this.#why ??= why;
    this.#socket.destroy();
  }
}

/** {@link connectTcp} over `node:net` and `node:tls`. */
export function connectNode(options: ConnectOptions, handlers: TcpHandlers): Promise<TcpConnection> {
  const { host, port, tls, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(asError(signal.reason));
    const servername = tls?.servername ?? host;
    const net = nodeModule("node:net");
    const socket = tls === undefined ? net.connect({ host, port }) : nodeModule("node:tls").connect({
      host,
      port,
      // an address is no server name (RFC 6066, 3)
      ...(net.isIP(servername) === 0 ? { servername } : {}),
      rejectUnauthorized: tls.verify,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    });
    let connection: NodeTcpConnection | undefined;
    const release = (): void => {
      clearTimeout(timer);
      socket.off("error", fail);
    };
    const fail = (failure: Error): void => {
      release();
      signal?.removeEventListener("abort", abort);
      socket.on("error", () => socket.destroy());
      socket.destroy();
      reject(new Error(`Cannot connect to ${host}:${port}: ${failure.message}`, { cause: failure }));
    };
    const abort = (): void => {
      const why = asError(signal?.reason ?? new Error("aborted"));
      if (connection !== undefined) return connection.destroy(why);
      release();
      socket.on("error", () => socket.destroy());
      socket.destroy();
      reject(why);
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener("abort", abort, { once: true });
    socket.on("error", fail);
    socket.once("close", () => signal?.removeEventListener("abort", abort));
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      release();
      connection = new NodeTcpConnection(socket, options.maxQueuedBytes);
      connection.attach(handlers);
      resolve(connection);
    });
  });
}

/** {@link listenTcp} over `node:net` and `node:tls`. */
export function listenNode(
  options: ListenOptions,
  onConnection: (connection: TcpConnection) => TcpHandlers,
): Promise<TcpListener> {
  const accept = (socket: Socket): void => {
    const connection = new NodeTcpConnection(socket, options.maxQueuedBytes);
    connection.attach(onConnection(connection));
  };
  const { tls } = options;
  const server: Server = tls === undefined
    ? nodeModule("node:net").createServer(accept)
    : nodeModule("node:tls").createServer({
      cert: tls.cert,
      key: tls.key,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    }, accept);
  // a failed handshake concerns its own connection only
  server.on("tlsClientError", (_failure: Error, socket: Socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({
      port: options.port,
      host: options.host ?? "::",
      ...(options.reusePort === true ? { reusePort: true } : {}),
    }, () => {
      server.off("error", reject);
      server.on("error", () => server.close());
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : options.port;
      resolve({ port, close: () => void server.close() });
    });
  });
}
