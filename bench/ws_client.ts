import { connectTcp, type TcpConnection } from "../src/host/tcp.ts";

/** The last bytes of a binary message that are kept. */
const TAIL = 8;

/**
 * A thin WebSocket client: takes messages without putting them together, so that a thousand of them cost little. Knows
 * of each binary message its length and last bytes, of each text message its text.
 */
export class WsClient {
  /** Media so far. */
  messages = 0;
  bytes = 0;
  /** When the last binary message was in hand, `performance.now()`. */
  lastAt = 0;
  readonly tail = new Uint8Array(TAIL);
  closed = false;
  readonly #binary: ((client: WsClient) => void) | undefined;
  readonly #text: ((text: string) => void) | undefined;
  #tcp: TcpConnection | undefined;
  #open = false;
  #answered: () => void = () => {};
  /** The server has answered, or closed the connection. */
  readonly #opened = new Promise<void>((resolve) => this.#answered = resolve);
  #head = new Uint8Array(4096);
  #held = 0;
  /** Bytes that the message in work still lacks. */
  #left = 0;
  #isText = false;
  #words: Uint8Array[] = [];

  private constructor(binary?: (client: WsClient) => void, text?: (text: string) => void) {
    this.#binary = binary;
    this.#text = text;
  }

  /** `url`: such as `ws://127.0.0.1:8080/cam.mp4`. */
  static async connect(
    url: string,
    binary?: (client: WsClient) => void,
    text?: (text: string) => void,
  ): Promise<WsClient> {
    const { hostname, port, pathname, search, host } = new URL(url);
    const client = new WsClient(binary, text);
    client.#tcp = await connectTcp({ host: hostname, port: Number(port), timeoutMs: 20_000 }, {
      data: (bytes) => client.#data(bytes),
      close: () => {
        client.closed = true;
        client.#answered();
      },
    });
    client.#tcp.write(new TextEncoder().encode(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n\r\n",
    ));
    await client.#opened;
    return client;
  }

  /** Sends a short text, masked with zeros. */
  send(text: string): void {
    const payload = new TextEncoder().encode(text);
    if (payload.length > 125) throw new RangeError("Cannot send more than 125 bytes");
    const frame = new Uint8Array(6 + payload.length);
    frame[0] = 0x81;
    frame[1] = 0x80 | payload.length;
    frame.set(payload, 6);
    this.#tcp?.write(frame);
  }

  /** Reads no more. */
  pause(): void {
    this.#tcp?.pause();
  }

  close(): void {
    this.#tcp?.destroy();
  }

  #data(given: Uint8Array): void {
    let bytes = given;
    if (!this.#open) {
      const end = new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#open = true;
      this.#answered();
      bytes = bytes.subarray(end + 4);
    }
    while (bytes.length > 0) {
      if (this.#left === 0) {
        bytes = this.#readHead(bytes);
        if (this.#left > 0 || bytes.length === 0) continue;
      }
      const taken = bytes.subarray(0, this.#left);
      this.#left -= taken.length;
      bytes = bytes.subarray(taken.length);
      this.#take(taken);
    }
  }

  /** RFC 6455, 5.2; a server masks nothing. */
  #readHead(bytes: Uint8Array): Uint8Array {
    const before = this.#held;
    const room = Math.min(14 - before, bytes.length);
    this.#head.set(bytes.subarray(0, room), before);
    this.#held = before + room;
    const short = (this.#head[1] as number) & 0x7f;
    const size = this.#held < 2 ? Infinity : short === 126 ? 4 : short === 127 ? 10 : 2;
    if (this.#held < size) return bytes.subarray(room);
    const view = new DataView(this.#head.buffer);
    this.#left = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short;
    this.#isText = ((this.#head[0] as number) & 15) !== 2;
    this.#held = 0;
    return bytes.subarray(size - before);
  }

  #take(bytes: Uint8Array): void {
    if (this.#isText) {
      this.#words.push(bytes.slice());
      if (this.#left > 0) return;
      this.#text?.(this.#words.map((part) => new TextDecoder().decode(part)).join(""));
      this.#words = [];
      return;
    }
    this.bytes += bytes.length;
    if (bytes.length >= TAIL) this.tail.set(bytes.subarray(-TAIL));
    else {
      this.tail.copyWithin(0, bytes.length);
      this.tail.set(bytes, TAIL - bytes.length);
    }
    if (this.#left > 0) return;
    this.messages++;
    this.lastAt = performance.now();
    this.#binary?.(this);
  }
}
