import { maskUrl } from "../../base/mask_url.ts";
import type { ApiState } from "./api_state.ts";
import type { EventFeed, FeedListener } from "./event_feed.ts";

/** A comment is sent after so long, so that nothing on the way takes the connection for dead. Milliseconds. */
const KEEP_ALIVE_MILLIS = 15_000;
/** Chunks that may wait for a slow reader; beyond that its stream ends, and it connects anew. */
const QUEUE_MAX = 1000;

/** `GET /v1/events`: server-sent events `log`, `stream` and `session` (HTML standard, 9.2). Throws 503. */
export function serveEvents(api: ApiState, feed: EventFeed, signal: AbortSignal): Response {
  const encoder = new TextEncoder();
  let gone = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let cancelPing = () => {};
      let done = false;
      gone = () => {
        done = true;
        cancelPing();
        leave();
      };
      const end = () => {
        if (done) return;
        gone();
        controller.close();
      };
      const send = (text: string) => {
        if (done) return;
        if ((controller.desiredSize ?? 0) < -QUEUE_MAX) end();
        else controller.enqueue(encoder.encode(text));
      };
      const event = (name: string, data: unknown) =>
        send(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      const listener: FeedListener = {
        log: (line) => event("log", { ...line, message: maskUrl(line.message) }),
        stream: ({ name, state, reason, viewers, inputs, outputs }, gone) =>
          event("stream", { name, state: gone ? "gone" : state, reason, viewers, inputs, outputs }),
        session: (what, row) => event("session", { what, ...row }),
        end,
      };
      const leave = feed.listen(listener);
      const ping = () => {
        cancelPing = api.ports.clock.after(KEEP_ALIVE_MILLIS, () => {
          send(":\n\n");
          ping();
        });
      };
      send("retry: 1000\n\n");
      ping();
      signal.addEventListener("abort", end, { once: true });
    },
    cancel: () => gone(),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no" },
  });
}
