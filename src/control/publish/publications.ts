import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { parsePublishSource } from "../../media/publish_source.ts";
import type { ManagedStream } from "../stream/managed_stream.ts";
import type { StreamTable } from "../stream/stream_table.ts";
import { type AccessPorts, refusePublisher } from "./publish_access.ts";
import type { PublishAnswer, PublishOrder, PublishQuestion, PublishReport } from "./publish_messages.ts";
import { Publication } from "./publication.ts";

export interface PublicationsPorts extends AccessPorts {
  readonly clock: Clock;
  readonly table: Pick<StreamTable, "find">;
  logOf(stream: string): Log;
}

interface Entry {
  readonly stream: ManagedStream;
  readonly publication: Publication;
}

/** The publishers of one door's worker. */
export class Publications {
  readonly #ports: PublicationsPorts;
  readonly #post: (order: PublishOrder) => void;
  readonly #entries = new Map<number, Entry>();
  #next = 1;
  /** Of the worker; what an earlier one asked is not answered to a later one. */
  #life = 0;

  constructor(ports: PublicationsPorts, post: (order: PublishOrder) => void) {
    this.#ports = ports;
    this.#post = post;
  }

  /** Publishers now. */
  get size(): number {
    return this.#entries.size;
  }

  receive(report: PublishReport): void {
    if (report.type === "publish") {
      const life = this.#life;
      void this.#publish(report.question).then((answer) => {
        if (life === this.#life) this.#post({ type: "published", id: report.id, answer });
        else if (answer.allowed) this.#leave(answer.session);
      });
      return;
    }
    const entry = this.#entries.get(report.session);
    if (report.type === "allocate") {
      const page = entry?.stream.allocateFor(entry.publication, report.trackId, report.kind);
      this.#post({ type: "page", id: report.id, page });
    } else if (report.type === "publishing") entry?.stream.publishing(entry.publication);
    else this.#leave(report.session);
  }

  /** Ends the publishers whose session was stopped. False where there is none. */
  stop(stream: string, remote: string): boolean {
    let found = false;
    for (const { stream: of, publication } of [...this.#entries.values()]) {
      if (of.settings.name !== stream || publication.remote !== remote) continue;
      publication.end("stopped");
      found = true;
    }
    return found;
  }

  /** The worker has ended, and all its publishers with it. */
  clear(): void {
    this.#life++;
    for (const session of [...this.#entries.keys()]) this.#leave(session);
  }

  async #publish(question: PublishQuestion): Promise<PublishAnswer> {
    const { table, clock, logOf } = this.#ports;
    const { stream: asked, remote, url, protocol } = question;
    const stream = table.find({ stream: asked, remote, url, protocol });
    if ("allowed" in stream) return { allowed: false, status: stream.status, reason: stream.reason };
    const { name, url: source, limits } = stream.settings;
    const rule = parsePublishSource(source);
    if (rule === undefined) {
      return { allowed: false, status: 403, reason: "nobody may publish into this stream" };
    }
    const log = logOf(name);
    const refused = await refusePublisher(rule, question, this.#ports);
    if (refused !== undefined) {
      const what = refused.status === 401 ? "its password is missing or wrong" : refused.reason;
      if (refused.status === 403 || question.password !== "" || question.proof.kind !== "none") {
        log.warn(`${protocol} publisher from ${remote} refused: ${what}`);
      }
      return { allowed: false, ...refused };
    }
    const session = this.#next++;
    const publication = new Publication(
      question,
      clock,
      (reason) => this.#post({ type: "endPublish", session, reason }),
    );
    const opened = stream.publish(publication);
    if (typeof opened === "string") {
      log.warn(`${protocol} publisher from ${remote} refused: ${opened}`);
      return { allowed: false, status: 503, reason: opened };
    }
    this.#entries.set(session, { stream, publication });
    log.info(`${protocol} publisher from ${remote}`);
    const { page, tracks } = opened;
    return { allowed: true, session, name, page, tracks, limits, vitals: publication.vitals.shared };
  }

  #leave(session: number): void {
    const entry = this.#entries.get(session);
    if (entry === undefined) return;
    this.#entries.delete(session);
    entry.stream.unpublish(entry.publication);
  }
}
