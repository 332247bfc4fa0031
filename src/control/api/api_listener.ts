import type { ListenAddress } from "../../config/listen_address.ts";
import { printListenAddress } from "../../config/listen_address.ts";
import type { ApiConfig } from "../../config/sections/api.ts";
import { ApiApp } from "./api_app.ts";
import type { ApiPorts } from "./api_ports.ts";
import { isLoopback } from "./caller.ts";
import { UdpFace } from "./udp_face.ts";
import type { ListenPorts, WebServer } from "./web_ports.ts";

/** How soon a port that somebody else has is tried again: at first, and at most. Milliseconds. */
const RETRY_MILLIS = 500;
/** A port that was its own is free a moment later; nothing is said of that. */
const OWN_PORT_MILLIS = 100;
const RETRY_MAX_MILLIS = 4000;

/**
 * Listens as the configuration says, and anew when it changes. A port that is taken keeps nothing else from running: it
 * is tried again. Until there is an account, it listens on 127.0.0.1 only.
 */
export class ApiListener {
  readonly app: ApiApp;
  readonly #ports: ApiPorts;
  readonly #listen: ListenPorts;
  #servers: WebServer[] = [];
  #udp: UdpFace | undefined;
  #wanted = "";
  #cancelRetry: (() => void) | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(ports: ApiPorts, listen: ListenPorts) {
    this.#ports = ports;
    this.#listen = listen;
    this.app = new ApiApp(ports);
    ports.keeper.onChange((after, change) => {
      // not awaited: the change may come from a request that this server has to answer first
      if (change.sections.includes("api")) void this.configure(after.api);
    });
  }

  /** Ports of the addresses that are listened on now. */
  get boundPorts(): readonly number[] {
    return this.#servers.map((server) => server.port);
  }

  /** Resolves when it listens, or has failed to for now. */
  configure(config: ApiConfig): Promise<void> {
    this.#turn = this.#turn.then(() => this.#apply(config, RETRY_MILLIS));
    return this.#turn;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    this.app.close();
    await this.#stop();
  }

  async #apply(config: ApiConfig, retryMillis: number): Promise<void> {
    const addresses = addressesOf(config);
    const wanted = JSON.stringify([addresses, config.udp]);
    if (this.#closed || wanted === this.#wanted) return;
    const wasOpen = this.#servers.length > 0;
    await this.#stop();
    this.#wanted = wanted;
    try {
      await this.#start(addresses, config.udp);
      this.#say(config, addresses);
    } catch (failure) {
      await this.#stop();
      const why = failure instanceof Error ? failure.message : String(failure);
      // not at the first failure: the server before this one may be leaving
      if (retryMillis === RETRY_MILLIS * 2) {
        this.#ports.log.warn(`API: ${why}; tried again until it works`);
      }
      this.#cancelRetry = this.#ports.clock.after(wasOpen ? OWN_PORT_MILLIS : retryMillis, () => {
        const next = wasOpen ? RETRY_MILLIS : Math.min(RETRY_MAX_MILLIS, retryMillis * 2);
        this.#turn = this.#turn.then(() => this.#apply(this.#ports.keeper.current.api, next));
      });
    }
  }

  async #start(addresses: readonly ListenAddress[], udp: boolean): Promise<void> {
    for (const { hostname, port } of addresses) {
      const host = hostname === "" ? undefined : hostname;
      this.#servers.push(
        await this.#listen.listenHttp(host, port, (request, info) => this.app.answer(request, info)),
      );
    }
    const [first] = this.#servers;
    if (first === undefined) return;
    this.app.state.address = `127.0.0.1:${first.port}`;
    if (!udp) return;
    const face = new UdpFace(this.app.state);
    const socket = await this.#listen.bindUdp(
      first.port,
      (bytes, port, address) => face.receive(bytes, port, address),
    );
    face.open(socket);
    this.#udp = face;
  }

  async #stop(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#wanted = "";
    this.#udp?.close();
    this.#udp = undefined;
    const servers = this.#servers;
    this.#servers = [];
    // connections that are being answered finish; new ones are refused from here on
    for (const server of servers) void server.stop(!this.#closed);
    await Promise.resolve();
  }

  #say(config: ApiConfig, addresses: readonly ListenAddress[]): void {
    if (addresses.length === 0) return;
    const where = addresses.map((at, n) =>
      printListenAddress({ ...at, port: this.boundPorts[n] ?? at.port })
    );
    const { log } = this.#ports;
    log.info(`API on ${where.join(", ")}${config.udp ? ", and for datagrams of this machine" : ""}`);
    if (isClosedToOthers(config)) {
      log.info("the API is for this machine only until there is an account: fogcast account add");
    }
  }
}

function hasAccounts(config: ApiConfig): boolean {
  return Object.keys(config.accounts).length > 0;
}

function isClosedToOthers(config: ApiConfig): boolean {
  return !hasAccounts(config) && config.listen.some(({ hostname }) => !isLocalName(hostname));
}

function isLocalName(hostname: string): boolean {
  return hostname === "localhost" || isLoopback(hostname);
}

/** Without accounts, each address becomes the same port on 127.0.0.1. */
export function addressesOf(config: ApiConfig): ListenAddress[] {
  if (hasAccounts(config)) return [...config.listen];
  const local = config.listen.map((at) =>
    isLocalName(at.hostname) ? at : { hostname: "127.0.0.1", port: at.port }
  );
  return local.filter((at, n) =>
    at.port === 0 ||
    local.findIndex((other) => other.hostname === at.hostname && other.port === at.port) === n
  );
}
