import { connectTcp, type TcpConnection } from "../../../src/host/tcp.ts";
import { eventually } from "../../eventually.ts";

/** A peer that speaks RTSP by hand. */
export class RawPeer {
  received = "";
  closed = false;
  tcp!: TcpConnection;
  #answers = 0;

  static async open(port: number): Promise<RawPeer> {
    const peer = new RawPeer();
    peer.tcp = await connectTcp({ host: "127.0.0.1", port, timeoutMs: 10_000 }, {
      data: (bytes) => void (peer.received += String.fromCharCode(...bytes)),
      close: () => void (peer.closed = true),
    });
    return peer;
  }

  send(text: string): void {
    this.tcp.write(new TextEncoder().encode(text));
  }

  /** Sends bytes one by one, each in a packet of its own. */
  async drip(text: string): Promise<void> {
    for (const byte of new TextEncoder().encode(text)) {
      this.tcp.write(Uint8Array.of(byte));
      await new Promise<void>((resolve) => queueMicrotask(resolve));
    }
  }

  /** Sends a request and answers the whole answer to it. */
  async ask(method: string, uri: string, fields: Record<string, string> = {}, body = ""): Promise<string> {
    this.send(request(method, uri, fields, body));
    return await this.answer();
  }

  /** The next answer that has not been given yet. */
  async answer(): Promise<string> {
    const index = this.#answers++;
    return await eventually(() => {
      const whole = this.received.split(/(?=RTSP\/1\.0 \d)/).filter((m) => m.startsWith("RTSP/"))[index];
      if (whole === undefined) return undefined;
      const end = whole.indexOf("\r\n\r\n");
      if (end < 0) return undefined;
      const length = Number(/^Content-Length: (\d+)/im.exec(whole)?.[1] ?? 0);
      return whole.length >= end + 4 + length ? whole.slice(0, end + 4 + length) : undefined;
    }, () => this.received);
  }
}

let sequence = 1;

export function request(method: string, uri: string, fields: Record<string, string> = {}, body = ""): string {
  const all = {
    CSeq: String(sequence++),
    ...fields,
    ...(body === "" ? {} : { "Content-Length": String(body.length) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${uri} RTSP/1.0\r\n${lines}\r\n${body}`;
}

export function statusOf(answer: string): number {
  return Number(/^RTSP\/1\.0 (\d+)/.exec(answer)?.[1]);
}

export function fieldOf(answer: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "im").exec(answer)?.[1]?.trim() ?? "";
}
