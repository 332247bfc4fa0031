import type { OpenedStream, Refusal, StreamDoor, Visit } from "../egress/door.ts";
import type { OpenAnswer, OpenQuestion, StreamSummary } from "../control/messages.ts";
import { Questions } from "./questions.ts";

/** What a door says to the controller. */
export type DoorReport =
  | { readonly type: "open"; readonly id: number; readonly question: OpenQuestion }
  | { readonly type: "list"; readonly id: number }
  | { readonly type: "touch"; readonly stream: string };

/** What the controller says to a door. */
export type DoorOrder =
  | { readonly type: "opened"; readonly id: number; readonly answer: OpenAnswer }
  | { readonly type: "listed"; readonly id: number; readonly streams: readonly StreamSummary[] }
  | { readonly type: "track"; readonly stream: string; readonly page: SharedArrayBuffer }
  | { readonly type: "closed"; readonly stream: string; readonly why?: string };

/** The door of a worker: asks the controller, and hands pages that come later to whoever has the stream open. */
export class ControllerDoor implements StreamDoor {
  readonly #post: (report: DoorReport) => void;
  readonly #opens = new Questions<OpenAnswer>();
  readonly #lists = new Questions<readonly StreamSummary[]>();
  readonly #opened = new Map<string, Set<PageFeed>>();

  constructor(post: (report: DoorReport) => void) {
    this.#post = post;
  }

  async open(name: string, about: Visit): Promise<OpenedStream | Refusal> {
    const feed = new PageFeed();
    // Pages may follow right behind the answer: the feed must be known before the next message is handled.
    const answer = await this.#opens.ask(
      (id) => this.#post({ type: "open", id, question: { stream: name, ...about } }),
      (given) => {
        if (given.allowed) this.#feeds(given.name).add(feed);
      },
    );
    if (!answer.allowed) {
      const { status, reason, retryAfterSeconds } = answer;
      return retryAfterSeconds === undefined ? { status, reason } : { status, reason, retryAfterSeconds };
    }
    const opened = feed.opened(answer.name, answer.page, answer.tracks);
    return { ...opened, release: () => this.#release(answer.name, feed) };
  }

  touch(stream: string): void {
    this.#post({ type: "touch", stream });
  }

  /** Every configured stream. */
  list(): Promise<readonly StreamSummary[]> {
    return this.#lists.ask((id) => this.#post({ type: "list", id }));
  }

  /** The worker's owner hands on what the controller says to the door. */
  receive(order: DoorOrder): void {
    switch (order.type) {
      case "opened":
        return this.#opens.answer(order.id, order.answer);
      case "listed":
        return this.#lists.answer(order.id, order.streams);
      case "track":
        for (const feed of this.#opened.get(order.stream) ?? []) feed.add(order.page);
        return;
      case "closed":
        for (const feed of this.#feeds(order.stream)) feed.close(order.why);
        this.#opened.delete(order.stream);
        return;
    }
  }

  #release(name: string, feed: PageFeed): void {
    const feeds = this.#opened.get(name);
    feeds?.delete(feed);
    if (feeds?.size === 0) this.#opened.delete(name);
  }

  #feeds(name: string): Set<PageFeed> {
    let feeds = this.#opened.get(name);
    if (feeds === undefined) this.#opened.set(name, feeds = new Set());
    return feeds;
  }
}

/** Pages of one opened stream, as they come. */
class PageFeed {
  readonly #later: SharedArrayBuffer[] = [];
  #added: ((page: SharedArrayBuffer) => void) | undefined;
  #closedBy: ((why?: string) => void) | undefined;
  #closed: { readonly why: string | undefined } | undefined;

  add(page: SharedArrayBuffer): void {
    if (this.#added === undefined) this.#later.push(page);
    else this.#added(page);
  }

  close(why: string | undefined): void {
    this.#closed = { why };
    this.#closedBy?.(why);
  }

  opened(name: string, page: SharedArrayBuffer, tracks: readonly SharedArrayBuffer[]): OpenedStream {
    return {
      name,
      page,
      tracks,
      onTracks: (added) => {
        this.#added = added;
        for (const later of this.#later.splice(0)) added(later);
      },
      onClosed: (closed) => {
        this.#closedBy = closed;
        if (this.#closed !== undefined) closed(this.#closed.why);
      },
    };
  }
}
