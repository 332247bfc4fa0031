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

/** The connection on which a server sends MP4 and takes commands: `/NAME.mp4` as a WebSocket. */
export class Mp4Socket {
  /** Bytes of media so far. */
  bytes = 0;
  /** The newest account of the server's buffer, and when it came. */
  onTime: SocketMessage | undefined;
  onTimeAt = 0;
  readonly #socket: WebSocket;
  #closed = false;

  constructor(url: string, codecs: readonly string[], events: SocketEvents) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send({ type: "request_codec_data", supported_codecs: codecs });
    socket.onclose = (event) => {
      if (!this.#closed) {
        events.closed(event.reason || "the connection was closed");
      }
      this.#closed = true;
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#closed) return;
      if (typeof data !== "string") {
        this.bytes += data.byteLength;
        events.media(data);
        return;
      }
      const message = readMessage(data);
      if (message === undefined) return;
      if (message.type === "on_time") {
        this.onTime = message;
        this.onTimeAt = performance.now();
      }
      events.message(message);
    };
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
    this.send({
      type: "tracks",
      video: tracks["video"] ?? null,
      audio: tracks["audio"] ?? null,
      ...(tracks["text"] === undefined ? {} : { subtitle: tracks["text"] }),
      ...more,
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
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
