import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { maskUrl } from "../../base/mask_url.ts";
import { connectTcp, type TcpConnection } from "../../host/tcp.ts";
import {
  type HeaderField,
  printRequest,
  printResponse,
  type RtspRequest,
  type RtspResponse,
} from "../../wire/protocol/rtsp/message.ts";
import { RtspParser } from "../../wire/protocol/rtsp/parser.ts";
import type { RtspUrl } from "../../wire/protocol/rtsp/url.ts";
import type { Authorizer } from "./authorizer.ts";
import { RtspError } from "./rtsp_error.ts";

export interface ConnectionOptions {
  readonly url: RtspUrl;
  readonly tlsVerify: boolean;
  readonly connectMillis: number;
  readonly replyMillis: number;
  readonly userAgent: string;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Who hears of what comes on a connection outside the answers. */
export interface ConnectionListener {
  /** The view is valid during the call. */
  interleaved(channel: number, data: Uint8Array): void;
  /** Once, unless `close` was called before. */
  closed(why: RtspError): void;
}

interface Pending {
  readonly method: string;
  readonly resolve: (response: RtspResponse) => void;
  readonly reject: (why: RtspError) => void;
  readonly stopTimer: () => void;
}

/** Bytes that may wait to be sent before further receiver reports are dropped. */
const QUEUE_MAX = 256 * 1024;

/** A client's connection: requests out, answers matched by CSeq, interleaved data handed on. */
export class RtspConnection {
  readonly #o: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #parser = new RtspParser({
    request: (message) => this.#asked(message),
    response: (message) => this.#answered(message),
    interleaved: (channel, data) => this.#listener.interleaved(channel, data),
  });
  readonly #pending = new Map<number, Pending>();
  #tcp: TcpConnection | undefined;
  #sequence = 0;
  #closed: RtspError | undefined;

  private constructor(o: ConnectionOptions, listener: ConnectionListener) {
    this.#o = o;
    this.#listener = listener;
  }

  /** Connects. Throws RtspError. */
  static async open(o: ConnectionOptions, listener: ConnectionListener): Promise<RtspConnection> {
    const self = new RtspConnection(o, listener);
    const { url } = o;
    try {
      self.#tcp = await connectTcp({
        host: url.host,
        port: url.port,
        ...(url.secure ? { tls: { servername: url.host, verify: o.tlsVerify } } : {}),
        timeoutMs: o.connectMillis,
        signal: o.signal,
      }, {
        data: (bytes) => self.#data(bytes),
        close: (why) => self.#end(new RtspError(closeText(why), "closed")),
      });
    } catch (e) {
      // Without what the host says of it before the reason: host and port as well.
      const why = (e instanceof Error ? e.message : String(e)).replace(/^Cannot connect to \S+: /, "");
      throw new RtspError(`cannot connect to ${url.host}:${url.port}: ${maskUrl(why)}`, "connect");
    }
    return self;
  }

  /** Addresses of both ends. */
  get remoteAddress(): string {
    return this.#tcp?.remote.address ?? "";
  }

  get localAddress(): string {
    return this.#tcp?.local.address ?? "";
  }

  /**
   * Sends a request and waits for its answer, whatever its status; 401 is answered as far as there are challenges
   * left. Throws RtspError when no answer comes in time or the connection ends.
   */
  async request(
    method: string,
    uri: string,
    fields: readonly HeaderField[],
    replyMillis = this.#o.replyMillis,
  ): Promise<RtspResponse> {
    const { authorizer, log } = this.#o;
    const attempt = authorizer.begin();
    for (;;) {
      const authorization = authorizer.field(attempt, method, uri);
      const all = authorization === undefined
        ? fields
        : [...fields, ["Authorization", authorization] as const];
      const response = await this.#once(method, uri, all, replyMillis);
      if (log.debugging) log.debug(`${method} ${maskUrl(uri)}: ${response.status} ${response.reason}`);
      if (response.status !== 401) return response;
      if (!authorizer.challenged(attempt, response.headers.all("www-authenticate"))) return response;
    }
  }

  /** Sends an interleaved frame, unless the camera has stopped reading. */
  sendInterleaved(channel: number, data: Uint8Array): void {
    const tcp = this.#tcp;
    if (tcp === undefined || this.#closed !== undefined || tcp.queued > QUEUE_MAX) return;
    const frame = new Uint8Array(4 + data.length);
    frame.set([0x24, channel, data.length >> 8, data.length & 0xff]);
    frame.set(data, 4);
    tcp.write(frame);
  }

  /** Ends the connection; what is waited for fails. */
  close(): void {
    this.#end(new RtspError("connection closed", "closed"), false);
  }

  #once(
    method: string,
    uri: string,
    fields: readonly HeaderField[],
    replyMillis: number,
  ): Promise<RtspResponse> {
    if (this.#closed !== undefined || this.#tcp === undefined) {
      return Promise.reject(this.#closed ?? new RtspError("not connected", "closed"));
    }
    const sequence = ++this.#sequence;
    const bytes = printRequest(method, uri, [
      ["CSeq", String(sequence)],
      ["User-Agent", this.#o.userAgent],
      ...fields,
    ]);
    return new Promise((resolve, reject) => {
      const stopTimer = this.#o.clock.after(replyMillis, () => {
        this.#pending.delete(sequence);
        reject(new RtspError(`camera does not answer ${method} within ${replyMillis / 1000} s`, "timeout"));
      });
      this.#pending.set(sequence, { method, resolve, reject, stopTimer });
      this.#tcp?.write(bytes);
    });
  }

  #data(bytes: Uint8Array): void {
    if (this.#closed !== undefined) return;
    const bad = this.#parser.push(bytes);
    if (bad !== undefined) {
      this.#end(new RtspError(`camera sends no RTSP at byte ${bad.at}: ${maskUrl(bad.why)}`, "protocol"));
    }
  }

  #end(why: RtspError, tell = true): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    for (const pending of this.#pending.values()) {
      pending.stopTimer();
      pending.reject(why);
    }
    this.#pending.clear();
    this.#tcp?.destroy();
    if (tell) this.#listener.closed(why);
  }

  /** An answer without a usable CSeq belongs to the oldest request. */
  #answered(message: RtspResponse): void {
    const text = message.headers.get("cseq");
    let sequence = text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
    if (sequence === undefined) sequence = this.#pending.keys().next().value;
    const pending = sequence === undefined ? undefined : this.#pending.get(sequence);
    if (sequence === undefined || pending === undefined) return;
    // 1xx: the real answer follows
    if (message.status < 200) return;
    this.#pending.delete(sequence);
    pending.stopTimer();
    pending.resolve(message);
  }

  /** Cameras ask whether we are there; all else is not for a player. */
  #asked(message: RtspRequest): void {
    const known = message.method === "OPTIONS" || message.method.endsWith("_PARAMETER");
    const sequence = message.headers.get("cseq") ?? "0";
    const fields: HeaderField[] = [["CSeq", sequence.replace(/[^\d]/g, "")]];
    this.#tcp?.write(
      known ? printResponse(200, "OK", fields) : printResponse(501, "Not Implemented", fields),
    );
  }
}

function closeText(why: Error | undefined): string {
  return why === undefined
    ? "camera closed the connection"
    : `connection to the camera lost: ${maskUrl(why.message)}`;
}
