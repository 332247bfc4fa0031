import type { Clock } from "../../base/clock.ts";
import { maskUrl } from "../../base/mask_url.ts";
import type { SourceState } from "../messages.ts";

/** What a condition needs of its stream. */
export interface ConditionPorts {
  readonly clock: Clock;
  /** How long what came stays worth watching. */
  windowMillis(): number;
  /** Nothing has come as yet. */
  isEmpty(): boolean;
  /** There is nothing to watch, for now. May be called again and again. */
  offline(why: string): void;
}

/** So many failed attempts in a row are more than an accident. */
const LASTING_FAILURES = 2;

/** How a stream's source is, why, and whether there is anything to watch. */
export class StreamCondition {
  readonly #ports: ConditionPorts;
  #state: "idle" | SourceState = "idle";
  #reason = "";
  /** When frames stopped coming; Infinity before they came. */
  #goneAt = Infinity;
  /** Attempts that failed one after the other. */
  #failures = 0;

  constructor(ports: ConditionPorts) {
    this.#ports = ports;
  }

  get state(): "idle" | SourceState {
    return this.#state;
  }

  /** In words, credentials masked; empty where there is none. */
  get reason(): string {
    return this.#reason;
  }

  /**
   * Why there is nothing: none has come as yet and for now none will, or what there was is older than the window.
   * Who waits for a source that begins is not sent away by its first failure: the next attempt follows at once, and
   * cameras that were let go a moment ago, or start, often need it.
   */
  get offline(): string | undefined {
    const { clock, windowMillis, isEmpty } = this.#ports;
    const off = isEmpty()
      ? this.#state === "refused" || this.#state === "waiting" && this.#failures >= LASTING_FAILURES
      : this.#state !== "online" && clock.mono() - this.#goneAt > windowMillis();
    return off ? `stream offline: ${this.#reason || "connecting again"}` : undefined;
  }

  /** `lasting`: what is said will stay so, and is no failure that the next attempt may mend. */
  say(state: "idle" | SourceState, reason: string, lasting = false): void {
    const { clock, windowMillis, isEmpty } = this.#ports;
    if (isEmpty()) this.#goneAt = Infinity;
    else if (this.#state === "online") {
      this.#goneAt = clock.mono();
      clock.after(windowMillis() + 1, () => this.#tell());
    }
    if (state === "idle" || state === "online") this.#failures = 0;
    else if (state !== "connecting") this.#failures = lasting ? LASTING_FAILURES : this.#failures + 1;
    this.#state = state;
    this.#reason = maskUrl(reason);
    this.#tell();
  }

  #tell(): void {
    const why = this.offline;
    if (why !== undefined) this.#ports.offline(why);
  }
}
