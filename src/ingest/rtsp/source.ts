import type { Scope } from "../../base/scope.ts";
import type { MediaTransport } from "../../link/rtsp/media_channel.ts";
import type { KeepAliveMethod } from "../../link/rtsp/keep_alive.ts";
import { RtspError } from "../../link/rtsp/rtsp_error.ts";
import { parseRtspUrl, type RtspUrl } from "../../wire/protocol/rtsp/url.ts";
import type { FrameSink } from "../frame_sink.ts";
import { type IngestServices, optionValue, Refused, type Source, type SourceOptions } from "../source.ts";
import { type AttemptOptions, runAttempt, TransportFailed } from "./attempt.ts";
import type { WantedTracks } from "./choose_medias.ts";
import { RTSP_DESCRIPTOR } from "./descriptor.ts";

const CONNECT_MILLIS = 5000;
const REPLY_MILLIS = 10_000;
/** How long `auto` waits for the first packet before it tries the next transport. */
export const AUTO_MILLIS = 3000;

/** RTSP cameras and servers: `rtsp://`, `rtsps://`. */
export const rtspSource: Source = { descriptor: RTSP_DESCRIPTOR, run };

async function run(
  scope: Scope,
  options: SourceOptions,
  sink: FrameSink,
  services: IngestServices,
): Promise<void> {
  const url = parseRtspUrl(options.url);
  if (url === undefined) throw new Refused("source is no RTSP URL: expected rtsp://host[:port]/path");
  const place = `${url.host}:${url.port}`;
  const wish = optionValue(RTSP_DESCRIPTOR, options, "transport");
  let plan = transportsToTry(String(wish), url, services.remember.get(`rtsp transport ${place}`));
  for (;;) {
    try {
      return await runAttempt(scope, attemptOptions(options, services, url, plan), sink, services);
    } catch (e) {
      if (scope.closed) return;
      if (e instanceof RtspError && e.fault === "refused") throw new Refused(e.message);
      if (!(e instanceof TransportFailed) || e.transport === "tcp") throw e;
      plan = plan.slice(plan.indexOf(e.transport) + 1);
      const next = plan[0];
      if (next === undefined) throw e;
      services.log.info(`${e.message}: trying ${next.toUpperCase()}`);
    }
  }
}

/**
 * What `transport` comes to. `auto` begins with what worked last time. Inside TLS only interleaved media are secret, so
 * there `auto` is TCP.
 */
export function transportsToTry(
  wish: string,
  url: RtspUrl,
  remembered: string | undefined,
): MediaTransport[] {
  if (wish === "tcp" || wish === "udp" || wish === "multicast") return [wish];
  if (url.secure) return ["tcp"];
  if (remembered === "multicast") return ["multicast", "udp", "tcp"];
  return remembered === "tcp" ? ["tcp", "udp", "multicast"] : ["udp", "tcp", "multicast"];
}

function attemptOptions(
  options: SourceOptions,
  services: IngestServices,
  url: RtspUrl,
  transports: readonly MediaTransport[],
): AttemptOptions {
  const value = (name: string) => optionValue(RTSP_DESCRIPTOR, options, name);
  const place = `${url.host}:${url.port}`;
  const silenceMillis = Number(value("timeout"));
  const keepAlive = services.remember.get(`rtsp keep-alive ${place}`);
  return {
    client: {
      url,
      tlsVerify: value("tlsVerify") === true,
      userAgent: String(value("userAgent")),
      connectMillis: CONNECT_MILLIS,
      replyMillis: REPLY_MILLIS,
      ...(keepAlive === "OPTIONS" || keepAlive === "GET_PARAMETER" ? { keepAlive } : {}),
    },
    transports,
    tracks: String(value("tracks")) as WantedTracks,
    reorderMillis: Number(value("reorderMillis")),
    firstMillis: Math.min(AUTO_MILLIS, silenceMillis),
    silenceMillis,
    arrived: (transport) => services.remember.set(`rtsp transport ${place}`, transport),
    hungUp: (during: KeepAliveMethod) => {
      const other = during === "OPTIONS" ? "GET_PARAMETER" : "OPTIONS";
      services.remember.set(`rtsp keep-alive ${place}`, other);
    },
  };
}
