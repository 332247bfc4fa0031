import { listenAnywhere } from "./any_address.ts";
import { bun } from "./runtime.ts";
import { connectBun, listenBun } from "./tcp_bun.ts";
import type {
  ConnectOptions,
  ListenOptions,
  TcpConnection,
  TcpHandlers,
  TcpListener,
} from "./tcp_connection.ts";
import { tapTcp } from "./tap.ts";
import { connectNode, listenNode } from "./tcp_node.ts";

export * from "./tcp_connection.ts";

/**
 * Connects. Rejects when the name is unknown, nobody answers in time, the TLS handshake or the check of the
 * certificate fails, or the signal aborts; `handlers` hear of the connection only if it succeeds.
 */
export function connectTcp(options: ConnectOptions, handlers: TcpHandlers): Promise<TcpConnection> {
  const heard = tapTcp(handlers, `${options.host}_${options.port}`);
  return bun !== undefined && options.tls === undefined
    ? connectBun(bun, options, heard)
    : connectNode(options, heard);
}

/** Listens; `onConnection` answers the handlers of each new connection. Rejects when the port cannot be had. */
export function listenTcp(
  options: ListenOptions,
  onConnection: (connection: TcpConnection) => TcpHandlers,
): Promise<TcpListener> {
  return listenAnywhere(
    options.host,
    (host) =>
      bun !== undefined && options.tls === undefined && options.reusePort !== true
        ? listenBun(bun, { ...options, host }, onConnection)
        : listenNode({ ...options, host }, onConnection),
  );
}
