import type { Clock } from "../../base/clock.ts";
import { Vitals } from "../supervise/vitals.ts";

/** A publisher that sent nothing for so long makes room for another one, milliseconds. */
export const SILENT_MILLIS = 2000;

/** One publisher of one stream. */
export class Publication {
  readonly vitals = Vitals.create();
  readonly remote: string;
  /** `push://ADDRESS`, with the protocol for listings. */
  readonly shownUrl: string;
  #online = false;
  #ended = false;
  readonly #since: number;
  readonly #clock: Clock;
  readonly #end: (reason: string) => void;

  /** `end` tells the publisher's worker; it is called at most once. */
  constructor(
    who: { readonly remote: string; readonly protocol: string },
    clock: Clock,
    end: (reason: string) => void,
  ) {
    this.remote = who.remote;
    const host = who.remote.includes(":") ? `[${who.remote}]` : who.remote;
    this.shownUrl = `${who.protocol.toLowerCase()}://${host}`;
    this.#clock = clock;
    this.#since = clock.mono();
    this.#end = end;
  }

  /** Frames have come. */
  get online(): boolean {
    return this.#online;
  }

  set online(on: boolean) {
    this.#online = on;
  }

  /** Nothing has come for {@link SILENT_MILLIS}. */
  get silent(): boolean {
    return this.#clock.mono() - Math.max(this.#since, this.vitals.get("inputAt")) > SILENT_MILLIS;
  }

  /** Ends it from here. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end(reason);
  }
}
