import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { maskUrl } from "../../base/mask_url.ts";
import type { TcpConnection, TcpHandlers } from "../../host/tcp.ts";
import type { DigestHashes } from "../../wire/protocol/rtsp/auth.ts";
import { type HeaderField, printResponse, type RtspRequest } from "../../wire/protocol/rtsp/message.ts";
import { RtspParser } from "../../wire/protocol/rtsp/parser.ts";
import { challengeFields, proves, readProof } from "../../wire/protocol/rtsp/proof.ts";
import { parseSession } from "../../wire/protocol/rtsp/session_fields.ts";
import { parseRtspUrl, percentDecoded, printRtspUrl, type RtspUrl } from "../../wire/protocol/rtsp/url.ts";
import { INVALID_STATE, reasonOf, type Reply } from "./reply.ts";
import type { SendingPorts } from "./sending_ports.ts";
import {
  type Asked,
  type Cue,
  isRtspRefusal,
  type PlaySession,
  type Publishing,
  type RtspRefusal,
  type ServedStream,
} from "./served.ts";
import { PlayerSide } from "./server_player.ts";
import { PublisherSide } from "./server_publisher.ts";

/** Who may play, where everything but OPTIONS asks for it. */
export interface ServerCredentials {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
}

/** What a connection needs of the server. */
export interface ServerSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly auth: ServerCredentials | undefined;
  readonly hashes: DigestHashes;
  readonly nonce: string;
  readonly sessionId: string;
  readonly timeoutSeconds: number;
  /** A connection without a session is ended after so long, milliseconds. */
  readonly idleMillis: number;
  readonly sending: SendingPorts;
  describe(path: string, asked: Asked): Answered<ServedStream | undefined>;
  cue(session: PlaySession): Cue;
  announce?: ((asked: Asked, sdp: string) => Answered<Publishing>) | undefined;
  /** A session has begun: the connection is not half open any more. */
  settled(connection: ServerConnection): void;
  closed(connection: ServerConnection): void;
}

type Answered<T> = T | RtspRefusal | Promise<T | RtspRefusal>;

/** Wrong answers to challenges before the connection is ended. */
const WRONG_MAX = 8;
const REALM = "fogcast";
const METHODS = [
  "OPTIONS",
  "DESCRIBE",
  "SETUP",
  "PLAY",
  "PAUSE",
  "GET_PARAMETER",
  "SET_PARAMETER",
  "TEARDOWN",
];

/** One player's or publisher's connection, with one session at the most. */
export class ServerConnection implements TcpHandlers {
  readonly #tcp: TcpConnection;
  readonly #around: ServerSurroundings;
  readonly #parser: RtspParser;
  /** Requests are answered one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #wrong = 0;
  #player: PlayerSide | undefined;
  #publisher: PublisherSide | undefined;
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
      interleaved: (channel, data) => {
        this.#alive();
        this.#publisher?.interleaved(channel, data);
        this.#player?.interleaved(channel, data);
      },
    });
    this.#watch();
  }

  data(bytes: Uint8Array): void {
    const bad = this.#parser.push(bytes);
    if (bad !== undefined) this.#tcp.destroy(new Error(bad.why));
  }

  drain(): void {
    this.#alive();
    this.#player?.drained();
  }

  close(why: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    if (why !== undefined) this.#around.log.debug(`${this.#tcp.remote.address}: ${maskUrl(why.message)}`);
    this.#cancelWatch();
    this.#endSession();
    this.#around.closed(this);
  }

  /** Says BYE to the player and ends the connection. */
  shut(): void {
    this.#endSession();
    this.#tcp.end();
  }

  /** Ends it without a word. */
  drop(why: string): void {
    this.#tcp.destroy(new Error(why));
  }

  #alive(): void {
    this.#aliveAt = this.#around.clock.mono();
  }

  /** Ends connections that were silent too long; over TCP a playing one says enough by reading. */
  #watch(): void {
    const { clock, timeoutSeconds, idleMillis } = this.#around;
    this.#cancelWatch = clock.after(timeoutSeconds * 500, () => {
      const player = this.#player;
      if (player?.playing === true && !player.mustSpeak && player.queued === 0) this.#alive();
      const session = player?.ready === true || this.#publisher?.ready === true;
      const limit = session ? timeoutSeconds * 1500 : Math.min(idleMillis, timeoutSeconds * 1500);
      if (clock.mono() - this.#aliveAt > limit) this.#tcp.destroy(new Error("session timed out"));
      else this.#watch();
    });
  }

  #endSession(): void {
    this.#player?.close();
    this.#player = undefined;
    this.#publisher?.close();
    this.#publisher = undefined;
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
    const reply = await this.#reply(request);
    if (this.#closed) return this.#endSession();
    const sequence = (request.headers.get("cseq") ?? "").replace(/\D/g, "").slice(0, 10);
    const fields: HeaderField[] = [["CSeq", sequence === "" ? "0" : sequence], ["Server", "fogcast"]];
    if (this.#player?.ready === true || this.#publisher?.ready === true) {
      fields.push(["Session", `${this.#around.sessionId};timeout=${this.#around.timeoutSeconds}`]);
    }
    if (reply.status === 401) fields.push(...challengeFields(this.#realm, this.#around.nonce, true));
    this.#tcp.write(
      printResponse(reply.status, reasonOf(reply), [...fields, ...reply.fields ?? []], reply.body),
    );
    reply.after?.();
    if (reply.status === 401 && ++this.#wrong > WRONG_MAX) this.#tcp.end();
  }

  get #realm(): string {
    return this.#around.auth?.realm ?? REALM;
  }

  #reply(request: RtspRequest): Reply | Promise<Reply> {
    const { auth, sessionId } = this.#around;
    const { method } = request;
    if (method === "OPTIONS") return { status: 200, fields: [["Public", this.#methods.join(", ")]] };
    if (!this.#methods.includes(method)) {
      return { status: 501, fields: [["Public", this.#methods.join(", ")]] };
    }
    if (auth !== undefined && !proves(this.#proof(request), auth, this.#around.hashes)) {
      return { status: 401 };
    }
    const session = parseSession(request.headers.get("session") ?? "");
    if (session !== undefined && session.id !== sessionId) return { status: 454 };
    switch (method) {
      case "DESCRIBE":
        return this.#describe(request);
      case "ANNOUNCE":
        return this.#announce(request);
      case "SETUP":
        return this.#setUp(request);
      case "PLAY":
        return this.#player?.play() ?? INVALID_STATE;
      case "PAUSE":
        return this.#player?.pause() ?? INVALID_STATE;
      case "RECORD":
        return this.#publisher?.record() ?? INVALID_STATE;
      case "TEARDOWN":
        this.#endSession();
        return { status: 200 };
      default:
        return { status: 200 };
    }
  }

  get #methods(): readonly string[] {
    return this.#around.announce === undefined ? METHODS : [...METHODS, "ANNOUNCE", "RECORD"];
  }

  #proof(request: RtspRequest) {
    const { nonce } = this.#around;
    const fields = request.headers.all("authorization");
    return readProof(fields, request.method, { realm: this.#realm, nonce });
  }

  async #describe(request: RtspRequest): Promise<Reply> {
    const url = parseRtspUrl(request.uri);
    if (url === undefined) return { status: 400 };
    if (this.#publisher !== undefined || this.#player?.playing === true) return INVALID_STATE;
    const refused = await this.#open(request, url);
    const player = this.#player;
    if (refused !== undefined || player === undefined) return refused ?? { status: 404 };
    return {
      status: 200,
      fields: [["Content-Base", player.base], ["Content-Type", "application/sdp"]],
      body: new TextEncoder().encode(player.stream.sdp),
    };
  }

  /** Opens what an address offers; answers why not. */
  async #open(request: RtspRequest, url: RtspUrl): Promise<Reply | undefined> {
    const asked = this.#asked(request, url);
    const stream = await this.#around.describe(asked.path, asked);
    if (stream === undefined) return { status: 404 };
    if (isRtspRefusal(stream)) return stream;
    this.#player?.close();
    const base = printRtspUrl({ ...url, path: url.path.replace(/\?.*$/, "").replace(/\/*$/, "/") });
    this.#player = new PlayerSide(asked, stream, base, {
      tcp: this.#tcp,
      clock: this.#around.clock,
      sending: this.#around.sending,
      alive: () => this.#alive(),
      cue: (session) => this.#around.cue(session),
      end: (why) => this.#end(why),
    });
    return undefined;
  }

  async #announce(request: RtspRequest): Promise<Reply> {
    const url = parseRtspUrl(request.uri);
    const announce = this.#around.announce;
    if (url === undefined || announce === undefined) return { status: 400 };
    if (this.#publisher !== undefined || this.#player?.ready === true) return INVALID_STATE;
    const type = request.headers.get("content-type") ?? "application/sdp";
    if (!/^application\/sdp\b/i.test(type)) return { status: 415 };
    const sdp = new TextDecoder().decode(request.body);
    const publishing = await announce(this.#asked(request, url), sdp);
    if (isRtspRefusal(publishing)) return publishing;
    if (this.#closed) publishing.stop();
    else {
      this.#publisher = new PublisherSide(publishing, {
        tcp: this.#tcp,
        alive: () => this.#alive(),
        end: (why) => this.#end(why),
      });
    }
    return { status: 200 };
  }

  async #setUp(request: RtspRequest): Promise<Reply> {
    if (this.#publisher !== undefined) return this.#settle(await this.#publisher.setUp(request));
    if (this.#player === undefined) {
      // Some set up what they know without having it described: the last part of the address is the track.
      const url = parseRtspUrl(request.uri);
      const path = url?.path.replace(/\/[^/?]+\/?(?=\?|$)/, "") ?? "";
      if (url === undefined || path.replace(/^\/+/, "") === "") return INVALID_STATE;
      const refused = await this.#open(request, { ...url, path });
      if (refused !== undefined) return refused.status === 404 ? INVALID_STATE : refused;
    }
    return this.#settle(await this.#player?.setUp(request) ?? INVALID_STATE);
  }

  #settle(reply: Reply): Reply {
    if (reply.status === 200) this.#around.settled(this);
    return reply;
  }

  #end(why: string): void {
    this.#around.log.debug(`${this.#tcp.remote.address}: ended: ${why}`);
    this.shut();
  }

  #asked(request: RtspRequest, url: RtspUrl): Asked {
    const question = url.path.indexOf("?");
    const parameters = new URLSearchParams(question < 0 ? "" : url.path.slice(question));
    return {
      path: percentDecoded((question < 0 ? url.path : url.path.slice(0, question)).replace(/^\/+|\/+$/g, "")),
      url: maskUrl(printRtspUrl(url)),
      query: (name) => parameters.get(name) ?? undefined,
      remote: this.#tcp.remote.address,
      userAgent: (request.headers.get("user-agent") ?? "").slice(0, 256),
      proof: this.#proof(request),
    };
  }
}
