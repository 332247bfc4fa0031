import { type MonoMillis, monoMillis } from "../base/units.ts";
import type { DatagramReceiver } from "./multicast_receiver.ts";
import { type IngestServices, NothingComes } from "./source.ts";

/** What has never sent is given up so early, milliseconds: nothing is lost by it, and viewers read why they wait. */
const NEVER_MILLIS = 5000;
/** Silence after which groups are joined anew, milliseconds. */
const REJOIN_AFTER = 1000;
/** How often, and how long they are left for it, milliseconds. */
const REJOIN_EVERY = 2000;
const REJOIN_GAP = 300;

/**
 * Whether datagrams come where somebody else decides to send.
 *
 * While nothing comes, groups are left and joined anew. A cable that was pulled costs the membership: switches forget
 * what stood behind it, and Linux says of IPv4 groups only when it is asked that it still wants them, which may be minutes
 * later (RFC 3376, 8.2: 125 s). The system reports a group when its first socket joins; so all streams of this machine
 * that are in a group leave it at the same times of the clock.
 */
export class Arrivals {
  readonly #silenceMillis: number;
  readonly #services: Pick<IngestServices, "log" | "arrived">;
  #begun: MonoMillis;
  #last: MonoMillis | undefined;
  #left: DatagramReceiver[] = [];
  /** When something came first. */
  first: MonoMillis | undefined;

  /** `silenceMillis`: longest silence. */
  constructor(now: MonoMillis, silenceMillis: number, services: Pick<IngestServices, "log" | "arrived">) {
    this.#begun = now;
    this.#silenceMillis = silenceMillis;
    this.#services = services;
  }

  /** Everything is open from now on. */
  begin(now: MonoMillis): void {
    this.#begun = now;
  }

  /** Something of use came. */
  came(now: MonoMillis): void {
    if (this.first === undefined) {
      this.first = now;
      this.#services.arrived?.();
    }
    this.#last = monoMillis(Math.max(now, this.#last ?? now));
  }

  /** When something came last. */
  get last(): MonoMillis | undefined {
    return this.#last;
  }

  /** To be called about every 100 ms. Throws {@link NothingComes} after too long a silence. */
  look(now: MonoMillis, receivers: () => readonly DatagramReceiver[]): void {
    const silent = now - (this.#last ?? this.#begun);
    this.#rejoin(now, silent, receivers);
    const never = this.first === undefined;
    const most = never ? Math.min(this.#silenceMillis, NEVER_MILLIS) : this.#silenceMillis;
    if (silent <= most) return;
    const seconds = Math.round(most / 100) / 10;
    throw new NothingComes(never ? `nothing comes for ${seconds} s` : `silent for ${seconds} s`);
  }

  #rejoin(now: MonoMillis, silent: number, receivers: () => readonly DatagramReceiver[]): void {
    const gap = silent > REJOIN_AFTER && now % REJOIN_EVERY < REJOIN_GAP;
    if (gap === this.#left.length > 0) return;
    if (gap) {
      // one that cannot be left, as its interface is away, is reported by the system when that is back
      this.#left = receivers().filter((r) => this.#works(() => r.leave()));
    } else this.#left = this.#left.filter((r) => !this.#works(() => r.join()));
  }

  #works(change: () => boolean | void): boolean {
    try {
      return change() !== false;
    } catch (e) {
      this.#services.log.debug(`cannot join anew: ${e instanceof Error ? e.message : String(e)}`);
      return false;
    }
  }
}
