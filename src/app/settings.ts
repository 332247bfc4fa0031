import { maskUrl } from "../base/mask_url.ts";
import type { HttpConfig } from "../config/sections/http.ts";
import type { Config } from "../config/sections/table.ts";
import type { CertificatePair, HttpListen } from "../control/messages.ts";
import type { StreamSettings } from "../control/stream/managed_stream.ts";

/** The streams of the configuration as the stream table takes them. */
export function streamSettings(config: Config): StreamSettings[] {
  return [...config.streams.values()].map((stream) => ({
    name: stream.name,
    url: stream.source,
    shownUrl: shownSource(stream.source),
    values: stream.values,
    alwaysOn: stream.alwaysOn,
    idleMillis: stream.idleMillis,
    rtspPassword: stream.rtspPassword,
    limits: {
      segmentMillis: stream.segmentMillis,
      partMillis: stream.partMillis,
      windowMillis: stream.windowMillis,
      maxBytesPerTrack: config.buffer.maxBytesPerTrack,
    },
  }));
}

/** A source as logs and callers of the API may see it: of a command its program only, because anything may stand in its words. */
export function shownSource(source: string): string {
  const command = /^ts-exec:\s*[^\s"'=]+(?=\s|$)/i.exec(source);
  if (command !== null) return command[0] === source ? source : `${command[0]} …`;
  return /^ts-exec:/i.test(source) ? "ts-exec:…" : maskUrl(source);
}

/** How many HTTP workers share the ports: half the machine's cores, at most 8, unless the configuration says. */
export function httpWorkerCount(config: HttpConfig, processors: number): number {
  return config.workers > 0 ? config.workers : Math.min(8, Math.max(1, Math.floor(processors / 2)));
}

/** Every address that HTTP workers listen on. `certificates`: those of TLS, the first for clients that name none. */
export function httpListens(
  { listen, tls, http2, http3 }: HttpConfig,
  certificates: readonly CertificatePair[],
): HttpListen[] {
  const listens: HttpListen[] = listen.map((at) => ({ ...at, tls: undefined, http2, http3 }));
  for (const at of tls?.listen ?? []) listens.push({ ...at, tls: certificates, http2, http3 });
  return listens;
}
