// QuickTime Streaming Server Programming Guide, "Tunneling RTSP and RTP Over HTTP": a GET carries what the server says,
// a POST, in base64, what the player says; x-sessioncookie tells which belong together.
import type { TcpConnection, TcpHandlers } from "../../host/tcp.ts";
import { Base64Stream } from "../../wire/protocol/rtsp/base64_stream.ts";

/** Longest head of a tunnel's requests, bytes. */
export const TUNNEL_HEAD_MAX = 8192;
/** Most tunnels at a time. */
const TUNNELS_MAX = 4096;
const COOKIE_MAX = 256;

const ANSWER = "HTTP/1.0 200 OK\r\nServer: fogcast\r\nConnection: close\r\nCache-Control: no-store\r\n" +
  "Pragma: no-cache\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n";
const NOT_HERE = "HTTP/1.0 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

interface Tunnel {
  readonly to: TcpHandlers;
  /** The newest POST; a player may make one after the other. */
  up: TcpConnection | undefined;
}

/** Tunnels whose GET is there, by cookie. */
export class HttpTunnels {
  readonly #open = new Map<string, Tunnel>();

  /** A GET has come. False when there are too many, or one of that name. */
  open(cookie: string, to: TcpHandlers): boolean {
    if (this.#open.size >= TUNNELS_MAX || this.#open.has(cookie)) return false;
    this.#open.set(cookie, { to, up: undefined });
    return true;
  }

  /** A POST has come: who gets what it brings. The POST before it is ended. */
  join(cookie: string, up: TcpConnection): TcpHandlers | undefined {
    const tunnel = this.#open.get(cookie);
    if (tunnel === undefined) return undefined;
    tunnel.up?.end();
    tunnel.up = up;
    return tunnel.to;
  }

  /** The GET has gone, and its POST goes too. */
  close(cookie: string, of: TcpHandlers): void {
    const tunnel = this.#open.get(cookie);
    if (tunnel?.to !== of) return;
    this.#open.delete(cookie);
    tunnel.up?.end();
  }
}

/**
 * A connection whose first bytes tell what it is: RTSP, or either half of a tunnel. `begin` makes what RTSP is handed
 * to; it is called at once, so that a connection that says nothing counts as one too.
 */
export class FirstBytes implements TcpHandlers {
  readonly #tcp: TcpConnection;
  readonly #tunnels: HttpTunnels;
  readonly #rtsp: TcpHandlers;
  #held = new Uint8Array(0);
  #to: TcpHandlers | undefined;
  #cookie = "";
  #closed = false;

  constructor(tcp: TcpConnection, tunnels: HttpTunnels, rtsp: TcpHandlers) {
    this.#tcp = tcp;
    this.#tunnels = tunnels;
    this.#rtsp = rtsp;
  }

  data(bytes: Uint8Array): void {
    if (this.#to !== undefined) return this.#to.data(bytes);
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
    const start = new TextDecoder("latin1").decode(held.subarray(0, 5));
    if ("GET ".startsWith(start.slice(0, 4)) || "POST ".startsWith(start)) {
      // Cut off within the word: GET may still be GET_PARAMETER.
      if (start.length < (start[0] === "G" ? 4 : 5)) return;
      return this.#tunnel(held);
    }
    this.#go(this.#rtsp, held);
  }

  drain(): void {
    this.#rtsp.drain?.();
  }

  close(why: Error | undefined): void {
    this.#closed = true;
    if (this.#to !== undefined && this.#to !== this.#rtsp) this.#to.close(why);
    this.#tunnels.close(this.#cookie, this.#rtsp);
    this.#rtsp.close(why);
  }

  #go(to: TcpHandlers, rest: Uint8Array): void {
    this.#to = to;
    this.#held = new Uint8Array(0);
    if (rest.length > 0) to.data(rest);
  }

  #tunnel(held: Uint8Array): void {
    const text = new TextDecoder("latin1").decode(held.subarray(0, TUNNEL_HEAD_MAX));
    const end = /\r?\n\r?\n/.exec(text);
    if (end === null) {
      if (held.length >= TUNNEL_HEAD_MAX) this.#tcp.destroy(new Error("HTTP head too long"));
      return;
    }
    const head = text.slice(0, end.index);
    const rest = held.subarray(end.index + end[0].length);
    const cookie = /^x-sessioncookie:[ \t]*(\S+)/im.exec(head)?.[1] ?? "";
    if (cookie === "" || cookie.length > COOKIE_MAX) return this.#refuse();
    if (head.startsWith("GET ")) {
      if (!this.#tunnels.open(cookie, this.#rtsp)) return this.#refuse();
      this.#cookie = cookie;
      this.#tcp.write(new TextEncoder().encode(ANSWER));
      // What comes on the GET itself is no RTSP.
      return this.#go({ data() {}, close() {} }, rest);
    }
    const target = this.#tunnels.join(cookie, this.#tcp);
    if (target === undefined) return this.#refuse();
    // This connection only brings the player's side of another one.
    this.#rtsp.close(undefined);
    this.#go(this.#decoder(target), rest);
  }

  #decoder(target: TcpHandlers): TcpHandlers {
    const base64 = new Base64Stream();
    return {
      data: (bytes) => {
        const plain = base64.push(bytes);
        if (plain === undefined) this.#tcp.destroy(new Error("not base64 in a tunnel"));
        else target.data(plain);
      },
      close() {},
    };
  }

  #refuse(): void {
    if (this.#closed) return;
    this.#to = { data() {}, close() {} };
    this.#tcp.write(new TextEncoder().encode(NOT_HERE));
    this.#tcp.end();
  }
}
