import type { Clock } from "../base/clock.ts";
import { httpGet } from "../host/http_get.ts";
import { Refused } from "./source.ts";

/** How long a server may take to answer, milliseconds: less than viewers wait, so that they read why nothing comes. */
const ANSWER_MILLIS = 8000;

/** The body of an answer. */
export interface HttpBody {
  readonly body: AsyncIterable<Uint8Array>;
  /** It may go on for as long as it likes from now on. */
  unlimited(): void;
}

/**
 * Asks for a URL; the owner of `abort` ends the reading. What it says of what is asked for throws {@link Refused}, other
 * failures any error.
 */
export async function openHttpBody(
  url: string,
  tlsVerify: boolean,
  abort: AbortController,
  clock: Clock,
): Promise<HttpBody> {
  const { host } = new URL(url);
  const cancel = clock.after(
    ANSWER_MILLIS,
    () => abort.abort(new Error(`${host} gives no answer in ${ANSWER_MILLIS / 1000} s`)),
  );
  abort.signal.addEventListener("abort", cancel, { once: true });
  const { status, body } = await httpGet(url, { tlsVerify, signal: abort.signal });
  if (status === 200) return { body, unlimited: cancel };
  const text = `${host} answers ${status}`;
  throw status < 500 ? new Refused(text) : new Error(text);
}
