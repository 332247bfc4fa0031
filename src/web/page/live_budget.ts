/** What the budget needs of a player. */
export interface Budgeted {
  readonly playing: boolean;
  play(): void;
  stop(): void;
}

/**
 * Keeps at most some players live at once, and none that is out of sight: the one started longest ago gives way, and
 * those that left the view start again when they come back.
 */
export class LiveBudget<Player extends Budgeted> {
  readonly #most: number;
  /** Wanted by the viewer, in the order of their starts. */
  readonly #wanted = new Set<Player>();
  readonly #hidden = new Set<Player>();

  constructor(most: number) {
    this.#most = most;
  }

  /** A player was started, by the viewer or the page. */
  started(player: Player): void {
    this.#wanted.delete(player);
    this.#wanted.add(player);
    for (const other of this.#wanted) {
      if (this.#live() <= this.#most) break;
      if (other === player || !other.playing) continue;
      this.#wanted.delete(other);
      other.stop();
    }
  }

  /** The viewer or the page ended it. */
  ended(player: Player): void {
    this.#wanted.delete(player);
    this.#hidden.delete(player);
  }

  /** It came into view or left it. */
  seen(player: Player, visible: boolean): void {
    if (visible) {
      if (this.#hidden.delete(player) && this.#wanted.has(player)) {
        player.play();
      }
    } else if (this.#wanted.has(player) && player.playing) {
      this.#hidden.add(player);
      player.stop();
    }
  }

  #live(): number {
    let count = 0;
    for (const player of this.#wanted) if (player.playing) count++;
    return count;
  }
}
