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
import { Questions } from "./questions.ts";

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
  readonly #answers = new Questions<PublishAnswer>();
  readonly #pages = new Questions<SharedArrayBuffer | undefined>();
  readonly #ends = new Map<number, (reason: string) => void>();

  constructor(post: (report: PublishReport) => void, clock: Clock) {
    this.#post = post;
    this.#clock = clock;
  }

  /** The worker's owner hands on what the controller says about it. */
  receive(order: PublishOrder): void {
    switch (order.type) {
      case "published":
        return this.#answers.answer(order.id, order.answer);
      case "page":
        return this.#pages.answer(order.id, order.page);
      case "endPublish":
        this.#ends.get(order.session)?.(order.reason);
        return;
    }
  }

  /** Asks whether somebody may publish; the stream is theirs until `leave`. */
  async open(
    question: PublishQuestion,
  ): Promise<PublishedStream | Extract<PublishAnswer, { allowed: false }>> {
    let endedBy: string | undefined;
    // An end may follow right behind the answer: it must be heard.
    const answer = await this.#answers.ask(
      (id) => this.#post({ type: "publish", id, question }),
      (given) => {
        if (given.allowed) this.#ends.set(given.session, (reason) => endedBy = reason);
      },
    );
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
      onEnd: (run) => {
        this.#ends.set(session, run);
        if (endedBy !== undefined) run(endedBy);
      },
    };
  }

  async #allocate(session: number, trackId: number, kind: TrackKind): Promise<SharedArrayBuffer> {
    const page = await this.#pages.ask((id) => this.#post({ type: "allocate", id, session, trackId, kind }));
    if (page === undefined) throw new Error("another publisher has taken over");
    return page;
  }
}
