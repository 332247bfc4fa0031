import {
  WEBSOCKET_FAILED,
  WEBSOCKET_IDLE_SECONDS,
  WEBSOCKET_MESSAGE_MAX,
  WEBSOCKET_QUEUE_MAX,
  WEBSOCKET_UNSUPPORTED,
  type WebSocketHandlers,
  type WebSocketPeer,
} from "./websocket.ts";

/** How often a queue is looked at: Deno does not say when it has become shorter. Milliseconds. */
const DRAIN_MILLIS = 20;

class DenoPeer implements WebSocketPeer {
  readonly #socket: WebSocket;
  readonly #drained: () => void;
  #watching = false;

  constructor(socket: WebSocket, drained: () => void) {
    this.#socket = socket;
    this.#drained = drained;
  }

  send(message: string | Uint8Array): number {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return 0;
    if (socket.bufferedAmount > WEBSOCKET_QUEUE_MAX) {
      socket.close(WEBSOCKET_FAILED, "too slow");
      return 0;
    }
    // Deno sends later: bytes must be of their own.
    socket.send(typeof message === "string" ? message : new Uint8Array(message));
    const queued = socket.bufferedAmount;
    if (queued > 0 && !this.#watching) this.#watch(queued);
    return queued;
  }

  get queued(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #watch(before: number): void {
    this.#watching = true;
    setTimeout(() => {
      this.#watching = false;
      const socket = this.#socket;
      if (socket.readyState !== WebSocket.OPEN) return;
      const queued = socket.bufferedAmount;
      if (queued > 0) this.#watch(queued);
      if (queued < before) this.#drained();
    }, DRAIN_MILLIS);
  }
}

/** Turns a request of `Deno.serve` into a WebSocket; undefined when it does not ask for one. */
export function upgradeDeno(
  runtime: typeof Deno,
  request: Request,
  handlers: WebSocketHandlers,
): Response | undefined {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return undefined;
  const { socket, response } = runtime.upgradeWebSocket(request, { idleTimeout: WEBSOCKET_IDLE_SECONDS });
  socket.binaryType = "arraybuffer";
  const heed = (run: () => void) => {
    try {
      run();
    } catch {
      socket.close(WEBSOCKET_FAILED, "internal error");
    }
  };
  const peer = new DenoPeer(socket, () => heed(() => handlers.drain?.()));
  socket.onopen = () => heed(() => handlers.open(peer));
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    const text = typeof data === "string";
    if ((text ? data.length : data.byteLength) > WEBSOCKET_MESSAGE_MAX) {
      socket.close(WEBSOCKET_UNSUPPORTED, "message too long");
    } else if (text) heed(() => handlers.message(data));
    else if (handlers.binary === undefined) socket.close(WEBSOCKET_UNSUPPORTED, "text expected");
    else heed(() => handlers.binary?.(new Uint8Array(data)));
  };
  socket.onclose = () => heed(() => handlers.close());
  return response;
}
