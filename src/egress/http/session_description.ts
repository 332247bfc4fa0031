import type { Hono } from "hono";
import { parseStreamName } from "../../media/stream_name.ts";
import { answerWhole, bodyHeaders, refuse } from "./answers.ts";
import type { HttpBindings } from "./bindings.ts";

/**
 * `/NAME.sdp`: what describes the session that a stream sends by itself, for receivers in the same network. `describe`
 * gives its text.
 */
export function addSdpRoute(
  app: Hono<HttpBindings>,
  describe: (stream: string) => Promise<string | undefined>,
): void {
  app.get("/:file{.+\\.sdp}", async (c) => {
    const stream = parseStreamName(c.req.param("file").slice(0, -".sdp".length));
    const text = stream === undefined ? undefined : await describe(stream);
    if (text === undefined) {
      return refuse(404, "No session of such a stream is sent: it takes a push to an .sdp file");
    }
    const headers = bodyHeaders("application/sdp", "no-cache");
    return answerWhole(c.req.method === "HEAD", new TextEncoder().encode(text), headers);
  });
}
