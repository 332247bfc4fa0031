import type { Message } from "./packager.ts";

/** A WebSocket at another server. */
export interface Upstream {
  send(text: string): void;
  close(): void;
}

/** What is heard of it. */
export interface UpstreamEvents {
  open(): void;
  message(message: Message): void;
  /** It has ended, or could not be opened; with what the player is to be told. */
  close(code: number, reason: string): void;
}

/** What a bridge does to the socket that is open here. */
export interface BridgeEnd {
  /** The other server listens: what comes from now on is from there. */
  began(): void;
  send(message: Message): void;
  close(code: number, reason: string): void;
}

/** The request that became a socket. */
export interface SocketRequest {
  /** Path and query. */
  readonly address: string;
  /** Address of the client. */
  readonly remote: string;
}

/** Opens at the server that goes on what is open here. */
export type ConnectUpstream = (request: SocketRequest, events: UpstreamEvents) => Upstream;

/**
 * A socket whose stream another server has taken over, for as long as this one still has it: what is said and sent passes
 * through. The player goes on with the tracks that it had; to it the header is one of tracks that change on the way.
 */
export class Bridge {
  readonly #upstream: Upstream;
  /** What the player says before the other server listens. */
  #early: string[] | undefined = [];

  /** `commands` put the other server where this one was. */
  constructor(
    connect: ConnectUpstream,
    request: SocketRequest,
    commands: readonly object[],
    here: BridgeEnd,
  ) {
    this.#upstream = connect(request, {
      open: () => {
        here.began();
        for (const command of commands) this.#upstream.send(JSON.stringify(command));
        for (const text of this.#early ?? []) this.#upstream.send(text);
        this.#early = undefined;
      },
      message: (message) => {
        const first = typeof message === "string" && message.startsWith('{"type":"codec_data"');
        here.send(first ? message.replace("codec_data", "tracks") : message);
      },
      close: (code, reason) => here.close(code, reason),
    });
  }

  message(text: string): void {
    if (this.#early === undefined) this.#upstream.send(text);
    else this.#early.push(text);
  }

  close(): void {
    this.#upstream.close();
  }
}
