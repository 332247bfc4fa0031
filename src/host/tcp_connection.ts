/** Bytes that may wait for a slow peer, unless told otherwise; one more closes the connection. */
export const TCP_QUEUE_MAX = 32 * 1024 * 1024;

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface TcpClientTls {
  /** Name to ask for and to check the certificate against; the host when left out. */
  readonly servername?: string;
  /** Whether an untrusted, expired or foreign certificate ends the connection. */
  readonly verify: boolean;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
}

export interface TcpServerTls {
  /** PEM: the server's certificate and those that lead to its root. */
  readonly cert: string;
  readonly key: string;
}

export interface ConnectOptions {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  readonly tls?: TcpClientTls;
  /** For name resolution, connection and TLS handshake together. */
  readonly timeoutMs: number;
  /** Ends the attempt, and later the connection. */
  readonly signal?: AbortSignal;
  /** See {@link TCP_QUEUE_MAX}. */
  readonly maxQueuedBytes?: number;
}

export interface ListenOptions {
  /** Address to bind; all of the machine's when left out. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tls?: TcpServerTls;
  /** Lets other workers and processes listen on the same port; the system spreads connections over them. */
  readonly reusePort?: boolean;
  readonly maxQueuedBytes?: number;
}

/** What a connection's owner does with it. An error thrown by `data` or `drain` closes that connection with it. */
export interface TcpHandlers {
  /** Bytes came; the view is valid during the call only. */
  data(bytes: Uint8Array): void;
  /** All that had been queued is with the system now. */
  drain?(): void;
  /** Called once, last: undefined after an orderly end by either side, else why. */
  close(why: Error | undefined): void;
}

export interface TcpConnection {
  /**
   * Sends bytes, also views on shared memory: whatever the system does not take at once is copied before the call
   * returns. Answers how many bytes are queued after it; 0 once closed. Too many of them close the connection.
   */
  write(bytes: Uint8Array): number;
  readonly queued: number;
  /** Stops `data` calls, so that the peer is slowed down; a chunk already read may still come. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then says goodbye; `close` follows. */
  end(): void;
  /** Closes at once, with `why` for `close`. */
  destroy(why?: Error): void;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
}

export interface TcpListener {
  readonly port: number;
  /** Stops listening; connections stay. */
  close(): void;
}

/** An address as people write it: IPv4 in IPv6 shown as IPv4. */
export function plainAddress(address: string | undefined): string {
  return address === undefined ? "" : address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** Makes an Error of whatever was thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
