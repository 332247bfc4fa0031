import type { HttpListen } from "../control/messages.ts";
import type { HttpServer } from "../host/http_server.ts";

interface Open {
  /** What it was opened with. */
  readonly what: string;
  readonly server: HttpServer;
  readonly secure: boolean;
}

/**
 * The addresses that one worker listens on. They may change while it runs: what stays the same stays open; where only
 * the certificate differs, the new server takes the port beside the old one, which takes no more connections and ends
 * when those that it has have ended.
 */
export class HttpListeners {
  readonly #serve: (listen: HttpListen) => Promise<HttpServer>;
  readonly #leaving = new Set<HttpServer>();
  #open = new Map<string, Open>();

  /** `serve` opens one, its port shared with others. */
  constructor(serve: (listen: HttpListen) => Promise<HttpServer>) {
    this.#serve = serve;
  }

  /** Port of the first address with TLS. */
  get securePort(): number | undefined {
    return [...this.#open.values()].find(({ secure }) => secure)?.server.port;
  }

  /** Listens on these from now on, and answers their ports. Rejects, with all as it was, when one cannot be had. */
  async configure(listens: readonly HttpListen[]): Promise<readonly number[]> {
    const next = new Map<string, Open>();
    const opened: HttpServer[] = [];
    try {
      for (const listen of listens) {
        const place = placeOf(listen, next);
        const what = JSON.stringify(listen);
        const old = this.#open.get(place);
        if (old?.what === what) next.set(place, old);
        else {
          const server = await this.#serve(old === undefined ? listen : { ...listen, port: old.server.port });
          opened.push(server);
          next.set(place, { what, server, secure: listen.tls !== undefined });
        }
      }
    } catch (failure) {
      for (const server of opened) void server.stop(false);
      throw failure;
    }
    for (const [place, { server }] of this.#open) {
      if (next.get(place)?.server === server) continue;
      this.#leaving.add(server);
      void server.stop(true).then(() => this.#leaving.delete(server));
    }
    this.#open = next;
    return [...next.values()].map(({ server }) => server.port);
  }

  /** Graceful: what is under way may end. */
  async stop(graceful: boolean): Promise<void> {
    const servers = [...this.#leaving, ...[...this.#open.values()].map(({ server }) => server)];
    await Promise.all(servers.map((server) => server.stop(graceful)));
  }
}

/** What tells one address from another, whatever its certificates. */
function placeOf(listen: HttpListen, taken: ReadonlyMap<string, unknown>): string {
  const place = `${listen.tls === undefined ? "http" : "https"}://${listen.hostname}:${listen.port}`;
  let found = place;
  for (let n = 2; taken.has(found); n++) found = `${place}#${n}`;
  return found;
}
