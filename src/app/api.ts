import type { Log } from "../base/log.ts";
import { mergedPlain } from "../config/edit/plan_edits.ts";
import { configSchema } from "../config/json_schema.ts";
import { loadConfig, type LoadRequest } from "../config/load.ts";
import { ApiListener } from "../control/api/api_listener.ts";
import type { ApiPorts, SecretTools } from "../control/api/api_ports.ts";
import type { ListenPorts } from "../control/api/web_ports.ts";
import type { ConfigKeeper } from "../control/config/config_keeper.ts";
import type { PushTable } from "../control/push/push_table.ts";
import type { StreamTags } from "../control/stream/stream_tags.ts";
import type { Variables } from "../control/variables/variables.ts";
import type { LogRing } from "../control/telemetry/log_ring.ts";
import type { Telemetry } from "../control/telemetry/telemetry.ts";
import { OUTPUT_DESCRIPTORS } from "../egress/descriptors.ts";
import { PUSH_DESCRIPTORS } from "../egress/push/descriptors.ts";
import { systemClock } from "../host/clock.ts";
import { listDirectory, realPath, statFile } from "../host/files.ts";
import { equalSecrets, hmacSha256Hex, md5Hex, randomBytes, sha256Hex } from "../host/hash.ts";
import { serveHttp } from "../host/http.ts";
import { hashPassword, isPassword } from "../host/password.ts";
import { cpuMillis, processors, residentBytes } from "../host/process.ts";
import { bindUdp } from "../host/udp.ts";
import { SOURCE_DESCRIPTORS } from "../ingest/descriptors.ts";
import { cannotListen } from "./cannot_listen.ts";
import { cameraFinder } from "./camera_finder.ts";
import { configStore } from "./config_store.ts";
import { outputAddresses } from "./output_addresses.ts";
import { VERSION } from "./version.ts";

/** Longest body that the API's port takes at all; commands have a lower limit of their own. */
const BODY_MAX = 2 * 1024 * 1024;
/** The API's own commands may take half a minute. */
const IDLE_SECONDS = 60;

const secrets: SecretTools = {
  md5Hex,
  sha256Hex,
  hmacSha256Hex,
  randomBytes,
  equalSecrets,
  hashPassword,
  isPassword,
};

const listen: ListenPorts = {
  listenHttp(hostname, port, handler) {
    const common = { port, webSockets: true, maxBodyBytes: BODY_MAX, idleTimeoutSeconds: IDLE_SECONDS };
    return serveHttp(hostname === undefined ? common : { ...common, hostname }, handler).catch((failure) => {
      throw cannotListen({ hostname: hostname ?? "", port }, failure, "api.listen");
    });
  },
  bindUdp: (port, onDatagram) =>
    bindUdp({ address: "127.0.0.1", port }, onDatagram).catch((failure) => {
      throw new Error(
        `Cannot take datagrams on 127.0.0.1:${port}: another program does; end it, or set api.udp to false`,
        { cause: failure },
      );
    }),
};

const folders: ApiPorts["folders"] = {
  async realPath(path) {
    return await statFile(path) === undefined ? undefined : await realPath(path);
  },
  async list(path) {
    return (await statFile(path))?.kind === "directory" ? await listDirectory(path) : undefined;
  },
};

export interface ApiOptions {
  readonly keeper: ConfigKeeper;
  /** What the keeper loads. */
  readonly request: LoadRequest;
  readonly telemetry: Telemetry;
  readonly pushes: PushTable;
  readonly tags: StreamTags;
  readonly variables: Variables;
  readonly logs: LogRing;
  readonly log: Log;
  urls(): readonly string[];
  ready(): boolean;
  handingOver(): boolean;
  shutdown(): void;
}

/** Starts the API; a port that is taken is tried again, and keeps nothing else from running. */
export async function startApi(o: ApiOptions): Promise<{ close(): Promise<void> }> {
  const { keeper, request, telemetry } = o;
  const listener = new ApiListener({
    ...o,
    sessions: telemetry.sessions,
    streams: () => telemetry.streams(),
    written: async () => mergedPlain((await loadConfig(configStore, request)).files),
    schema: () => configSchema(SOURCE_DESCRIPTORS, PUSH_DESCRIPTORS),
    sources: SOURCE_DESCRIPTORS,
    outputs: OUTPUT_DESCRIPTORS,
    version: VERSION,
    clock: systemClock,
    secrets,
    folders,
    cameras: cameraFinder(o.log),
    machine: {
      cpuMillis,
      residentBytes,
      processors: processors(),
      load: () => ({ ...telemetry.machine, ...telemetry.limits }),
    },
    metrics: () => keeper.current.metrics.enabled ? telemetry.metrics() : undefined,
    referenceMetrics: () =>
      telemetry.referenceMetrics({
        streams: keeper.current.streams.keys(),
        bandwidth: keeper.current.limits.bandwidth,
        outputs: outputAddresses(
          OUTPUT_DESCRIPTORS,
          o.urls()[0] ?? "http://localhost",
          keeper.current.rtspServer.listen[0]?.port,
        ),
      }),
    metricsPassphrase: () => keeper.current.metrics.enabled ? keeper.current.metrics.passphrase : undefined,
  }, listen);
  await listener.configure(keeper.current.api);
  return listener;
}
