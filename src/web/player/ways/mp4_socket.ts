import { readBoxes, readSamples } from "../mp4_boxes.ts";

/** What the server tells over the socket; the reference's messages, whose content is in `data` or beside `type`. */
export interface SocketMessage {
  readonly type: string;
  /** RFC 6381 strings of the tracks that are sent. */
  readonly codecs?: readonly string[];
  readonly tracks?: readonly (number | string)[];
  /** Media time of what is sent, the oldest and the newest, milliseconds. */
  readonly current?: number;
  readonly begin?: number;
  readonly end?: number;
  readonly jitter?: number;
  /** The speed at which the server sends, or `auto`. */
  readonly play_rate_curr?: number | string;
  readonly unixoffset?: number;
  readonly message?: string;
  readonly error?: string;
  readonly reason?: string;
}

export interface SocketEvents {
  message(message: SocketMessage): void;
  media(bytes: ArrayBuffer): void;
  closed(reason: string): void;
}

/** RFC 6455 close code of a server that is about to be another one: its successor goes on where it was. */
const RESTARTS = 1012;
/** How often, and after which pauses, the successor is looked for, milliseconds. */
const ATTEMPTS = 20;
const PAUSE = 50;
/** Messages that are kept for that: every track is in one of them. */
const RECENT = 12;
/** Who is so far behind the newest plays something older on purpose, milliseconds. */
const OLDER = 5000;

/**
 * The connection on which a server sends MP4 and takes commands: `/NAME.mp4` as a WebSocket. When the server gives way to
 * another one, it goes on there: what comes then follows what came before.
 */
export class Mp4Socket {
  /** Bytes of media so far. */
  bytes = 0;
  /** The newest account of the server's buffer, and when it came. */
  onTime: SocketMessage | undefined;
  onTimeAt = 0;
  readonly #url: string;
  readonly #codecs: readonly string[];
  readonly #events: SocketEvents;
  #socket: WebSocket;
  #tracks: object | undefined;
  /** The last messages, to tell a successor what is there already. */
  readonly #recent: ArrayBuffer[] = [];
  #again = 0;
  #heardAt = performance.now();
  #closed = false;

  constructor(url: string, codecs: readonly string[], events: SocketEvents) {
    this.#url = url;
    this.#codecs = codecs;
    this.#events = events;
    this.#socket = this.#connect();
  }

  #connect(): WebSocket {
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      const supported_codecs = this.#codecs;
      const after = this.#again > 0 ? placesIn(this.#recent) : {};
      if (Object.keys(after).length === 0) this.send({ type: "request_codec_data", supported_codecs });
      else this.send({ ...this.#tracks, type: "continue", supported_codecs, after });
    };
    socket.onclose = (event) => {
      if (this.#closed) return;
      const gone = event.code === RESTARTS || this.#again > 0;
      if (gone && this.#again++ < ATTEMPTS) {
        setTimeout(() => {
          if (!this.#closed) this.#socket = this.#connect();
        }, this.#again === 1 ? 0 : PAUSE);
        return;
      }
      this.#closed = true;
      this.#events.closed(event.reason || "the connection was closed");
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#closed) return;
      this.#heardAt = performance.now();
      if (typeof data !== "string") {
        this.bytes += data.byteLength;
        this.#recent.push(data);
        if (this.#recent.length > RECENT) this.#recent.shift();
        this.#events.media(data);
        return;
      }
      const message = readMessage(data);
      if (message === undefined) return;
      if (message.type === "codec_data" && this.#again > 0) return this.#goOn(message);
      if (message.type === "info") this.#again = 0;
      if (message.type === "on_time") {
        this.onTime = message;
        this.onTimeAt = performance.now();
      }
      this.#events.message(message);
    };
    return socket;
  }

  /** The successor says what it sends: for the player these are tracks that change on the way. */
  #goOn(message: SocketMessage): void {
    this.#again = 0;
    this.#events.message({ ...message, type: "tracks" });
    if (this.#tracks !== undefined) this.send(this.#tracks);
    const { current = 0, end = 0 } = this.onTime ?? {};
    this.send({ type: "play", ...(end - current > OLDER ? { seek_time: current } : {}) });
  }

  /** How long nothing has come, milliseconds. */
  get silentMillis(): number {
    return performance.now() - this.#heardAt;
  }

  send(command: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(command));
    }
  }

  /** Asks for other tracks: selectors by kind. */
  sendTracks(
    tracks: Readonly<Partial<Record<string, string>>>,
    more: object = {},
  ): void {
    this.#tracks = {
      type: "tracks",
      video: tracks["video"] ?? null,
      audio: tracks["audio"] ?? null,
      ...(tracks["text"] === undefined ? {} : { subtitle: tracks["text"] }),
    };
    this.send({ ...this.#tracks, ...more });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/**
 * Where the tracks are in these fragments, by number: the decoding time of the last frame, and half its length for those
 * that come a little early.
 */
function placesIn(fragments: readonly ArrayBuffer[]): Record<string, number> {
  const places: Record<string, number> = {};
  for (const fragment of fragments) {
    const bytes = new Uint8Array(fragment);
    for (const box of readBoxes(bytes)) {
      if (box.type !== "moof") continue;
      for (const { track, dts, duration } of readSamples(bytes, box, new Map())) {
        places[track - 1] = dts + Math.floor(duration / 2);
      }
    }
  }
  return places;
}

function readMessage(text: string): SocketMessage | undefined {
  try {
    const { type, data, ...beside } = JSON.parse(text) as Record<
      string,
      unknown
    >;
    if (typeof type !== "string") return undefined;
    return {
      ...beside,
      ...(typeof data === "object" ? data : { message: data }),
      type,
    } as SocketMessage;
  } catch (error) {
    console.warn("fogcast: unreadable message", text, error);
    return undefined;
  }
}
