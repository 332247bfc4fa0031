import type { Log } from "../base/log.ts";
import type { HttpWorkers } from "../control/http_workers.ts";
import {
  type HandedPushes,
  parseHandedPushes,
  printHandedPushes,
} from "../control/handover/handed_pushes.ts";
import { decodeLegacy, encodeLegacy, type StreamLegacy } from "../control/handover/stream_legacy.ts";
import type { PushTable } from "../control/push/push_table.ts";
import type { StreamTable } from "../control/stream/stream_table.ts";
import { delay } from "../host/clock.ts";
import { readFile, removeFile, writeFile } from "../host/files.ts";
import type { RtspFront } from "./rtsp_front.ts";

/** Largest file that a stream is taken from. */
const FILE_MAX = 2 ** 31;
/** How long sources may take until they send to the new server too. */
export const READY_MILLIS = 12_000;
/** How long opening the public addresses may take. */
const LISTEN_MILLIS = 10_000;

/** A stream on its way from one server to the next. */
export interface HandedStream {
  readonly stream: string;
  /** Where its pages lie; undefined: there was nothing to hand over. */
  readonly file?: string;
  /** What it was sending by itself. */
  readonly pushes?: string;
}

/** A server's two parts in an upgrade: it hands its streams over to the next, or takes them from the one before. */
export class Handover {
  readonly #http: HttpWorkers;
  readonly #table: StreamTable;
  readonly #pushes: PushTable;
  readonly #rtsp: RtspFront;
  readonly #log: Log;

  constructor(http: HttpWorkers, table: StreamTable, pushes: PushTable, rtsp: RtspFront, log: Log) {
    this.#http = http;
    this.#table = table;
    this.#pushes = pushes;
    this.#rtsp = rtsp;
    this.#log = log;
  }

  /** Streams that run here. */
  running(): readonly string[] {
    return this.#table.running();
  }

  /**
   * Gives every stream away: each ends with its segment, and `handed` hears of it. Viewers' requests go to
   * the server at `socket` as soon as their stream is gone from here; RTSP connections end, and come again there.
   */
  async giveAway(
    socket: string,
    folder: string,
    handed: (stream: HandedStream) => void,
  ): Promise<void> {
    const streams = this.running();
    this.#pushes.rest();
    this.#http.passOn(socket, streams);
    await Promise.all(streams.map(async (stream, n) => {
      let file: string | undefined;
      let pushes: Promise<HandedPushes> | undefined;
      try {
        const legacy = await this.#table.release(stream);
        pushes = this.#pushes.release(stream);
        this.#http.passed(stream);
        if (legacy !== undefined) await writeFile(file = `${folder}/stream-${n}`, encodeLegacy(legacy));
      } catch (failure) {
        file = undefined;
        this.#log.error(`${stream}: cannot be handed over: ${messageOf(failure)}`);
      }
      handed({
        stream,
        ...(file === undefined ? {} : { file }),
        pushes: printHandedPushes(await (pushes ?? this.#pushes.release(stream))),
      });
    }));
    await this.#rtsp.stop();
  }

  /** Ends without a hurry: no more connections, and up to `millis` for what is under way. */
  leave(millis: number): Promise<void> {
    return this.#http.leave(millis);
  }

  /** Waits until the sources of held streams send; answers those that do not by then. */
  async prepare(): Promise<readonly string[]> {
    const held = this.#table.held();
    await Promise.race([held.ready, delay(READY_MILLIS)]);
    return held.late();
  }

  /** Takes a stream over; from nothing, where there is no file or it cannot be used. */
  async adopt({ stream, file, pushes }: HandedStream): Promise<void> {
    let legacy: StreamLegacy | undefined;
    if (file !== undefined) {
      try {
        legacy = decodeLegacy(await readFile(file, FILE_MAX));
      } catch (failure) {
        this.#log.error(`${stream}: begins afresh: ${messageOf(failure)}`);
      }
      await removeFile(file);
    }
    this.#table.adopt(stream, legacy);
    if (pushes === undefined) return;
    try {
      this.#pushes.adopt(stream, parseHandedPushes(pushes));
    } catch (failure) {
      this.#log.error(`${stream}: pushes are not taken over: ${messageOf(failure)}`);
    }
  }

  /** All streams are ours: opens the public addresses and answers the ports. */
  listen(): Promise<readonly number[]> {
    this.#table.adoptRest();
    return this.#http.listen(LISTEN_MILLIS);
  }
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
