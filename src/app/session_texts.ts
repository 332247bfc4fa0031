import type { HttpOrder, HttpReport } from "../control/messages.ts";

/** Asks the controller what describes the sessions that streams send by themselves. */
export class SessionTexts {
  readonly #post: (report: HttpReport) => void;
  readonly #asked = new Map<number, (text: string | undefined) => void>();
  #next = 0;

  constructor(post: (report: HttpReport) => void) {
    this.#post = post;
  }

  /** The SDP text; undefined where the stream sends none. */
  describe(stream: string): Promise<string | undefined> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#post({ type: "describe", id, stream });
    });
  }

  receive(order: Extract<HttpOrder, { type: "described" }>): void {
    this.#asked.get(order.id)?.(order.text);
    this.#asked.delete(order.id);
  }
}
