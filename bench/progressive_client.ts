/** What ends a chunk of an HTTP/1.1 body. */
const LINE_END = 2;
/** A frame of the bench's camera ends with its number, so many characters long. */
const STAMP = 8;

/** An endless answer over a bare socket: counts its bytes and keeps the last ones. */
export class ProgressiveClient {
  bytes = 0;
  closed = false;
  readonly #tail = new Uint8Array(STAMP + LINE_END);
  readonly #heard: ((client: ProgressiveClient) => void) | undefined;
  #socket: Bun.Socket | undefined;

  private constructor(heard: ((client: ProgressiveClient) => void) | undefined) {
    this.#heard = heard;
  }

  /** Asks for `url`; `heard` is called for whatever comes. */
  static async open(url: string, heard?: (client: ProgressiveClient) => void): Promise<ProgressiveClient> {
    const { hostname, port, pathname, search } = new URL(url);
    const client = new ProgressiveClient(heard);
    client.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (s) => void s.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`),
        data: (_, data) => client.#take(data),
        close: () => void (client.closed = true),
      },
    });
    return client;
  }

  /** The last bytes of the newest chunk: the number of the frame that they are of. */
  get tail(): Uint8Array {
    return this.#tail.subarray(0, STAMP);
  }

  /** Number of the newest frame; NaN while the last bytes are in the middle of one. */
  get frame(): number {
    const text = new TextDecoder().decode(this.tail);
    return /^[0-9a-f]{8}$/.test(text) ? parseInt(text, 16) : NaN;
  }

  /** Stops reading. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  close(): void {
    this.#socket?.terminate();
  }

  #take(data: Uint8Array): void {
    this.bytes += data.length;
    const keep = this.#tail.length;
    if (data.length >= keep) this.#tail.set(data.subarray(data.length - keep));
    else {
      this.#tail.copyWithin(0, data.length);
      this.#tail.set(data, keep - data.length);
    }
    this.#heard?.(this);
  }
}
