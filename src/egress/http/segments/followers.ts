import { isRefusal, type Refusal, type StreamDoor, type Visit } from "../../door.ts";
import { Follower, type FollowerServices } from "./follower.ts";

/** How often a stream's viewers are reported to the controller; well below the shortest time that it waits for them. */
const TOUCH_MILLIS = 250;

interface Entry {
  /** Set once the door has answered: most requests then need not wait. */
  follower: Follower | undefined;
  opening: Promise<Follower | Refusal>;
  touchedAt: number;
}

/** The followers of this worker: one a stream, opened at the first request, shared by all later ones. */
export class Followers {
  readonly #door: StreamDoor;
  readonly #services: FollowerServices;
  readonly #entries = new Map<string, Entry>();

  constructor(door: StreamDoor, services: FollowerServices) {
    this.#door = door;
    this.#services = services;
  }

  /** Streams followed now. */
  get size(): number {
    return this.#entries.size;
  }

  /** The follower of a stream, at once if it is there, and notes that somebody wants it. */
  get(name: string, visit: () => Visit): Follower | Promise<Follower | Refusal> {
    let entry = this.#entries.get(name);
    // Pages that were given up: the controller may have new ones.
    if (entry === undefined || entry.follower?.closed === true) {
      entry = { follower: undefined, opening: this.#open(name, visit()), touchedAt: -Infinity };
      this.#entries.set(name, entry);
    }
    const { follower } = entry;
    if (follower === undefined) return entry.opening;
    this.#touch(name, entry, follower);
    return follower;
  }

  #touch(name: string, entry: Entry, follower: Follower): void {
    const now = this.#services.clock.mono();
    follower.use(now);
    if (now - entry.touchedAt < TOUCH_MILLIS) return;
    entry.touchedAt = now;
    this.#door.touch(name);
  }

  /** Ends them all. */
  close(): void {
    for (const entry of this.#entries.values()) entry.follower?.close();
  }

  async #open(name: string, visit: Visit): Promise<Follower | Refusal> {
    try {
      const opened = await this.#door.open(name, visit);
      if (isRefusal(opened)) {
        this.#entries.delete(name);
        return opened;
      }
      const entry = this.#entries.get(name);
      const follower: Follower = new Follower(opened, this.#services, () => {
        if (entry !== undefined) this.#touch(name, entry, follower);
      });
      if (entry !== undefined) entry.follower = follower;
      void this.#run(name, follower);
      return follower;
    } catch (e) {
      this.#entries.delete(name);
      throw e;
    }
  }

  async #run(name: string, follower: Follower): Promise<void> {
    try {
      await follower.run();
    } catch (e) {
      this.#services.log.error(
        `${name}: HLS stopped: ${e instanceof Error ? e.stack ?? e.message : String(e)}`,
      );
    } finally {
      follower.close();
      if (this.#entries.get(name)?.follower === follower) this.#entries.delete(name);
    }
  }
}
