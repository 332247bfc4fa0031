import type { Clock } from "../../../base/clock.ts";
import { baseOf } from "../../../media/stream_name.ts";
import type { StreamListEntry } from "../../door.ts";

/** How old an answer of the controller may be, milliseconds. */
const FRESH_MILLIS = 400;

/** States of streams as the controller has them, asked for at most every so often however many want to know. */
export class StreamStates {
  readonly #list: () => Promise<readonly StreamListEntry[]>;
  readonly #clock: Clock;
  #asked: Promise<readonly StreamListEntry[]> | undefined;
  #askedAt = -Infinity;

  constructor(list: () => Promise<readonly StreamListEntry[]>, clock: Clock) {
    this.#list = list;
    this.#clock = clock;
  }

  /** The state of a stream; undefined when there is no such stream. One of a base that nobody has asked for is idle. */
  async get(name: string): Promise<Pick<StreamListEntry, "state" | "reason"> | undefined> {
    const now = this.#clock.mono();
    if (this.#asked === undefined || now - this.#askedAt > FRESH_MILLIS) {
      this.#askedAt = now;
      this.#asked = this.#list();
      this.#asked.catch(() => this.#asked = undefined);
    }
    const all = await this.#asked;
    const own = all.find((entry) => entry.name === name);
    if (own !== undefined) return own;
    const base = baseOf(name);
    return base !== name && all.some((entry) => entry.name === base)
      ? { state: "idle", reason: "" }
      : undefined;
  }
}
