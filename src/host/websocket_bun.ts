import {
  WEBSOCKET_FAILED,
  WEBSOCKET_IDLE_SECONDS,
  WEBSOCKET_MESSAGE_MAX,
  WEBSOCKET_QUEUE_MAX,
  WEBSOCKET_UNSUPPORTED,
  type WebSocketHandlers,
  type WebSocketPeer,
} from "./websocket.ts";

type Socket = Bun.ServerWebSocket<WebSocketHandlers>;

class BunPeer implements WebSocketPeer {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(message: string | Uint8Array): number {
    const socket = this.#socket;
    const sent = typeof message === "string"
      ? socket.sendText(message)
      : socket.sendBinary(message as Uint8Array<ArrayBuffer>);
    // Bun answers -1 where it queued the message.
    return sent < 0 ? socket.getBufferedAmount() : 0;
  }

  get queued(): number {
    return this.#socket.getBufferedAmount();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

function heed(socket: Socket, run: () => void): void {
  try {
    run();
  } catch {
    socket.close(WEBSOCKET_FAILED, "internal error");
  }
}

/** WebSockets of `Bun.serve`; who owns a connection is its `data`. Media does not get smaller by deflating it. */
export const BUN_SOCKETS: Bun.WebSocketHandler<WebSocketHandlers> = {
  maxPayloadLength: WEBSOCKET_MESSAGE_MAX,
  backpressureLimit: WEBSOCKET_QUEUE_MAX,
  closeOnBackpressureLimit: true,
  idleTimeout: WEBSOCKET_IDLE_SECONDS,
  sendPings: true,
  perMessageDeflate: false,
  open: (socket) => heed(socket, () => socket.data.open(new BunPeer(socket))),
  message(socket, message) {
    const owner = socket.data;
    if (typeof message === "string") heed(socket, () => owner.message(message));
    else if (owner.binary === undefined) socket.close(WEBSOCKET_UNSUPPORTED, "text expected");
    else heed(socket, () => owner.binary?.(message));
  },
  drain: (socket) => heed(socket, () => socket.data.drain?.()),
  close: (socket) => heed(socket, () => socket.data.close()),
};
