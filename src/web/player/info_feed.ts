import { assumedInfo, type StreamInfo } from "./stream_info.ts";

/** Pauses before asking again, milliseconds; the last one repeats. */
const PAUSES = [250, 500, 1000, 2000, 4000];
/** Asked again so often where no WebSocket comes through; the second while the stream does not play. */
const POLL_EVERY = 3000;
const WHILE_AWAY = 1000;
const ANSWER_WITHIN = 8000;

export interface FeedEvents {
  info(info: StreamInfo): void;
  /** The server does not answer; it is asked again. */
  unreachable(): void;
}

/** What the server says of a stream: once, then at each change over a WebSocket, and again after it was away. */
export class InfoFeed {
  readonly #name: string;
  readonly #base: string;
  readonly #events: FeedEvents;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #told = false;
  /** No WebSocket came through though the server answers: not tried again. */
  #polls = false;
  #closed = false;

  constructor(name: string, base: string, events: FeedEvents) {
    this.#name = name;
    this.#base = base;
    this.#events = events;
    if ("WebSocket" in globalThis) this.#connect();
    else this.#poll();
  }

  /** Asks now; undefined when the server does not answer. */
  async ask(within = ANSWER_WITHIN): Promise<StreamInfo | undefined> {
    try {
      const answer = await fetch(this.#address("http"), {
        cache: "no-store",
        signal: AbortSignal.timeout(within),
      });
      if (answer.status >= 500) {
        return { error: "The server cannot answer now" };
      }
      const text = await answer.text();
      // nothing that knows this address: an older server or a cache that passes on only the media
      if (!text.trimStart().startsWith("{")) {
        return answer.status === 404 || answer.status === 415
          ? assumedInfo(this.#name)
          : { error: text.slice(0, 200) };
      }
      return JSON.parse(text) as StreamInfo;
    } catch (error) {
      console.debug("fogcast: no answer", error);
      return undefined;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #address(scheme: "http" | "ws"): string {
    const url = new URL(
      `json_${encodeURIComponent(this.#name)}.js`,
      this.#base,
    );
    if (scheme === "ws") url.protocol = url.protocol.replace(/^http/, "ws");
    return url.href;
  }

  #tell(info: StreamInfo): void {
    if (this.#closed) return;
    this.#failures = 0;
    this.#told = true;
    this.#events.info(info);
  }

  #connect(): void {
    const socket = new WebSocket(this.#address("ws"));
    this.#socket = socket;
    let heard = false;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== "string") return;
      heard = true;
      try {
        this.#tell(JSON.parse(data) as StreamInfo);
      } catch (error) {
        console.warn("fogcast: unreadable stream information", error);
      }
    };
    socket.onclose = () => {
      if (this.#closed) return;
      if (!heard) this.#fallBack();
      else this.#again(() => this.#connect());
    };
  }

  /** The WebSocket did not open: is the server away, or does something between pass no WebSockets? */
  async #fallBack(): Promise<void> {
    const info = await this.ask();
    if (this.#closed) return;
    if (info === undefined) {
      if (!this.#told || this.#failures > 0) this.#events.unreachable();
      this.#again(() => this.#connect());
      return;
    }
    this.#polls = true;
    this.#wake(info);
    this.#tell(info);
    this.#timer = setTimeout(() => this.#poll(), info.error === undefined ? POLL_EVERY : WHILE_AWAY);
  }

  async #poll(): Promise<void> {
    const info = await this.ask();
    if (this.#closed) return;
    if (info === undefined) {
      this.#events.unreachable();
      this.#again(() => this.#polls ? this.#poll() : this.#connect());
      return;
    }
    this.#wake(info);
    this.#tell(info);
    this.#timer = setTimeout(() => this.#poll(), info.error === undefined ? POLL_EVERY : WHILE_AWAY);
  }

  /** Without the socket nothing tells the server that somebody waits: a stream on demand is started by its playlist. */
  #wake(info: StreamInfo): void {
    if (info.error === undefined) return;
    const playlist = new URL(`hls/${encodeURIComponent(this.#name)}/index.m3u8`, this.#base).href;
    fetch(playlist, { method: "HEAD" }).catch((error) => console.debug("fogcast: not woken", error));
  }

  #again(run: () => void): void {
    const pause = PAUSES[Math.min(this.#failures++, PAUSES.length - 1)] as number;
    clearTimeout(this.#timer);
    // not all players of a page, nor all viewers of a server, at once
    this.#timer = setTimeout(run, pause * (0.75 + Math.random() / 2));
  }
}
