import { lastWords } from "./last_words.ts";

/** Of a body, in a failure's message. */
const SHOWN = 600;

/**
 * Fetches `url`. An answer with another status than `wanted` fails with its body and with what the servers of the test
 * said last; so does a request that fails itself.
 */
export async function answered(url: string | URL, wanted = 200, init: RequestInit = {}): Promise<Response> {
  const asked = performance.now();
  const after = () => `after ${((performance.now() - asked) / 1000).toFixed(2)} s`;
  let answer: Response;
  try {
    answer = await fetch(url, init);
  } catch (error) {
    throw new Error(`${url}: ${error} ${after()}${lastWords()}`, { cause: error });
  }
  if (answer.status === wanted) return answer;
  const waited = after();
  // an endless body has a beginning too
  const timer = AbortSignal.timeout(1000);
  const body = await Promise.race([
    answer.text(),
    new Promise<string>((resolve) => timer.addEventListener("abort", () => resolve("(a body without end)"))),
  ]);
  throw new Error(
    `${url}: ${answer.status} instead of ${wanted} ${waited}: ${body.slice(0, SHOWN)}${lastWords()}`,
  );
}

/** The same, and the text of the answer. */
export async function answeredText(url: string | URL, wanted = 200, init: RequestInit = {}): Promise<string> {
  return await (await answered(url, wanted, init)).text();
}
