const EVERY = 20;

/** What a job answers, and the longest that this process was kept from running meanwhile, milliseconds. */
export async function withStandstill<T>(job: () => Promise<T>): Promise<{ answer: T; standstill: number }> {
  let last = performance.now();
  let standstill = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    standstill = Math.max(standstill, now - last - EVERY);
    last = now;
  }, EVERY);
  try {
    const answer = await job();
    return { answer, standstill };
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a job that cannot succeed while the machine stands still. One that fails, and saw this process (or what it notes
 * itself) kept from running for longer than `most` milliseconds, is run again, at most `attempts` times in all.
 */
export async function undisturbed<T>(
  most: number,
  attempts: number,
  job: (note: (standstill: number) => void) => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    let longest = 0;
    const note = (standstill: number) => longest = Math.max(longest, standstill);
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      note(now - last - EVERY);
      last = now;
    }, EVERY);
    try {
      return await job(note);
    } catch (failure) {
      if (longest <= most || attempt === attempts) throw failure;
      console.log(
        `  failed while the machine stood still for ${longest.toFixed(0)} ms, once more: ${failure}`,
      );
    } finally {
      clearInterval(timer);
    }
  }
}
