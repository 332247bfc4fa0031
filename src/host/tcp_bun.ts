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

type Socket = Bun.Socket<BunTcpConnection>;

/** From so many bytes on, what came is given back at once. */
const GIVEN_BACK_MIN = 4096;

/**
 * A connection over Bun's own socket, whose `write` is the bare system call: it takes what fits and leaves the rest
 * to us, so the usual frame goes from shared memory to the system without a copy.
 */
class BunTcpConnection implements TcpConnection {
  handlers: TcpHandlers | undefined;
  #socket: Socket | undefined;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #ending = false;
  #closed = false;
  #why: Error | undefined;
  readonly #max: number;
  local: SocketAddress = { address: "", port: 0 };
  remote: SocketAddress = { address: "", port: 0 };

  constructor(max: number | undefined) {
    this.#max = max ?? TCP_QUEUE_MAX;
  }

  get queued(): number {
    return this.#queued;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    this.local = { address: plainAddress(socket.localAddress), port: socket.localPort };
    this.remote = { address: plainAddress(socket.remoteAddress), port: socket.remotePort };
  }

  write(bytes: Uint8Array): number {
    const socket = this.#socket;
    if (this.#closed || this.#ending || socket === undefined) return 0;
    let sent = 0;
    if (this.#queued === 0) {
      sent = Math.max(0, socket.write(bytes as Uint8Array<ArrayBuffer>));
      if (sent === bytes.length) return 0;
    }
    const rest = bytes.slice(sent);
    this.#queue.push(rest);
    this.#queued += rest.length;
    if (this.#queued > this.#max) {
      this.destroy(new Error(`Peer does not read: ${this.#queued} bytes are waiting, at most ${this.#max}`));
      return 0;
    }
    return this.#queued;
  }

  flush(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#closed) return;
    const waited = this.#queued > 0;
    while (this.#queue.length > 0) {
      const first = this.#queue[0]!;
      const sent = Math.max(0, socket.write(first as Uint8Array<ArrayBuffer>));
      this.#queued -= sent;
      if (sent < first.length) {
        this.#queue[0] = first.subarray(sent);
        return;
      }
      this.#queue.shift();
    }
    if (this.#ending) socket.end();
    else if (waited) this.#guard(() => this.handlers?.drain?.());
  }

  received(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      this.handlers?.data(bytes);
    } catch (thrown) {
      this.destroy(asError(thrown));
    }
    giveBack(bytes);
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.destroy(asError(thrown));
    }
  }

  pause(): void {
    if (!this.#closed) this.#socket?.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket?.resume();
  }

  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    if (this.#queued === 0) this.#socket?.end();
  }

  destroy(why?: Error): void {
    if (this.#closed) return;
    this.#why = why;
    this.#socket?.terminate();
    this.closed(why);
  }

  closed(why: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = 0;
    this.#queued = 0;
    this.handlers?.close(this.#why ?? why);
  }
}

/**
 * Frees the memory of bytes that were looked at. Bun makes an array of its own for all that comes at a time, and the
 * collector, to which a thread with shared pages seems to have a large heap that hardly grows, is in no hurry: the bytes
 * of half a minute would lie about.
 */
function giveBack({ buffer, length }: Uint8Array): void {
  if (length < GIVEN_BACK_MIN || buffer.byteLength !== length || !(buffer instanceof ArrayBuffer)) return;
  buffer.transfer(0);
}

function socketHandlers(
  open: (socket: Socket) => void,
): Bun.SocketHandler<BunTcpConnection> {
  return {
    // a Buffer's `slice` copies nothing
    binaryType: "uint8array",
    open,
    data: (socket, bytes) => socket.data.received(bytes),
    drain: (socket) => socket.data.flush(),
    // the peer said goodbye: so do we, after what is queued
    end: (socket) => socket.data.end(),
    error: (socket, failure) => socket.data.destroy(failure),
    close: (socket, failure) => socket.data.closed(failure ?? undefined),
  };
}

/** Bun says `Failed to connect` for most reasons, and the reason in `code`. */
function reasonOf(failure: Error): string {
  const code = "code" in failure ? String(failure.code) : "";
  return failure.message.includes(code) ? failure.message : `${code} (${failure.message})`;
}

/** {@link connectTcp} without TLS under Bun. */
export function connectBun(
  runtime: typeof Bun,
  options: ConnectOptions,
  handlers: TcpHandlers,
): Promise<TcpConnection> {
  const { host, port, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    const connection = new BunTcpConnection(options.maxQueuedBytes);
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(timer);
      return true;
    };
    const abort = (): void => {
      const why = asError(signal?.reason ?? new Error("aborted"));
      if (settle()) reject(why);
      connection.destroy(why);
    };
    const fail = (failure: Error): void => {
      signal?.removeEventListener("abort", abort);
      if (settle()) {
        reject(new Error(`Cannot connect to ${host}:${port}: ${reasonOf(failure)}`, { cause: failure }));
      }
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    if (signal?.aborted === true) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    runtime.connect<BunTcpConnection>({
      hostname: host,
      port,
      data: connection,
      allowHalfOpen: true,
      socket: {
        ...socketHandlers((socket) => {
          if (!settle()) {
            socket.terminate();
            return;
          }
          connection.opened(socket);
          connection.handlers = {
            data: (bytes) => handlers.data(bytes),
            drain: () => handlers.drain?.(),
            close: (why) => {
              signal?.removeEventListener("abort", abort);
              handlers.close(why);
            },
          };
          resolve(connection);
        }),
        connectError: (_socket, failure) => fail(failure),
      },
    }).catch((failure) => fail(asError(failure)));
  });
}

/** {@link listenTcp} without TLS and shared port under Bun. */
export function listenBun(
  runtime: typeof Bun,
  options: ListenOptions,
  onConnection: (connection: TcpConnection) => TcpHandlers,
): Promise<TcpListener> {
  return new Promise((resolve) => {
    const listener = runtime.listen<BunTcpConnection>({
      hostname: options.host ?? "::",
      port: options.port,
      allowHalfOpen: true,
      socket: socketHandlers((socket) => {
        const connection = new BunTcpConnection(options.maxQueuedBytes);
        socket.data = connection;
        connection.opened(socket);
        connection.handlers = onConnection(connection);
      }),
    });
    resolve({ port: listener.port, close: () => listener.stop(false) });
  });
}
