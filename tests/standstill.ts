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
