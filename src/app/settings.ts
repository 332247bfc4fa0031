import { maskUrl } from "../base/mask_url.ts";
import type { HttpConfig } from "../config/sections/http.ts";
import type { Config } from "../config/sections/table.ts";
import { GUARDED } from "../guardian/messages.ts";
import { env } from "../host/process.ts";
import type { HttpListen } from "../control/messages.ts";
import type { StreamSettings } from "../control/stream/managed_stream.ts";

/** The streams of the configuration as the stream table takes them. */
export function streamSettings(config: Config): StreamSettings[] {
  return [...config.streams.values()].map((stream) => ({
    name: stream.name,
    url: stream.source,
    shownUrl: maskUrl(stream.source),
    values: stream.values,
    alwaysOn: stream.alwaysOn,
    idleMillis: stream.idleMillis,
    limits: {
      segmentMillis: stream.segmentMillis,
      partMillis: stream.partMillis,
      windowMillis: stream.windowMillis,
      maxBytesPerTrack: config.buffer.maxBytesPerTrack,
    },
  }));
}

/** How many HTTP workers share the ports: half the machine's cores, at most 8, unless the configuration says. */
export function httpWorkerCount(config: HttpConfig, processors: number): number {
  return config.workers > 0 ? config.workers : Math.min(8, Math.max(1, Math.floor(processors / 2)));
}

/** Every address that HTTP workers listen on. `read` gives the text of the certificate files. */
export async function httpListens(
  config: HttpConfig,
  workers: number,
  read: (path: string) => Promise<string>,
): Promise<HttpListen[]> {
  // Under a guardian the next server shares the ports with this one during an upgrade.
  const shared = workers > 1 || env(GUARDED) === "1";
  const { http2, http3, tls } = config;
  const listens: HttpListen[] = config.listen.map((at) => ({ ...at, tls: undefined, http2, http3, shared }));
  if (tls !== undefined) {
    const pair = { cert: await read(tls.cert), key: await read(tls.key) };
    for (const at of tls.listen) listens.push({ ...at, tls: pair, http2, http3, shared });
  }
  return listens;
}
