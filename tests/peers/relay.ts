import type { Socket, TCPSocketListener } from "bun";

/** What one end has sent that the other has not taken yet. */
interface Side {
  peer: Socket<Side> | undefined;
  waiting: Uint8Array[];
  closed: boolean;
}

/** A TCP relay before a server on this machine: the way between a browser and it, which a test can cut. */
export interface Relay {
  readonly port: number;
  /** Closes all connections and refuses new ones, as when the server is restarted. */
  down(): void;
  up(): void;
  stop(): void;
}

export function startRelay(to: number): Relay {
  const open = new Set<Socket<Side>>();
  const pass = (from: Socket<Side>, bytes: Uint8Array) => {
    const { peer, waiting } = from.data;
    if (peer === undefined || waiting.length > 0) waiting.push(bytes.slice());
    else {
      const sent = peer.write(bytes);
      if (sent < bytes.length) waiting.push(bytes.slice(sent));
    }
  };
  const flush = (from: Socket<Side>) => {
    const { peer, waiting } = from.data;
    while (peer !== undefined && waiting.length > 0) {
      const bytes = waiting[0] as Uint8Array;
      const sent = peer.write(bytes);
      if (sent < bytes.length) {
        waiting[0] = bytes.subarray(sent);
        return;
      }
      waiting.shift();
    }
    if (from.data.closed) peer?.end();
  };
  const side = (): Side => ({ peer: undefined, waiting: [], closed: false });
  const handlers = {
    data: (socket: Socket<Side>, bytes: Uint8Array) => pass(socket, bytes),
    drain: ({ data: { peer } }: Socket<Side>) => {
      if (peer !== undefined) flush(peer);
    },
    close: (socket: Socket<Side>) => {
      open.delete(socket);
      socket.data.closed = true;
      flush(socket);
    },
    error: (socket: Socket<Side>) => socket.terminate(),
  };
  const listen = (port: number): TCPSocketListener<Side> =>
    Bun.listen<Side>({
      hostname: "127.0.0.1",
      port,
      socket: {
        ...handlers,
        async open(socket) {
          socket.data = side();
          open.add(socket);
          try {
            const peer = await Bun.connect<Side>({
              hostname: "127.0.0.1",
              port: to,
              socket: handlers,
              data: side(),
            });
            open.add(peer);
            peer.data.peer = socket;
            socket.data.peer = peer;
            flush(socket);
          } catch {
            socket.terminate();
          }
        },
      },
    });
  let listener: TCPSocketListener<Side> | undefined = listen(0);
  const { port } = listener;
  const down = () => {
    listener?.stop(true);
    listener = undefined;
    for (const socket of open) socket.terminate();
    open.clear();
  };
  return { port, down, up: () => listener ??= listen(port), stop: down };
}
