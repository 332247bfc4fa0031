import type { Clock } from "../base/clock.ts";
import { StreamWriter } from "../buffer/stream_writer.ts";
import type {
  PublishAnswer,
  PublishOrder,
  PublishQuestion,
  PublishReport,
} from "../control/publish/publish_messages.ts";
import { Vitals } from "../control/supervise/vitals.ts";
import type { TrackKind } from "../media/codec.ts";

/** A stream that a publisher of this worker writes. */
export interface PublishedStream {
  readonly name: string;
  readonly writer: StreamWriter;
  /** Counters of the input, as an ingest worker has them. */
  readonly vitals: Vitals;
  /** Frames come. */
  online(): void;
  /** The publisher has left; nothing is written any more. */
  leave(): void;
  /** Calls `run` when the controller ends the publisher. */
  onEnd(run: (reason: string) => void): void;
}

/** What a worker that takes publishers asks the controller, whatever protocol they speak. */
export class PublishPort {
  readonly #post: (report: PublishReport) => void;
  readonly #clock: Clock;
  readonly #asked = new Map<number, (answer: PublishAnswer) => void>();
  readonly #pages = new Map<number, (page: SharedArrayBuffer | undefined) => void>();
  readonly #ends = new Map<number, (reason: string) => void>();
  #next = 0;

  constructor(post: (report: PublishReport) => void, clock: Clock) {
    this.#post = post;
    this.#clock = clock;
  }

  /** The worker's owner hands on what the controller says about it. */
  receive(order: PublishOrder): void {
    switch (order.type) {
      case "published":
        this.#asked.get(order.id)?.(order.answer);
        this.#asked.delete(order.id);
        return;
      case "page":
        this.#pages.get(order.id)?.(order.page);
        this.#pages.delete(order.id);
        return;
      case "endPublish":
        this.#ends.get(order.session)?.(order.reason);
        return;
    }
  }

  /** Asks whether somebody may publish; the stream is theirs until `leave`. */
  async open(
    question: PublishQuestion,
  ): Promise<PublishedStream | Extract<PublishAnswer, { allowed: false }>> {
    const id = this.#next++;
    const answer = await new Promise<PublishAnswer>((resolve) => {
      // An end may follow right behind the answer: it must be heard.
      this.#asked.set(id, (given) => {
        if (given.allowed) this.#ends.set(given.session, () => {});
        resolve(given);
      });
      this.#post({ type: "publish", id, question });
    });
    if (!answer.allowed) return answer;
    const { session, name, page, tracks, limits } = answer;
    const clock = this.#clock;
    const writer = new StreamWriter({
      page,
      tracks,
      allocate: (trackId, kind) => this.#allocate(session, trackId, kind),
      settings: limits,
      now: () => clock.mono(),
      wall: () => clock.wall(),
    });
    return {
      name,
      writer,
      vitals: new Vitals(answer.vitals),
      online: () => this.#post({ type: "publishing", session }),
      leave: () => {
        if (!this.#ends.delete(session)) return;
        writer.end();
        this.#post({ type: "unpublish", session });
      },
      onEnd: (run) => void this.#ends.set(session, run),
    };
  }

  #allocate(session: number, trackId: number, kind: TrackKind): Promise<SharedArrayBuffer> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#pages.set(id, (page) => {
        if (page === undefined) reject(new Error("another publisher has taken over"));
        else resolve(page);
      });
      this.#post({ type: "allocate", id, session, trackId, kind });
    });
  }
}
