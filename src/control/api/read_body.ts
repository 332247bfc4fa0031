import { ApiFailure } from "./api_failure.ts";

/** How long a body may take to arrive, milliseconds. */
export const BODY_MILLIS = 10_000;

/** The body as text, UTF-8. Throws 413 beyond `max` bytes, 408 when it is too slow, 400 for what is no UTF-8. */
export async function readBody(request: Request, max: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > max) throw tooLong(max);
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const late = AbortSignal.timeout(BODY_MILLIS);
  const stop = () => void reader.cancel().catch(() => undefined);
  late.addEventListener("abort", stop);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (late.aborted) throw new ApiFailure(408, `the body took longer than ${BODY_MILLIS / 1000} s`);
      if (done) return text + decode(decoder, undefined);
      length += value.length;
      if (length > max) throw tooLong(max);
      text += decode(decoder, value);
    }
  } finally {
    late.removeEventListener("abort", stop);
    stop();
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw new ApiFailure(400, "expected UTF-8");
  }
}

function tooLong(max: number): ApiFailure {
  return new ApiFailure(413, `more than ${max} bytes`);
}
