import { printErrorLine } from "../host/process.ts";

/** How long the server may take to answer. */
const PATIENCE_MILLIS = 5000;

/** `fogcast healthcheck`: 0 when the server answers with success, 1 when not. */
export async function healthcheck(url: string): Promise<number> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    await answer.body?.cancel();
    if (answer.ok) return 0;
    printErrorLine(`${url}: ${answer.status}`);
  } catch (failure) {
    printErrorLine(`${url}: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
  return 1;
}
