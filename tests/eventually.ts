/** Longest wait in vain, milliseconds: far beyond what a slow machine takes, and below the limit of a test. */
const IN_VAIN = 15_000;
const EVERY = 3;

/**
 * Waits until `good` answers something, and answers that; asks it again and again. What never comes to pass fails with
 * what `told` says of the state it ended in.
 */
export async function eventually<T>(
  good: () => T | undefined | false | Promise<T | undefined | false>,
  told: () => unknown = () => "",
): Promise<T> {
  const end = performance.now() + IN_VAIN;
  for (;;) {
    const found = await good();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) {
      throw new Error(`waited ${IN_VAIN} ms in vain for ${good}: ${JSON.stringify(told())}`);
    }
    await Bun.sleep(EVERY);
  }
}
