import type { Log } from "../base/log.ts";
import { isAddressRange } from "../base/address_range.ts";
import type { HttpConfig } from "../config/sections/http.ts";
import { ConfigWatch } from "../control/config/config_watch.ts";
import type { HttpWorkers } from "../control/http_workers.ts";
import type { HttpListen, PublicInit } from "../control/messages.ts";
import { CertificateKeeper, type CheckedPair } from "../control/tls/certificate_keeper.ts";
import { readCertificate } from "../host/certificate.ts";
import { systemClock } from "../host/clock.ts";
import { readTextFile } from "../host/files.ts";
import { listInterfaces } from "../host/interfaces.ts";
import { isPerhapsTaken } from "../host/port_holder.ts";
import { lookupAll } from "../host/lookup.ts";
import { hostName, processors } from "../host/process.ts";
import { listenTcp } from "../host/tcp.ts";
import { ownCertificate } from "../link/tls/own_certificate.ts";
import { cannotListen } from "./cannot_listen.ts";
import { configWatchFiles } from "./config_store.ts";
import { httpListens, httpWorkerCount } from "./settings.ts";

/** How long the HTTP workers may take to listen. */
export const LISTEN_MILLIS = 10_000;
/** How often names of proxies are looked up. */
const LOOKUP_MILLIS = 60_000;
/** Interfaces between this machine and what runs inside it: nobody outside comes that way, and they come and go. */
const INSIDE = /^(?:docker|br-|veth|virbr|vnet|cni|flannel|cali|lxc|podman)/;
/** Largest file with certificates or a key. */
const PEM_MAX = 1024 * 1024;

/** What HTTP workers listen on and believe: as the configuration says it, as files and names turn out, and as both change. */
export class HttpFront {
  readonly #log: Log;
  readonly #lowLatency: () => boolean;
  readonly #certificates: CertificateKeeper;
  #config: HttpConfig;
  #listens: readonly HttpListen[] = [];
  #ports: readonly number[] = [];
  #http: HttpWorkers | undefined;
  #outputPorts: Readonly<Record<string, number>> = {};
  /** What the names of proxies were when they could be looked up last. */
  readonly #looked = new Map<string, readonly string[]>();
  #cancelLookup = () => {};
  #turn: Promise<unknown> = Promise.resolve();

  /** `state`: the folder for the certificate that the program makes itself. */
  constructor(config: HttpConfig, lowLatency: () => boolean, state: string, log: Log) {
    this.#config = config;
    this.#lowLatency = lowLatency;
    this.#log = log;
    this.#certificates = new CertificateKeeper({
      clock: systemClock,
      log,
      read: (path) => readTextFile(path, PEM_MAX),
      check: readCertificate,
      own: (names) => this.#own(`${state}/tls`, names),
      watch: (watched, changed) =>
        new ConfigWatch({ ...configWatchFiles, clock: systemClock, log }, watched, changed),
    });
    this.#certificates.onChange(() => void this.#inTurn(() => this.#apply(this.#config)));
  }

  /** `http://host:port` of every address. */
  get urls(): readonly string[] {
    return this.#listens.map((at, n) => shownUrl(at, this.#ports[n] ?? at.port));
  }

  /** What the workers begin with. Rejects when a certificate is not good, or somebody else has a port. */
  async open(
    takesOver: boolean,
  ): Promise<
    { readonly listen: readonly HttpListen[]; readonly count: number; readonly public: PublicInit }
  > {
    this.#listens = httpListens(this.#config, await this.#certificates.configure(this.#config.tls));
    // ports that are shared with workers and the next server would be shared with a stranger too
    if (!takesOver) { for (const at of this.#listens) await assertFree(at); }
    const count = httpWorkerCount(this.#config, processors());
    return { listen: this.#listens, count, public: await this.#public(this.#config) };
  }

  /** The workers listen; they are told of changes from now on. */
  started(http: HttpWorkers, ports: readonly number[]): void {
    this.#http = http;
    this.#ports = ports;
    const look = () => {
      this.#cancelLookup = systemClock.after(LOOKUP_MILLIS, () => {
        if (this.#config.proxies.some((proxy) => !isAddressRange(proxy))) {
          void this.#inTurn(async () => http.setPublic(await this.#public(this.#config)));
        }
        look();
      });
    };
    look();
  }

  /** Other outputs listen on these ports, by the scheme of their addresses: viewers are told of them. */
  setOutputPorts(ports: Readonly<Record<string, number>>): void {
    this.#outputPorts = ports;
    void this.tellWorkers();
  }

  /** What workers are told besides addresses is another now. */
  tellWorkers(): Promise<void> {
    return this.#inTurn(async () => this.#http?.setPublic(await this.#public(this.#config)));
  }

  /** Takes over a changed configuration, as far as it can be had; the rest stays as it was. */
  changed(config: HttpConfig): Promise<void> {
    return this.#inTurn(() => this.#apply(config));
  }

  close(): void {
    this.#cancelLookup();
    this.#certificates.close();
  }

  /** One after the other; what fails is said. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(run).catch((failure) => {
      this.#log.error(`${failure instanceof Error ? failure.message : String(failure)}; all stays as it was`);
    });
    this.#turn = done;
    return done;
  }

  async #apply(config: HttpConfig): Promise<void> {
    const before = this.#config;
    const pairs = config.tls === before.tls
      ? this.#certificates.current
      : await this.#certificates.configure(config.tls);
    const listens = httpListens(config, pairs);
    const ours = new Set([...this.#listens.map(({ port }) => port), ...this.#ports]);
    for (const at of listens) if (!ours.has(at.port)) await assertFree(at);
    const http = this.#http;
    if (http === undefined) return;
    const urls = this.urls.join();
    try {
      this.#ports = await http.configure(listens, httpWorkerCount(config, processors()), LISTEN_MILLIS);
    } catch (failure) {
      await this.#certificates.configure(before.tls);
      throw failure;
    }
    this.#listens = listens;
    this.#config = config;
    http.setPublic(await this.#public(config));
    if (this.urls.join() !== urls) this.#log.info(`serves at ${this.urls.join("/ ")}/ from now on`);
  }

  async #public({ proxies, publicAddress, redirect, noStreamText }: HttpConfig): Promise<PublicInit> {
    const addresses = await Promise.all(proxies.map(async (proxy) => {
      if (isAddressRange(proxy)) return [proxy];
      try {
        this.#looked.set(proxy, await lookupAll(proxy));
      } catch (failure) {
        const known = this.#looked.get(proxy);
        if (known !== undefined) return known;
        this.#log.warn(`http.proxies: ${proxy} has no address: ${String(failure)}`);
        this.#looked.set(proxy, []);
      }
      return this.#looked.get(proxy) ?? [];
    }));
    return {
      proxies: addresses.flat(),
      addresses: publicAddress,
      redirect,
      ports: this.#outputPorts,
      noStreamText,
      lowLatency: this.#lowLatency(),
    };
  }

  async #own(folder: string, more: readonly string[]): Promise<CheckedPair> {
    const host = hostName().toLowerCase();
    const known = /^[a-z0-9.-]{1,253}$/.test(host)
      ? [host, ...(host.includes(".") ? [] : [`${host}.local`])]
      : [];
    const outside = listInterfaces()
      .filter(({ name, internal, address }) => !internal && !INSIDE.test(name) && !/^fe[89ab]/i.test(address))
      .map(({ address }) => address).toSorted((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
    const shown = this.#config.publicAddress.map((address) =>
      new URL(address).hostname.replace(/^\[|\]$/g, "")
    );
    const names = [...new Set([...more, ...shown, ...known, "localhost", "127.0.0.1", "::1", ...outside])];
    const made = await ownCertificate(
      folder,
      { commonName: `fogcast on ${host}`.slice(0, 64), names },
      systemClock.wall(),
    );
    if (made.made) {
      this.#log.info(
        `made a certificate for ${names.join(", ")}: browsers warn until they are told to trust it`,
      );
    }
    if (made.unkept !== undefined) {
      this.#log.warn(`the certificate is a new one after each start: ${made.unkept}`);
    }
    const { cert, key, notAfter } = made;
    return { cert, key, notAfter, names: made.names };
  }
}

/** Throws when somebody else listens there. */
async function assertFree({ hostname, port, tls }: HttpListen): Promise<void> {
  // who asked while a probe listens would be sent away
  if (port === 0 || !isPerhapsTaken(port)) return;
  const host = hostname === "" ? {} : { host: hostname };
  const probe = await listenTcp({ ...host, port }, (connection) => {
    connection.destroy();
    return { data: () => {}, close: () => {} };
  }).catch((failure) => {
    throw cannotListen({ hostname, port }, failure, tls === undefined ? undefined : "http.tls.listen");
  });
  await probe.close();
}

function shownUrl(listen: HttpListen, port: number): string {
  const { hostname, tls } = listen;
  const everywhere = hostname === "" || hostname === "0.0.0.0" || hostname === "::";
  const host = everywhere ? "localhost" : hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${tls === undefined ? "http" : "https"}://${host}:${port}`;
}
