/** One WebSocket connection, as the server sees it. Text only: binary messages close it. */
export interface WebSocketPeer {
  /** Sends a text frame; after the connection closed it does nothing. */
  send(text: string): void;
  /** Bytes that the peer has not taken yet. */
  readonly queued: number;
  /** Closes with a code of RFC 6455, 7.4. */
  close(code: number, reason: string): void;
}

/** What the owner of a connection wants to hear. What it throws closes the connection. */
export interface WebSocketHandlers {
  open(peer: WebSocketPeer): void;
  message(text: string): void;
  close(): void;
}

/** Longest message taken from a peer. */
export const WEBSOCKET_MESSAGE_MAX = 1024 * 1024;
/** Bytes that may wait for a slow peer; beyond that its connection is closed. */
export const WEBSOCKET_QUEUE_MAX = 4 * 1024 * 1024;
/** A connection without a sign of life is closed; pings are sent before. Seconds. */
export const WEBSOCKET_IDLE_SECONDS = 60;

/** Codes of RFC 6455, 7.4.1. */
export const WEBSOCKET_UNSUPPORTED = 1003;
export const WEBSOCKET_FAILED = 1011;
