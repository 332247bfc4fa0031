import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Plain } from "../../config/edit/plain.ts";
import type { OutputDescriptor, SourceDescriptor } from "../../config/option.ts";
import type { JsonSchema } from "../../config/schema.ts";
import type { ConfigKeeper } from "../config/config_keeper.ts";
import type { PushTable } from "../push/push_table.ts";
import type { SessionTable } from "../session/session_table.ts";
import type { StreamTags } from "../stream/stream_tags.ts";
import type { Variables } from "../variables/variables.ts";
import type { CameraFinder } from "./camera_finder.ts";
import type { LimitsLoad } from "../limits/limits_load.ts";
import type { LogRing } from "../telemetry/log_ring.ts";
import type { MachineLoad } from "../telemetry/machine.ts";
import type { StreamStatus } from "../telemetry/stream_status.ts";

/** Hashes and random numbers, from `host/`. */
export interface SecretTools {
  md5Hex(text: string): string;
  sha256Hex(text: string): string;
  hmacSha256Hex(key: string, text: string): string;
  randomBytes(count: number): Uint8Array;
  equalSecrets(a: Uint8Array, b: Uint8Array): boolean;
  hashPassword(password: string): Promise<string>;
  isPassword(password: string, stored: string): Promise<boolean>;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
}

/** Folders of this machine. */
export interface FolderReader {
  /** The path with every link followed; undefined when nothing is there. */
  realPath(path: string): Promise<string | undefined>;
  /** Undefined when it is no folder. */
  list(path: string): Promise<readonly FolderEntry[] | undefined>;
}

/** What the API commands. */
export interface ApiPorts {
  readonly keeper: ConfigKeeper;
  /** What the configuration files say together, as it is written. */
  written(): Promise<Plain | undefined>;
  readonly schema: () => JsonSchema;
  streams(): readonly StreamStatus[];
  readonly sessions: SessionTable;
  readonly tags: Pick<StreamTags, "of" | "add" | "remove">;
  readonly pushes: Pick<PushTable, "list" | "start" | "stop" | "matching">;
  readonly variables: Pick<Variables, "list">;
  readonly logs: LogRing;
  readonly sources: readonly SourceDescriptor[];
  readonly outputs: readonly OutputDescriptor[];
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: SecretTools;
  readonly folders: FolderReader;
  readonly cameras: CameraFinder;
  readonly machine: {
    cpuMillis(): number;
    residentBytes(): number;
    readonly processors: number;
    load(): Pick<MachineLoad, "memoryTotal" | "memoryUsed" | "loadAverages"> & {
      /** Share of all processors that is busy, 0 to 1. */
      readonly cpuShare: number;
    } & Pick<LimitsLoad, "bufferUsedBytes" | "bufferBudgetBytes">;
  };
  /** Prometheus text; undefined where metrics are off. */
  metrics(): string | undefined;
  /** The same numbers as a document in the reference's shape; undefined where metrics are off. */
  referenceMetrics(): unknown;
  /** Metrics are also at this path without a login, and at it with `.json` as that document. */
  metricsPassphrase(): string | undefined;
  /** The viewers' addresses, such as `http://localhost:8080`. */
  readonly urls: () => readonly string[];
  /** False until everything runs, and again when it ends. */
  ready(): boolean;
  /** Another server is taking over. */
  handingOver(): boolean;
  /** Ends the server. */
  shutdown(): void;
}
