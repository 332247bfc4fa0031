import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { maskUrl } from "../../base/mask_url.ts";
import { md5Hex, sha256Hex } from "../../host/hash.ts";
import type { HeaderField, RtspResponse } from "../../wire/protocol/rtsp/message.ts";
import {
  parsePublic,
  parseSession,
  SESSION_TIMEOUT_DEFAULT,
} from "../../wire/protocol/rtsp/session_fields.ts";
import { parseTransports } from "../../wire/protocol/rtsp/transport.ts";
import {
  baseUrl,
  controlUrl,
  parseRtspUrl,
  printRtspUrl,
  type RtspUrl,
} from "../../wire/protocol/rtsp/url.ts";
import type { MediaDescription, SessionDescription } from "../../wire/protocol/sdp/description.ts";
import { parseSdp } from "../../wire/protocol/sdp/sdp.ts";
import { Authorizer } from "./authorizer.ts";
import { RtspConnection } from "./connection.ts";
import { KeepAlive, type KeepAliveMethod } from "./keep_alive.ts";
import {
  interleavedChannel,
  type MediaChannel,
  type MediaTransport,
  multicastChannel,
  unicastChannel,
} from "./media_channel.ts";
import { RtspError, statusError } from "./rtsp_error.ts";

export interface RtspClientOptions {
  readonly url: RtspUrl;
  /** Whether a certificate must be valid; cameras sign their own. */
  readonly tlsVerify: boolean;
  readonly userAgent: string;
  readonly connectMillis: number;
  readonly replyMillis: number;
  /** The method to begin with; by default what the camera lists. */
  readonly keepAlive?: KeepAliveMethod;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** Where a client puts what arrives. `media` is the index of the media in the description. Views, as always. */
export interface RtspListener {
  rtp(media: number, bytes: Uint8Array): void;
  rtcp(media: number, bytes: Uint8Array): void;
  /** The connection ended though nobody here closed it. `during`: a keep-alive waited for its answer. */
  closed(why: RtspError, during: KeepAliveMethod | undefined): void;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 305, 307]);
const REDIRECTS_MAX = 5;
/** OPTIONS is asked out of politeness; a camera that does not answer it is asked for what matters. */
const OPTIONS_MILLIS = 3000;
/** How long closing may take. */
const TEARDOWN_MILLIS = 500;

interface SetMedia {
  readonly index: number;
  readonly channel: MediaChannel;
}

/** One conversation with a camera: describe, setUp, play, close. All may throw {@link RtspError}. */
export class RtspClient {
  readonly #o: RtspClientOptions;
  readonly #listener: RtspListener;
  readonly #text = new TextDecoder("utf-8");
  readonly #setMedias: SetMedia[] = [];
  /** By interleaved channel: media index × 2, plus 1 for RTCP. */
  readonly #byChannel = new Map<number, number>();
  #url: RtspUrl;
  #connection: RtspConnection | undefined;
  #base = "";
  #aggregate = "";
  #methods: ReadonlySet<string> = new Set();
  #session = "";
  #timeoutSeconds = SESSION_TIMEOUT_DEFAULT;
  #keepAlive: KeepAlive | undefined;
  #arrived = 0;
  #closing: Promise<void> | undefined;
  #abortConnecting: () => void = () => {};

  constructor(options: RtspClientOptions, listener: RtspListener) {
    this.#o = options;
    this.#listener = listener;
    this.#url = options.url;
  }

  /** RTP packets that arrived, over whatever way. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Connects, asks for the description and follows redirects. */
  async describe(): Promise<SessionDescription> {
    for (let redirects = 0;; redirects++) {
      const connection = await this.#connect();
      const uri = printRtspUrl(this.#url);
      await this.#askOptions(connection, uri);
      const response = await connection.request("DESCRIBE", uri, [["Accept", "application/sdp"]]);
      if (REDIRECTS.has(response.status)) {
        if (redirects === REDIRECTS_MAX) throw new RtspError("camera redirects without end", "protocol");
        this.#redirect(response);
        continue;
      }
      if (response.status === 401) throw this.#unauthorized();
      if (response.status < 200 || response.status > 299) {
        throw statusError("DESCRIBE", response.status, response.reason);
      }
      return this.#described(response);
    }
  }

  /**
   * Sets the medias up that `wanted` names by index. One that the camera refuses is left out and told of in the answer,
   * unless all are. After a failure of the fault `transport` or `status` it may be called again for another transport.
   */
  async setUp(
    description: SessionDescription,
    wanted: readonly number[],
    transport: MediaTransport,
  ): Promise<{ index: number; why: RtspError }[]> {
    const refused: { index: number; why: RtspError }[] = [];
    for (const index of wanted) {
      const media = description.medias[index] as MediaDescription;
      try {
        await this.#setUpOne(index, media, transport);
      } catch (e) {
        if (!(e instanceof RtspError) || e.fault === "closed" || e.status === 401) throw e;
        // what one media cannot be had by, the others cannot either
        if (e.fault === "transport" && this.#setMedias.length === 0) throw e;
        refused.push({ index, why: e });
      }
    }
    const first = refused[0];
    if (this.#setMedias.length === 0 && first !== undefined) throw first.why;
    return refused;
  }

  /** Starts the flow. */
  async play(): Promise<void> {
    const connection = this.#live();
    const fields: HeaderField[] = [...this.#sessionFields(), ["Range", "npt=0.000-"]];
    let response: RtspResponse | undefined;
    try {
      response = await connection.request("PLAY", this.#aggregate, fields);
      // 457 Invalid Range: some live sources take none at all
      if (response.status === 457) {
        response = await connection.request("PLAY", this.#aggregate, this.#sessionFields());
      }
    } catch (e) {
      // media that flow are the better answer
      if (!(e instanceof RtspError) || e.fault !== "timeout" || this.#arrived === 0) throw e;
    }
    if (response !== undefined && response.status >= 300) {
      throw statusError("PLAY", response.status, response.reason);
    }
    for (const { channel } of this.#setMedias) channel.knock();
    this.#keepAlive = new KeepAlive({
      connection,
      clock: this.#o.clock,
      uri: this.#aggregate,
      method: this.#o.keepAlive ?? this.#keepAliveMethod(),
      timeoutSeconds: this.#timeoutSeconds,
      fields: () => this.#sessionFields(),
    });
  }

  /** Sends RTCP to the sender of a media. */
  sendRtcp(media: number, bytes: Uint8Array): void {
    this.#setMedias.find((m) => m.index === media)?.channel.sendRtcp(bytes);
  }

  /** Ends the session with TEARDOWN, waiting for its answer half a second at the most. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#keepAlive?.stop();
    this.#abortConnecting();
    const connection = this.#connection;
    if (connection !== undefined && this.#session !== "") {
      try {
        await connection.request("TEARDOWN", this.#aggregate, this.#sessionFields(), TEARDOWN_MILLIS);
      } catch (e) {
        if (!(e instanceof RtspError)) throw e;
        this.#o.log.debug(`TEARDOWN: ${e.message}`);
      }
    }
    connection?.close();
    for (const { channel } of this.#setMedias) channel.close();
  }

  async #connect(): Promise<RtspConnection> {
    const { url: asked } = this.#o;
    const url = this.#url;
    this.#connection?.close();
    // aborted while connecting only: later the signal would end the connection before TEARDOWN
    const connecting = new AbortController();
    this.#abortConnecting = () => connecting.abort();
    const connection = await RtspConnection.open({
      ...this.#o,
      url,
      signal: connecting.signal,
      authorizer: new Authorizer(
        { user: url.user, password: url.password },
        { md5: md5Hex, sha256: sha256Hex },
        this.#o.random,
        url.host === asked.host && url.secure === asked.secure,
      ),
    }, {
      interleaved: (channel, data) => this.#interleaved(channel, data),
      closed: (why) => {
        this.#keepAlive?.stop();
        if (this.#closing === undefined) this.#listener.closed(why, this.#keepAlive?.waitingFor);
      },
    });
    this.#connection = connection;
    this.#abortConnecting = () => {};
    if (this.#closing !== undefined) {
      connection.close();
      throw new RtspError("closed while connecting", "closed");
    }
    return connection;
  }

  #live(): RtspConnection {
    if (this.#connection === undefined) throw new RtspError("not connected", "closed");
    return this.#connection;
  }

  async #askOptions(connection: RtspConnection, uri: string): Promise<void> {
    try {
      const response = await connection.request("OPTIONS", uri, [], OPTIONS_MILLIS);
      this.#methods = parsePublic(response.headers.all("public"));
    } catch (e) {
      if (!(e instanceof RtspError) || e.fault !== "timeout") throw e;
      this.#o.log.debug(e.message);
    }
  }

  #unauthorized(): RtspError {
    const without = this.#url.user === "" && this.#url.password === "";
    const text = without
      ? "camera wants a user name and password"
      : "camera refuses the user name or password";
    return new RtspError(`${text} (401)`, "refused", 401);
  }

  #redirect(response: RtspResponse): void {
    const location = response.headers.get("location") ?? "";
    const next = parseRtspUrl(location);
    if (next === undefined) {
      throw new RtspError(
        `camera redirects to ${JSON.stringify(maskUrl(location.slice(0, 200)))}`,
        "protocol",
      );
    }
    const { user, password } = next.user === "" ? this.#url : next;
    this.#url = { ...next, user, password };
    this.#o.log.info(`camera redirects to ${maskUrl(printRtspUrl(this.#url))}`);
  }

  #described(response: RtspResponse): SessionDescription {
    const description = parseSdp(this.#text.decode(response.body));
    if (description.medias.length === 0) {
      throw new RtspError("camera describes no media", "refused", response.status);
    }
    const base = response.headers.get("content-base") ?? response.headers.get("content-location");
    this.#base = baseUrl(this.#url, base);
    this.#aggregate = controlUrl(this.#url, this.#base, description.control);
    this.#takeSession(response);
    return description;
  }

  async #setUpOne(index: number, media: MediaDescription, transport: MediaTransport): Promise<void> {
    const connection = this.#live();
    const channel = await this.#channelFor(index, media, transport);
    try {
      if (this.#closing !== undefined) throw new RtspError("closed while setting up", "closed");
      const uri = controlUrl(this.#url, this.#base, media.control);
      const response = await connection.request("SETUP", uri, [
        ["Transport", channel.asked],
        ...this.#sessionFields(),
      ]);
      if (response.status === 401) throw this.#unauthorized();
      if (response.status < 200 || response.status > 299) {
        throw statusError("SETUP", response.status, response.reason);
      }
      this.#takeSession(response);
      await channel.agree(parseTransports(response.headers.get("transport") ?? "")[0]);
    } catch (e) {
      channel.close();
      throw e;
    }
    this.#setMedias.push({ index, channel });
    if (channel.channels !== undefined) {
      this.#byChannel.set(channel.channels[0], 2 * index);
      this.#byChannel.set(channel.channels[1], 2 * index + 1);
    }
    channel.knock();
  }

  #channelFor(
    index: number,
    media: MediaDescription,
    transport: MediaTransport,
  ): MediaChannel | Promise<MediaChannel> {
    const connection = this.#live();
    const around = {
      remoteAddress: connection.remoteAddress,
      localAddress: connection.localAddress,
      sendInterleaved: (channel: number, data: Uint8Array) => connection.sendInterleaved(channel, data),
    };
    const receiver = {
      rtp: (bytes: Uint8Array) => {
        this.#arrived++;
        this.#listener.rtp(index, bytes);
      },
      rtcp: (bytes: Uint8Array) => this.#listener.rtcp(index, bytes),
    };
    if (transport === "tcp") return interleavedChannel(this.#setMedias.length, around);
    if (transport === "udp") return unicastChannel(around, receiver);
    return multicastChannel(media, around, receiver);
  }

  #interleaved(channel: number, data: Uint8Array): void {
    const place = this.#byChannel.get(channel);
    if (place === undefined) return;
    if (place & 1) this.#listener.rtcp(place >> 1, data);
    else {
      this.#arrived++;
      this.#listener.rtp(place >> 1, data);
    }
  }

  /** A session id may come with any answer, and change between them. */
  #takeSession(response: RtspResponse): void {
    const session = parseSession(response.headers.get("session") ?? "");
    if (session === undefined) return;
    this.#session = session.id;
    this.#timeoutSeconds = session.timeoutSeconds ?? this.#timeoutSeconds;
  }

  #sessionFields(): HeaderField[] {
    return this.#session === "" ? [] : [["Session", this.#session]];
  }

  #keepAliveMethod(): KeepAliveMethod {
    return this.#methods.size === 0 || this.#methods.has("GET_PARAMETER") ? "GET_PARAMETER" : "OPTIONS";
  }
}
