/** A WebSocket connection and its owner, as `host/websocket.ts` has them. */
export interface SocketPeer {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SocketHandlers {
  open(peer: SocketPeer): void;
  message(text: string): void;
  close(): void;
}

/** Of a request, as `host/http.ts` has it. */
export interface WebInfo {
  readonly remote: string;
  upgrade?(handlers: SocketHandlers): Response | undefined;
}

export type WebHandler = (request: Request, info: WebInfo) => Response | Promise<Response>;

export interface WebServer {
  readonly port: number;
  stop(graceful: boolean): Promise<void>;
}

export interface DatagramSocket {
  readonly port: number;
  send(bytes: Uint8Array, port: number, address: string): boolean;
  close(): void;
}

/** How the API listens. */
export interface ListenPorts {
  /** `hostname` undefined: every interface. Rejects when the port cannot be had. */
  listenHttp(hostname: string | undefined, port: number, handler: WebHandler): Promise<WebServer>;
  /** Binds 127.0.0.1. The view is valid during the call only. */
  bindUdp(
    port: number,
    onDatagram: (bytes: Uint8Array, port: number, address: string) => void,
  ): Promise<DatagramSocket>;
}
