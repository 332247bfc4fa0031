import { loadConfig } from "../config/load.ts";
import { type ListenAddress, printListenAddress } from "../config/listen_address.ts";
import type { Config } from "../config/sections/table.ts";
import { addressesOf } from "../control/api/api_listener.ts";
import { printErrorLine } from "../host/process.ts";
import { connectTcp } from "../host/tcp.ts";
import { loadRequest, printProblems } from "./config_commands.ts";
import { configStore } from "./config_store.ts";

/** How long the server may take to answer. */
const PATIENCE_MILLIS = 5000;

export interface HealthcheckOptions {
  /** Asked alone, when given. */
  readonly url: string | undefined;
  /** Where the server's configuration is; undefined: it has none but the environment. */
  readonly config: string | undefined;
}

/** `fogcast healthcheck`: 0 when the server serves viewers, 1 when not. */
export async function healthcheck({ url, config }: HealthcheckOptions): Promise<number> {
  if (url !== undefined) return await ask([url]);
  const loaded = await loadConfig(configStore, loadRequest(config, []));
  printProblems(loaded);
  return loaded.config === undefined ? 1 : await ask(healthUrls(loaded.config));
}

/** What to ask, best first: the API whether viewers are served, then the HTTP ports whether they answer; `tls:` is a handshake. */
export function healthUrls({ api, http }: Pick<Config, "api" | "http">): string[] {
  const urls = (scheme: string, listen: readonly ListenAddress[], path: string) =>
    listen.filter(({ port }) => port > 0).map((at) =>
      `${scheme}://${printListenAddress(reachable(at))}${path}`
    );
  return [
    ...urls("http", addressesOf(api), "/v1/ready"),
    ...urls("http", http.listen, "/streams.json"),
    ...urls("tls", http.tls?.listen ?? [], ""),
  ];
}

/** Asks one after the other until one knows: success is health, 503 is none; else the next is asked. */
async function ask(urls: readonly string[]): Promise<number> {
  const failures: string[] = [];
  for (const url of urls) {
    const answer = await probe(url);
    if (answer === "well") return 0;
    failures.push(`${url}: ${answer}`);
    if (answer === "503") break;
  }
  for (const failure of failures) printErrorLine(failure);
  if (failures.length === 0) printErrorLine("the configuration names no port to ask");
  return 1;
}

async function probe(url: string): Promise<string> {
  try {
    const { protocol, hostname, port } = new URL(url);
    if (protocol === "tls:") {
      // the certificate is for the viewers' name of this machine: that the server shakes hands is enough
      const host = hostname.replace(/^\[|\]$/g, "");
      const connection = await connectTcp(
        { host, port: Number(port), tls: { verify: false }, timeoutMs: PATIENCE_MILLIS },
        { data: () => {}, close: () => {} },
      );
      connection.destroy();
      return "well";
    }
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    await answer.body?.cancel();
    return answer.ok ? "well" : String(answer.status);
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure);
  }
}

/** Where this machine reaches what listens there. */
function reachable({ hostname, port }: ListenAddress): ListenAddress {
  if (hostname === "::") return { hostname: "::1", port };
  return { hostname: hostname === "" || hostname === "0.0.0.0" ? "127.0.0.1" : hostname, port };
}
