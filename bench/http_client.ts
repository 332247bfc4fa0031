import { connectTcp, type TcpConnection } from "../src/host/tcp.ts";

/** One answer. Times are `performance.now()` when the bytes were in the client's hands. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly firstByteAt: number;
  readonly wholeAt: number;
}

/** The head of an answer is looked for in so many bytes. */
const HEAD_MAX = 16 * 1024;

/**
 * A thin HTTP/1.1 client on one connection that is kept alive, one request at a time: `fetch` would be measured more
 * than the server. Understands answers with Content-Length only.
 */
export class HttpClient {
  #tcp: TcpConnection | undefined;
  #head = "";
  #body: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #status = 0;
  #firstByteAt = 0;
  #resolve: ((answer: Answer) => void) | undefined;
  #reject: ((why: Error) => void) | undefined;

  /** `origin`: such as `http://127.0.0.1:8080`. Rejects when nobody listens. */
  static async connect(origin: string): Promise<HttpClient> {
    const { hostname, port } = new URL(origin);
    const client = new HttpClient();
    client.#tcp = await connectTcp({ host: hostname, port: Number(port), timeoutMs: 5000 }, {
      data: (bytes) => client.#data(bytes),
      close: (why) => client.#reject?.(why ?? new Error("The server closed the connection")),
    });
    return client;
  }

  /** Asks for `path`; rejects when the connection closes before the answer is whole. */
  get(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#head = "";
      this.#body = undefined;
      this.#firstByteAt = 0;
      this.#tcp?.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`));
    });
  }

  /** Text of `path`; throws unless the answer is 200. */
  async text(path: string): Promise<string> {
    const { status, body } = await this.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${new TextDecoder().decode(body)}`);
    return new TextDecoder().decode(body);
  }

  close(): void {
    this.#reject = undefined;
    this.#tcp?.destroy();
  }

  #data(bytes: Uint8Array): void {
    if (this.#firstByteAt === 0) this.#firstByteAt = performance.now();
    if (this.#body !== undefined) return this.#fill(bytes);
    const before = this.#head.length;
    this.#head += Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_MAX))
      .toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.#status = Number(this.#head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head.slice(0, end));
    this.#body = new Uint8Array(Number(length?.[1] ?? 0));
    this.#filled = 0;
    this.#fill(bytes.subarray(end + 4 - before));
  }

  #fill(bytes: Uint8Array): void {
    const body = this.#body as Uint8Array<ArrayBuffer>;
    body.set(bytes, this.#filled);
    this.#filled += bytes.length;
    if (this.#filled < body.length) return;
    const answer = { status: this.#status, body, firstByteAt: this.#firstByteAt, wholeAt: performance.now() };
    this.#reject = undefined;
    this.#resolve?.(answer);
  }
}
