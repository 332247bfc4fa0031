import type { Clock } from "../../base/clock.ts";
import type { HeaderField } from "../../wire/protocol/rtsp/message.ts";
import type { RtspConnection } from "./connection.ts";
import { RtspError } from "./rtsp_error.ts";

/** Methods that keep a session alive. OPTIONS for those that do not list GET_PARAMETER, or break on it. */
export type KeepAliveMethod = "GET_PARAMETER" | "OPTIONS";

/** What {@link KeepAlive} needs. */
export interface KeepAliveOptions {
  readonly connection: RtspConnection;
  readonly clock: Clock;
  readonly uri: string;
  readonly method: KeepAliveMethod;
  /** The session's timeout. */
  readonly timeoutSeconds: number;
  fields(): readonly HeaderField[];
}

/** Often enough for sessions that end after 10 s, seldom enough for those that say an hour. */
const SHORTEST_MILLIS = 1000;
const LONGEST_MILLIS = 30_000;

/**
 * Asks at half the session's timeout. An error or no answer is no reason to stop while media flow: the next time the
 * other method is tried.
 */
export class KeepAlive {
  readonly #o: KeepAliveOptions;
  #method: KeepAliveMethod;
  #cancel: () => void = () => {};
  #stopped = false;
  #waiting: KeepAliveMethod | undefined;

  constructor(o: KeepAliveOptions) {
    this.#o = o;
    this.#method = o.method;
    this.#schedule();
  }

  /** The method that waits for its answer: what a camera that hangs up just then could not bear. */
  get waitingFor(): KeepAliveMethod | undefined {
    return this.#waiting;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #schedule(): void {
    const half = this.#o.timeoutSeconds * 500;
    const wait = Math.min(LONGEST_MILLIS, Math.max(SHORTEST_MILLIS, half));
    this.#cancel = this.#o.clock.after(wait, () => {
      this.#schedule();
      void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const method = this.#method;
    this.#waiting = method;
    try {
      const { status } = await this.#o.connection.request(method, this.#o.uri, this.#o.fields());
      if (status >= 300) this.#turn(method);
      this.#waiting = undefined;
    } catch (e) {
      if (!(e instanceof RtspError)) throw e;
      if (e.fault === "timeout") this.#waiting = undefined;
      this.#turn(method);
    }
  }

  #turn(failed: KeepAliveMethod): void {
    if (!this.#stopped) this.#method = failed === "OPTIONS" ? "GET_PARAMETER" : "OPTIONS";
  }
}
