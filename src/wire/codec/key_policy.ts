/** Without a clean key frame for this long (90 kHz ticks, 10 s), pictures that are nearly as good count as key frames. */
export const WEAK_KEY_AFTER = 900_000;
/** The same at the start of a stream: 2 s. */
export const WEAK_KEY_AT_START = 180_000;

/**
 * Tells when a picture that is not a clean random access point (intra slices without IDR, the begin of a gradual
 * refresh) may stand in for one: when the stream has had none for so long that it probably has no other.
 */
export class KeyPolicy {
  #cleanAt: number | undefined;

  /** Whether weak key frames count at time `pts`. */
  weakAllowed(pts: number): boolean {
    this.#cleanAt ??= pts - (WEAK_KEY_AFTER - WEAK_KEY_AT_START);
    return Math.abs(pts - this.#cleanAt) > WEAK_KEY_AFTER;
  }

  /** A clean key frame came at `pts`. */
  clean(pts: number): void {
    this.#cleanAt = pts;
  }
}
