import type { PassedSocket as Upstream, PassedSocketEvents } from "../host/http_pass_on.ts";
import type { WebSocketHandlers, WebSocketPeer } from "../host/websocket.ts";

/** Most messages of a client that wait until the other server listens. */
const EARLY_MAX = 50;

/** A client's WebSocket whose other end is in the server that takes over. */
export class PassedSocket implements WebSocketHandlers {
  readonly #connect: (events: PassedSocketEvents) => Upstream;
  #upstream: Upstream | undefined;
  #early: string[] | undefined = [];

  constructor(connect: (events: PassedSocketEvents) => Upstream) {
    this.#connect = connect;
  }

  open(peer: WebSocketPeer): void {
    const upstream = this.#connect({
      open: () => {
        for (const text of this.#early ?? []) upstream.send(text);
        this.#early = undefined;
      },
      message: (message) => void peer.send(message),
      close: (code, reason) => peer.close(code, reason),
    });
    this.#upstream = upstream;
  }

  message(text: string): void {
    if (this.#early === undefined) this.#upstream?.send(text);
    else if (this.#early.length < EARLY_MAX) this.#early.push(text);
  }

  close(): void {
    this.#upstream?.close();
  }
}
