import { AddressRanges } from "../../base/address_range.ts";
import { fullAddress, isHost, pathPrefix } from "../../base/full_address.ts";
import type { RequestInfo } from "../../host/http_server.ts";
import type { WebSocketHandlers } from "../../host/websocket.ts";
import { clientOf, FORWARDED_TEXT_MAX, parseForwarded } from "./forwarded.ts";

/** Which proxies are believed, and under which addresses the server is known. */
export interface PublicSettings {
  /** Peers whose word counts on who is behind them. */
  readonly proxies: AddressRanges;
  /** Full addresses without a slash at the end, such as `https://cdn.example/cams`. */
  readonly addresses: readonly string[];
  /** Ports of outputs that have one of their own, by the scheme of their addresses. */
  readonly ports?: Readonly<Record<string, number>>;
  /** What players are to show where a stream does not play; empty: nothing of ours. */
  readonly noStreamText?: string;
  /** Told of a peer that is no configured proxy and sends such a header, which is not looked at. */
  ignored?(peer: string, header: string): void;
}

/** What a request's own connection tells. */
export interface Connected {
  /** Address of the client: the peer, or whom {@link clientAddress} found behind it. */
  readonly remote: string;
  /** Address of the peer, where `remote` is not it. */
  readonly peer?: string;
}

/** The part of a Request that is looked at. */
export interface PublicRequest {
  readonly url: string;
  readonly headers: Headers;
}

export interface PublicAddress {
  /** How the client reaches this server: `https://cdn.example/path`, without a slash at the end. */
  readonly base: string;
  /** Address of the client, behind configured proxies. */
  readonly remote: string;
  /** The client came over TLS. */
  readonly secure: boolean;
}

/** Proxies on the same machine are always believed. */
export const LOCAL_PROXIES = ["127.0.0.0/8", "::1"];

/** Without proxies of other machines. */
export const PUBLIC_DEFAULTS: PublicSettings = { proxies: new AddressRanges(LOCAL_PROXIES), addresses: [] };

/** Headers that only proxies are believed. */
const PROXY_HEADERS = ["x-forwarded-for", "x-real-ip", "forwarded", "x-mst-path"];

/**
 * Where the client sees this server, and who it is. From configured proxies `X-Mst-Path` counts (the full address),
 * then `publicAddress` of the configuration, then `X-Forwarded-Host`, `-Proto`, `-Port`, `-Prefix` or `Forwarded`; from
 * everybody else what the request itself says. `base` is made of harmless characters only.
 */
export function publicAddress(
  request: PublicRequest,
  info: Connected,
  settings: PublicSettings,
): PublicAddress {
  const trusted = settings.proxies.has(info.peer ?? info.remote);
  const remote = info.peer === undefined ? clientAddress(request, info, settings) : info.remote;
  const base = (trusted ? fullAddress(request.headers.get("x-mst-path") ?? "") : undefined) ??
    originOf(request, trusted, settings.addresses);
  return { base, remote, secure: base.startsWith("https:") };
}

/** Address of the client: what a configured proxy says, else the peer's own. */
export function clientAddress(
  request: PublicRequest,
  { remote }: Connected,
  settings: PublicSettings,
): string {
  const { headers } = request;
  const { proxies } = settings;
  if (!proxies.has(remote)) {
    if (settings.ignored !== undefined) {
      for (const name of PROXY_HEADERS) if (headers.has(name)) settings.ignored(remote, name);
    }
    return remote;
  }
  const isProxy = (address: string) => proxies.has(address);
  const list = headers.get("x-forwarded-for");
  if (list !== null) {
    return list.length > FORWARDED_TEXT_MAX ? remote : clientOf(list.split(","), isProxy) ?? remote;
  }
  const real = headers.get("x-real-ip");
  if (real !== null) return clientOf([real], isProxy) ?? remote;
  const forwarded = headers.get("forwarded");
  if (forwarded === null) return remote;
  const elements = parseForwarded(forwarded) ?? [];
  return clientOf(elements.map(({ client }) => client), isProxy) ?? remote;
}

function originOf(request: PublicRequest, trusted: boolean, addresses: readonly string[]): string {
  const match = /^(https?):\/\/([^/?#]+)/i.exec(request.url);
  let scheme = match?.[1]?.toLowerCase() ?? "http";
  let host = match?.[2]?.toLowerCase() ?? "localhost";
  let prefix = "";
  if (trusted) {
    const { headers } = request;
    const forwarded = headers.get("forwarded");
    // the first proxy is the one that the client spoke to
    const [first] = forwarded === null ? [] : parseForwarded(forwarded) ?? [];
    const proto = firstOf(headers.get("x-forwarded-proto")) || (first?.proto ?? "");
    if (/^(https?|wss?)$/i.test(proto)) scheme = /s$/i.test(proto) ? "https" : "http";
    const given = firstOf(headers.get("x-forwarded-host")) || (first?.host ?? "");
    const port = firstOf(headers.get("x-forwarded-port"));
    if (isHost(given)) {
      host = given.toLowerCase();
      if (/^\d{1,5}$/.test(port) && !/:\d+$/.test(host)) host += `:${port}`;
    }
    prefix = pathPrefix(firstOf(headers.get("x-forwarded-prefix"))) ?? "";
  }
  host = host.replace(scheme === "https" ? /:443$/ : /:80$/, "");
  if (addresses.length > 0) {
    return addresses.find((address) => address.split("/")[2] === host) ?? addresses[0] as string;
  }
  return `${scheme}://${isHost(host) ? host : "localhost"}${prefix}`;
}

function firstOf(header: string | null): string {
  return (header ?? "").split(",", 1)[0]?.trim() ?? "";
}

/**
 * What the connection tells of a request, with the client in the place of a proxy in front of us: `remote` is the
 * client's address, looked for when it is asked for; `peer` is the connection's.
 */
export class ClientInfo implements RequestInfo, Connected {
  readonly #request: PublicRequest;
  readonly #info: RequestInfo;
  readonly #settings: PublicSettings;
  #remote: string | undefined;

  constructor(request: PublicRequest, info: RequestInfo, settings: PublicSettings) {
    this.#request = request;
    this.#info = info;
    this.#settings = settings;
  }

  get remote(): string {
    return this.#remote ??= clientAddress(this.#request, this.#info, this.#settings);
  }

  get peer(): string {
    return this.#info.remote;
  }

  upgrade(handlers: WebSocketHandlers): Response | undefined {
    return this.#info.upgrade?.(handlers);
  }
}
