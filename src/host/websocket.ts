/** One WebSocket connection, as the server sees it. */
export interface WebSocketPeer {
  /**
   * Sends text as a text message, bytes (also a view on shared memory) as a binary one; bytes are taken before it
   * returns. Answers how many bytes still wait for the peer after it; {@link WebSocketHandlers.drain} says when they
   * have gone. After the connection closed it does nothing and answers 0.
   */
  send(message: string | Uint8Array): number;
  /** Bytes that the peer has not taken yet. */
  readonly queued: number;
  /** Closes with a code of RFC 6455, 7.4. */
  close(code: number, reason: string): void;
}

/** What the owner of a connection wants to hear. What it throws closes the connection. */
export interface WebSocketHandlers {
  open(peer: WebSocketPeer): void;
  message(text: string): void;
  /** A binary message; the view is valid during the call. Where absent, binary messages close the connection. */
  binary?(bytes: Uint8Array): void;
  /** Bytes waited for the peer, and now fewer do. */
  drain?(): void;
  close(): void;
}

/** Longest message taken from a peer. */
export const WEBSOCKET_MESSAGE_MAX = 1024 * 1024;
/**
 * Bytes that may wait for a slow peer; what is sent beyond that closes its connection. One message may be longer: it is
 * what waits already that counts.
 */
export const WEBSOCKET_QUEUE_MAX = 4 * 1024 * 1024;
/** A connection without a sign of life is closed; pings are sent before. Seconds. */
export const WEBSOCKET_IDLE_SECONDS = 60;

/** Codes of RFC 6455, 7.4.1. */
export const WEBSOCKET_DONE = 1000;
export const WEBSOCKET_GOING_AWAY = 1001;
export const WEBSOCKET_UNSUPPORTED = 1003;
export const WEBSOCKET_REFUSED = 1008;
export const WEBSOCKET_FAILED = 1011;
/** Registered with IANA: the server is about to begin anew, come again. */
export const WEBSOCKET_RESTARTS = 1012;
