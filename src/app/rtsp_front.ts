import type { Log, LogLevel, LogLine } from "../base/log.ts";
import type { RtspServerConfig } from "../config/sections/rtsp_server.ts";
import { DoorWorker } from "../control/publish/door_worker.ts";
import type { SessionKey } from "../control/session/session_row.ts";
import type { SessionTable } from "../control/session/session_table.ts";
import type { StreamTable } from "../control/stream/stream_table.ts";
import type { WorkerLauncher } from "../control/supervise/supervised_worker.ts";
import { systemClock } from "../host/clock.ts";
import { readTextFile } from "../host/files.ts";
import { md5Hex, sha256Hex } from "../host/hash.ts";
import { lookupAll } from "../host/lookup.ts";
import { type RtspSettings, rtspSettings } from "./rtsp_settings.ts";

/** Tells the sessions of this worker from those of HTTP workers, which are counted from 0. */
const WORKER_NUMBER = 1000;
/** How long players may take to be said goodbye to. */
const GOODBYE_MILLIS = 800;

export interface RtspFrontOptions {
  readonly launcher: WorkerLauncher;
  logLevel(): LogLevel;
  logOf(stream: string): Log;
  putLog(line: LogLine): void;
  random(): number;
  readonly table: StreamTable;
  readonly sessions: SessionTable;
  readonly admission: SharedArrayBuffer;
  /** It listens on these ports now. */
  listening(ports: readonly number[]): void;
}

/** The RTSP server as the configuration has it: a worker, or none where it listens nowhere. */
export class RtspFront {
  readonly #o: RtspFrontOptions;
  #door: DoorWorker<RtspSettings> | undefined;
  #ports: readonly number[] = [];

  constructor(options: RtspFrontOptions) {
    this.#o = options;
  }

  /** Where it listens; a port that was 0 is what the system chose. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Begins, or begins anew with what changed: players and publishers then come again. */
  async configure(config: RtspServerConfig): Promise<void> {
    await this.stop();
    if (config.listen.length === 0 && config.tls === undefined) return;
    const { logOf } = this.#o;
    const log = logOf("");
    let settings: RtspSettings;
    try {
      settings = await rtspSettings(config, readTextFile);
    } catch (failure) {
      log.error(`no RTSP: ${failure instanceof Error ? failure.message : String(failure)}`);
      return;
    }
    const door = new DoorWorker<RtspSettings>({
      ...this.#o,
      name: "rtsp",
      number: WORKER_NUMBER,
      settings,
      clock: systemClock,
      log,
      logLevel: () => this.#o.logLevel(),
      random: () => this.#o.random(),
      putLog: (line) => this.#o.putLog(line),
      logOf,
      hashes: { md5: md5Hex, sha256: sha256Hex },
      resolve: (host) => lookupAll(host).catch(() => []),
      listening: (ports) => {
        this.#ports = ports;
        this.#o.listening(ports);
        log.info(`RTSP on ${ports.length === 1 ? "port" : "ports"} ${ports.join(", ")}`);
      },
    });
    this.#door = door;
    door.start();
  }

  trackAdded(stream: string, page: SharedArrayBuffer): void {
    this.#door?.trackAdded(stream, page);
  }

  /** A stream's pages are given up, or it is offline before it had any media: `why` is for those who wait. */
  closed(stream: string, why?: string): void {
    this.#door?.closed(stream, why);
  }

  refuse(key: SessionKey, millis: number): void {
    this.#door?.refuse(key, millis);
  }

  /** Ends whoever publishes under this key. False where nobody does. */
  stopInput(key: SessionKey): boolean {
    return this.#door?.stopPublisher(key.stream, key.remote) ?? false;
  }

  logLevelChanged(): void {
    this.#door?.logLevelChanged();
  }

  async stop(): Promise<void> {
    const door = this.#door;
    this.#door = undefined;
    this.#ports = [];
    await door?.stop(GOODBYE_MILLIS);
  }
}
