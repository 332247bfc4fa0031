import type { BodyWriter, OpenBody } from "../../../host/body_stream.ts";
import type { ByteLog, LogEntry } from "../../live/byte_log.ts";
import type { Visitor } from "../visitors.ts";

/** Most bytes that one write takes. */
const WRITE_MAX = 256 * 1024;
/** A viewer that has been behind for so long goes on at the newest key frame. */
export const BEHIND_MILLIS = 5000;
/** One that takes nothing at all for so long is closed. */
export const STALLED_MILLIS = 30_000;

/** What a viewer tells of itself. */
export interface ViewerOwner {
  /** There is room for more. */
  wants(viewer: Viewer): void;
  /** It has gone, or was ended: nothing is to be delivered any more. */
  left(viewer: Viewer): void;
  /** It was too slow: went on at another key frame, or was closed. */
  slow(viewer: Viewer, how: "skipped" | "closed"): void;
}

/** One viewer: a place in a log, and the body that takes what lies behind it. */
export class Viewer implements BodyWriter {
  readonly #log: ByteLog;
  readonly #visitor: Visitor;
  readonly #owner: ViewerOwner;
  readonly #own: boolean;
  #body: OpenBody | undefined;
  #entry: LogEntry | undefined;
  #at = 0;
  /** When it last had everything, and when it last took something. */
  #whole: number;
  #took: number;
  #done = false;

  /** `own`: the log is there for this viewer alone, who begins with its first entry and may take its time. */
  constructor(log: ByteLog, visitor: Visitor, owner: ViewerOwner, now: number, own = false) {
    this.#log = log;
    this.#own = own;
    this.#visitor = visitor;
    this.#owner = owner;
    this.#whole = this.#took = now;
  }

  /** Bytes that lie ready for it. */
  get pending(): number {
    return this.#log.head - this.#at;
  }

  /** Gives back what it has got of a log of its own. */
  release(): void {
    if (this.#entry !== undefined) this.#log.release(this.#at, this.#body?.takes === true);
  }

  /** There is a client, who takes more. */
  get hasRoom(): boolean {
    return this.#body?.hasRoom === true;
  }

  ready(body: OpenBody): void {
    this.#body = body;
    this.#owner.wants(this);
  }

  gone(): void {
    if (this.#done) return;
    this.#done = true;
    this.#owner.left(this);
  }

  /** Ends the answer. */
  end(): void {
    if (this.#done) return;
    this.#body?.end();
    this.gone();
  }

  /** Sends what there is, as far as there is room. `ended`: nothing more will come. */
  deliver(now: number, ended: boolean): void {
    if (this.#done) return;
    if (this.#visitor.refusedUntil > now) return this.end();
    // Who is connected is there, also while nothing comes.
    this.#visitor.add(0);
    const body = this.#body;
    if (body === undefined) {
      // Who went away before the first byte is not always told of.
      if (ended || now - this.#took > STALLED_MILLIS) this.end();
      return;
    }
    if (!this.#begin(body)) {
      if (ended) this.end();
      return;
    }
    if (!this.#own && now - this.#whole > BEHIND_MILLIS && body.hasRoom) this.#catchUp(body);
    while (body.hasRoom && !this.#done) {
      const bytes = this.#log.read(this.#at, WRITE_MAX);
      if (bytes === undefined) {
        if (!this.#catchUp(body)) return this.#giveUp();
        continue;
      }
      if (bytes.length === 0) {
        this.#whole = this.#took = now;
        if (ended) this.end();
        return;
      }
      this.#at += bytes.length;
      this.#took = now;
      this.#send(body, bytes);
    }
    if (!this.#own && now - this.#took > STALLED_MILLIS) this.#giveUp();
  }

  #begin(body: OpenBody): boolean {
    if (this.#entry !== undefined) return true;
    const entry = this.#own ? this.#log.first : this.#log.entry;
    if (entry === undefined) return false;
    this.#enter(body, entry);
    return true;
  }

  /** Goes on at the newest place that a reader can begin at; false when there is none. */
  #catchUp(body: OpenBody): boolean {
    const { entry } = this.#log;
    if (entry === undefined) return this.#at >= this.#log.tail;
    if (entry.at <= this.#at) return true;
    this.#owner.slow(this, "skipped");
    this.#enter(body, entry);
    return true;
  }

  #enter(body: OpenBody, entry: LogEntry): void {
    if (this.#entry?.header !== entry.header) this.#send(body, entry.header as Uint8Array<ArrayBuffer>);
    this.#entry = entry;
    this.#at = entry.at;
  }

  #send(body: OpenBody, bytes: Uint8Array<ArrayBuffer>): void {
    body.write(bytes);
    this.#visitor.add(bytes.length);
  }

  #giveUp(): void {
    this.#owner.slow(this, "closed");
    this.end();
  }
}
