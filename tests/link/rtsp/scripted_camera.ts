import { systemClock } from "../../../src/host/clock.ts";
import { listenTcp, type TcpConnection } from "../../../src/host/tcp.ts";
import type { RtspRequest } from "../../../src/wire/protocol/rtsp/message.ts";
import { RtspParser } from "../../../src/wire/protocol/rtsp/parser.ts";

/** One request as the camera saw it. */
export interface Seen {
  readonly request: RtspRequest;
  readonly connection: number;
  readonly at: number;
}

/** What a script answers: fields and body of a 200, a whole status line, raw bytes, nothing at all, or the end. */
export type Answer =
  | {
    readonly status?: string;
    readonly fields?: readonly string[];
    readonly body?: string;
    readonly after?: Uint8Array;
  }
  | { readonly raw: Uint8Array }
  | "silence"
  | "hang up"
  | undefined;

/** A camera that does exactly what a test says. `undefined` from the script: what a good one would answer. */
export class ScriptedCamera {
  readonly seen: Seen[] = [];
  port = 0;
  #close: () => void = () => {};
  readonly #open = new Set<TcpConnection>();
  interleaved = 0;
  /** Answers to what it asked. */
  responses = 0;
  /** Connections so far. */
  accepted = 0;

  static async open(
    sdp: string,
    script: (method: string, count: number, request: RtspRequest, tcp: TcpConnection) => Answer,
    connected: (tcp: TcpConnection) => void = () => {},
  ): Promise<ScriptedCamera> {
    const self = new ScriptedCamera();
    const counts = new Map<string, number>();
    const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (tcp) => {
      const connection = self.accepted++;
      self.#open.add(tcp);
      connected(tcp);
      const parser = new RtspParser({
        request(request) {
          const count = counts.get(request.method) ?? 0;
          counts.set(request.method, count + 1);
          self.seen.push({ request, connection, at: systemClock.mono() });
          self.#answer(
            request,
            script(request.method, count, request, tcp) ?? self.#usual(request, sdp),
            tcp,
          );
        },
        response: () => void self.responses++,
        interleaved: () => void self.interleaved++,
      });
      return {
        data: (bytes) => void parser.push(bytes),
        close: () => void self.#open.delete(tcp),
      };
    });
    self.port = listener.port;
    self.#close = () => listener.close();
    return self;
  }

  #answer(request: RtspRequest, answer: Exclude<Answer, undefined>, tcp: TcpConnection): void {
    if (answer === "silence") return;
    if (answer === "hang up") return tcp.end();
    if ("raw" in answer) return void tcp.write(answer.raw);
    const body = new TextEncoder().encode(answer.body ?? "");
    const lines = [
      `RTSP/1.0 ${answer.status ?? "200 OK"}`,
      `CSeq: ${request.headers.get("cseq")}`,
      ...answer.fields ?? [],
      ...body.length > 0 ? [`Content-Length: ${body.length}`] : [],
    ];
    tcp.write(new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
    if (body.length > 0) tcp.write(body);
    if (answer.after !== undefined) tcp.write(answer.after);
  }

  #usual(request: RtspRequest, sdp: string): Exclude<Answer, undefined> {
    if (request.method === "DESCRIBE") return { fields: ["Content-Type: application/sdp"], body: sdp };
    if (request.method === "SETUP") {
      return { fields: ["Session: 42;timeout=60", `Transport: ${request.headers.get("transport")}`] };
    }
    return { fields: ["Session: 42"] };
  }

  /** Methods in the order asked. */
  get methods(): string[] {
    return this.seen.map((s) => s.request.method);
  }

  /** Requests of a method. */
  requests(method: string): RtspRequest[] {
    return this.seen.filter((s) => s.request.method === method).map((s) => s.request);
  }

  url(path = "/cam", credentials = ""): string {
    return `rtsp://${credentials}127.0.0.1:${this.port}${path}`;
  }

  get connections(): number {
    return this.#open.size;
  }

  close(): void {
    this.#close();
    for (const tcp of this.#open) tcp.destroy();
  }
}

/** An RTP packet, empty but for its header. */
export function rtp(
  payloadType: number,
  sequence: number,
  timestamp: number,
  payload: number[] = [],
): Uint8Array {
  const t = timestamp;
  return Uint8Array.of(
    ...[0x80, payloadType, sequence >> 8, sequence, t >>> 24, t >>> 16, t >>> 8, t, 0, 0, 0, 7],
    ...payload,
  );
}

/** An interleaved frame. */
export function framed(channel: number, data: Uint8Array): Uint8Array {
  return Uint8Array.of(0x24, channel, data.length >> 8, data.length, ...data);
}
