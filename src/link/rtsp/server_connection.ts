import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { maskUrl } from "../../base/mask_url.ts";
import type { TcpConnection, TcpHandlers } from "../../host/tcp.ts";
import { type HeaderField, printResponse, type RtspRequest } from "../../wire/protocol/rtsp/message.ts";
import { RtspParser } from "../../wire/protocol/rtsp/parser.ts";
import { parseTransports } from "../../wire/protocol/rtsp/transport.ts";
import { parseRtspUrl, type RtspUrl } from "../../wire/protocol/rtsp/url.ts";
import type { ServerAuth } from "./server_auth.ts";
import { type AgreedPath, datagramPath, interleavedPath } from "./server_path.ts";
import { ServerTrack } from "./server_track.ts";

/** One track of a served stream. */
export interface ServedTrack {
  /** As in the description's `a=control`, relative. */
  readonly control: string;
  /** Ticks of the RTP timestamp per second. */
  readonly clockRate: number;
}

/** What a path offers. */
export interface ServedStream {
  readonly sdp: string;
  readonly tracks: readonly ServedTrack[];
}

/** A player that plays. */
export interface PlaySession {
  /** Path asked for, without leading slash and query. */
  readonly path: string;
  readonly remote: string;
  /** Sends one RTP packet of a track, counted as in `ServedStream.tracks`; one that was not set up is dropped. */
  send(track: number, packet: Uint8Array): void;
}

/** What a connection needs of the server. */
export interface ServerSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly auth: ServerAuth | undefined;
  readonly sessionId: string;
  readonly timeoutSeconds: number;
  describe(path: string): ServedStream | undefined | Promise<ServedStream | undefined>;
  /** Begins to play; the answer is called when the player is gone. */
  play(session: PlaySession): () => void;
  closed(connection: ServerConnection): void;
}

type Fields = HeaderField[];
const METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN";

/** One player's connection, with one session at the most. */
export class ServerConnection implements TcpHandlers {
  readonly #tcp: TcpConnection;
  readonly #around: ServerSurroundings;
  readonly #parser: RtspParser;
  readonly #tracks = new Map<number, ServerTrack>();
  /** Requests are answered one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #url: RtspUrl | undefined;
  #stream: ServedStream | undefined;
  #stop: (() => void) | undefined;
  #datagrams = false;
  #aliveAt: number;
  #closed = false;
  #cancelWatch: () => void = () => {};

  constructor(tcp: TcpConnection, around: ServerSurroundings) {
    this.#tcp = tcp;
    this.#around = around;
    this.#aliveAt = around.clock.mono();
    this.#parser = new RtspParser({
      request: (request) => this.#take(request),
      response() {},
      interleaved: () => this.#alive(),
    });
    this.#watch();
  }

  data(bytes: Uint8Array): void {
    const bad = this.#parser.push(bytes);
    if (bad !== undefined) this.#tcp.destroy(new Error(bad.why));
  }

  close(why: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    if (why !== undefined) {
      this.#around.log.debug(`player ${this.#tcp.remote.address}: ${maskUrl(why.message)}`);
    }
    this.#cancelWatch();
    this.#endSession();
    this.#around.closed(this);
  }

  /** Says BYE to the player and ends the connection. */
  shut(): void {
    this.#endSession();
    this.#tcp.end();
  }

  #alive(): void {
    this.#aliveAt = this.#around.clock.mono();
  }

  /** Ends connections that were silent too long; over TCP a playing one says enough by reading. */
  #watch(): void {
    const { clock, timeoutSeconds } = this.#around;
    this.#cancelWatch = clock.after(timeoutSeconds * 500, () => {
      const silent = clock.mono() - this.#aliveAt > timeoutSeconds * 1500;
      if (silent && (this.#datagrams || this.#stop === undefined)) {
        this.#tcp.destroy(new Error("session timed out"));
      } else this.#watch();
    });
  }

  #endSession(): void {
    this.#stop?.();
    this.#stop = undefined;
    for (const track of this.#tracks.values()) track.close();
    this.#tracks.clear();
  }

  #take(request: RtspRequest): void {
    this.#alive();
    // a player that asks without reading answers is cut off, not queued for
    if (++this.#waiting > 64) return this.#tcp.destroy(new Error("too many requests at once"));
    this.#turn = this.#turn.then(() => this.#answer(request)).catch((e) => {
      this.#tcp.destroy(e instanceof Error ? e : new Error(String(e)));
    }).finally(() => this.#waiting--);
  }

  async #answer(request: RtspRequest): Promise<void> {
    if (this.#closed) return;
    const { auth } = this.#around;
    if (auth !== undefined && request.method !== "OPTIONS" && !auth.allows(request)) {
      return this.#reply(request, 401, "Unauthorized", auth.challenges());
    }
    switch (request.method) {
      case "OPTIONS":
        return this.#reply(request, 200, "OK", [["Public", METHODS]]);
      case "DESCRIBE":
        return await this.#describe(request);
      case "SETUP":
        return await this.#setUp(request);
      case "PLAY":
        return this.#play(request);
      case "GET_PARAMETER":
      case "SET_PARAMETER":
        return this.#reply(request, 200, "OK", this.#sessionField());
      case "TEARDOWN":
        this.#endSession();
        return this.#reply(request, 200, "OK", []);
      default:
        return this.#reply(request, 501, "Not Implemented", [["Public", METHODS]]);
    }
  }

  async #describe(request: RtspRequest): Promise<void> {
    const url = parseRtspUrl(request.uri);
    if (url === undefined) return this.#reply(request, 400, "Bad Request", []);
    const stream = await this.#around.describe(pathOf(url));
    if (stream === undefined) return this.#reply(request, 404, "Not Found", []);
    this.#url = url;
    this.#stream = stream;
    const base = request.uri.endsWith("/") ? request.uri : `${request.uri}/`;
    const body = new TextEncoder().encode(stream.sdp);
    this.#reply(request, 200, "OK", [["Content-Base", base], ["Content-Type", "application/sdp"]], body);
  }

  async #setUp(request: RtspRequest): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return this.#reply(request, 455, "Method Not Valid in This State", []);
    if (this.#stop !== undefined) return this.#reply(request, 455, "Method Not Valid in This State", []);
    const uri = request.uri.replace(/\/+$/, "");
    const found = stream.tracks.findIndex((t) => uri.endsWith(`/${t.control}`));
    const index = found < 0 && stream.tracks.length === 1 ? 0 : found;
    const track = stream.tracks[index];
    if (track === undefined) return this.#reply(request, 404, "Not Found", []);
    const agreed = await this.#agree(request.headers.get("transport") ?? "", index);
    if (agreed === undefined) return this.#reply(request, 461, "Unsupported Transport", []);
    this.#tracks.get(index)?.close();
    this.#tracks.set(index, new ServerTrack(agreed.path, this.#around.clock, track.clockRate));
    if (this.#closed) return this.#endSession();
    this.#reply(request, 200, "OK", [["Transport", agreed.transport], ...this.#sessionField()]);
  }

  /** The first alternative of the player that can be served. */
  async #agree(field: string, index: number): Promise<AgreedPath | undefined> {
    for (const wish of parseTransports(field)) {
      if (wish.multicast || wish.profile !== "RTP/AVP") continue;
      if (wish.tcp || wish.interleaved !== undefined) {
        return interleavedPath(this.#tcp, wish, [2 * index, 2 * index + 1]);
      }
      if (wish.clientPort === undefined) continue;
      this.#datagrams = true;
      return await datagramPath(this.#tcp, wish.clientPort, () => this.#alive());
    }
    return undefined;
  }

  #play(request: RtspRequest): void {
    if (this.#tracks.size === 0 || this.#url === undefined) {
      return this.#reply(request, 455, "Method Not Valid in This State", []);
    }
    this.#reply(request, 200, "OK", [...this.#sessionField(), ["Range", "npt=now-"]]);
    this.#stop ??= this.#around.play({
      path: pathOf(this.#url),
      remote: this.#tcp.remote.address,
      send: (track, packet) => this.#tracks.get(track)?.send(packet),
    });
  }

  #sessionField(): Fields {
    return [["Session", `${this.#around.sessionId};timeout=${this.#around.timeoutSeconds}`]];
  }

  #reply(request: RtspRequest, status: number, reason: string, fields: Fields, body?: Uint8Array): void {
    const sequence = (request.headers.get("cseq") ?? "").replace(/\D/g, "").slice(0, 10);
    const all: Fields = [["CSeq", sequence === "" ? "0" : sequence], ["Server", "fogcast"], ...fields];
    this.#tcp.write(printResponse(status, reason, all, body));
  }
}

function pathOf(url: RtspUrl): string {
  return url.path.replace(/\?.*$/, "").replace(/^\/+|\/+$/g, "");
}
