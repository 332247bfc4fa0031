import type { Log } from "../base/log.ts";
import type { HttpWorkers } from "../control/http_workers.ts";
import {
  type HandedPushes,
  parseHandedPushes,
  printHandedPushes,
} from "../control/handover/handed_pushes.ts";
import { parseHandedTags, printHandedTags } from "../control/handover/handed_tags.ts";
import { decodeLegacy, encodeLegacy, type StreamLegacy } from "../control/handover/stream_legacy.ts";
import type { PushTable } from "../control/push/push_table.ts";
import type { StreamTable } from "../control/stream/stream_table.ts";
import type { StreamTags } from "../control/stream/stream_tags.ts";
import type { HandedStream } from "../guardian/messages.ts";
import { delay } from "../host/clock.ts";
import { readFile, removeFile, writeFile } from "../host/files.ts";
import type { RtspFront } from "./rtsp_front.ts";

/** Largest file that a stream is taken from. */
const FILE_MAX = 2 ** 31;
/** How long sources may take until they send to the new server too. */
export const READY_MILLIS = 12_000;
/** How long opening the public addresses may take. */
const LISTEN_MILLIS = 10_000;

/** The parts of a server that have something to hand over. */
export interface HandoverParts {
  readonly http: Pick<HttpWorkers, "passOn" | "passed" | "leave" | "listen">;
  readonly table: Pick<StreamTable, "running" | "release" | "held" | "adopt" | "adoptRest">;
  readonly pushes: Pick<PushTable, "rest" | "list" | "release" | "adopt">;
  readonly tags: Pick<StreamTags, "changed" | "handed" | "adopt">;
  readonly rtsp: Pick<RtspFront, "stop">;
  readonly log: Log;
}

/** A server's two parts in an upgrade: it hands its streams over to the next, or takes them from the one before. */
export class Handover {
  readonly #parts: HandoverParts;
  #givesAway = false;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** Streams that run here. */
  running(): readonly string[] {
    return this.#parts.table.running();
  }

  /** It has begun to give its streams away: what they are told here now is not told to the next server. */
  get givesAway(): boolean {
    return this.#givesAway;
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
    const { http, table, pushes, tags, rtsp, log } = this.#parts;
    const streams = this.running();
    this.#givesAway = true;
    pushes.rest();
    http.passOn(socket, streams);
    const give = async (stream: string, file: string | undefined, released: Promise<HandedPushes>) => {
      const changed = tags.handed(stream);
      handed({
        stream,
        ...(file === undefined ? {} : { file }),
        pushes: printHandedPushes(await released),
        ...(changed === undefined ? {} : { tags: printHandedTags(changed) }),
      });
    };
    await Promise.all(streams.map(async (stream, n) => {
      let file: string | undefined;
      let released: Promise<HandedPushes> | undefined;
      try {
        const legacy = await table.release(stream);
        released = pushes.release(stream);
        http.passed(stream);
        if (legacy !== undefined) await writeFile(file = `${folder}/stream-${n}`, encodeLegacy(legacy));
      } catch (failure) {
        file = undefined;
        log.error(`${stream}: cannot be handed over: ${messageOf(failure)}`);
      }
      await give(stream, file, released ?? pushes.release(stream));
    }));
    // Streams without a source of their own: tags wait there for them, and their pushes go on if they can.
    const others = new Set([...tags.changed(), ...pushes.list().map((push) => push.stream)]);
    for (const stream of streams) others.delete(stream);
    await Promise.all([...others].map((stream) => give(stream, undefined, pushes.release(stream))));
    await rtsp.stop();
  }

  /** Ends without a hurry: no more connections, and up to `millis` for what is under way. */
  leave(millis: number): Promise<void> {
    return this.#parts.http.leave(millis);
  }

  /** Waits until the sources of held streams send; answers those that do not by then. */
  async prepare(): Promise<readonly string[]> {
    const held = this.#parts.table.held();
    await Promise.race([held.ready, delay(READY_MILLIS)]);
    return held.late();
  }

  /** Takes a stream over; from nothing, where there is no file or it cannot be used. */
  async adopt({ stream, file, pushes, tags }: HandedStream): Promise<void> {
    const { table, log } = this.#parts;
    const take = (what: string, run: () => void) => {
      try {
        run();
      } catch (failure) {
        log.error(`${stream}: ${what} are not taken over: ${messageOf(failure)}`);
      }
    };
    // before its pushes, which may be those of a tag
    if (tags !== undefined) take("tags", () => this.#parts.tags.adopt(stream, parseHandedTags(tags)));
    let legacy: StreamLegacy | undefined;
    if (file !== undefined) {
      try {
        legacy = decodeLegacy(await readFile(file, FILE_MAX));
      } catch (failure) {
        log.error(`${stream}: begins afresh: ${messageOf(failure)}`);
      }
      await removeFile(file);
    }
    table.adopt(stream, legacy);
    if (pushes !== undefined) {
      take("pushes", () => this.#parts.pushes.adopt(stream, parseHandedPushes(pushes)));
    }
  }

  /** All streams are ours: opens the public addresses and answers the ports. */
  listen(): Promise<readonly number[]> {
    this.#parts.table.adoptRest();
    return this.#parts.http.listen(LISTEN_MILLIS);
  }
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
