/** Where a group is. */
export interface GroupPlace {
  readonly address: string;
  readonly ports: readonly [number, number];
  readonly ttl: number;
}

export interface GroupSettings {
  /** IPv4 group that the first track gets; the next one's is one higher. */
  readonly first: string;
  /** Even; the next track's is two higher. */
  readonly firstPort: number;
  readonly ttl: number;
  /** Address of the interface that groups are sent from; the routing table's choice where it is empty. */
  readonly interface: string;
}

/** Groups at a time. */
export const GROUPS_MAX = 1024;

/** Hands out groups: each its own address and ports, those that were given back first. */
export class GroupPlaces {
  readonly #settings: GroupSettings;
  readonly #taken = new Set<number>();

  constructor(settings: GroupSettings) {
    this.#settings = settings;
  }

  /** A place that nobody has; undefined when there is none left. */
  take(): { readonly place: GroupPlace; giveBack(): void } | undefined {
    const { first, firstPort, ttl } = this.#settings;
    for (let n = 0; n < GROUPS_MAX && firstPort + 2 * n + 1 <= 65_535; n++) {
      if (this.#taken.has(n)) continue;
      this.#taken.add(n);
      const port = firstPort + 2 * n;
      return {
        place: { address: addressAfter(first, n), ports: [port, port + 1], ttl },
        giveBack: () => this.#taken.delete(n),
      };
    }
    return undefined;
  }
}

/** The IPv4 address `n` after another. */
function addressAfter(address: string, n: number): string {
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + n;
  return [24, 16, 8, 0].map((shift) => (value / 2 ** shift) & 255).join(".");
}
