import type { MonoMillis } from "../../../base/units.ts";
import type { Visitor } from "../visitors.ts";
import type { Rendition } from "./rendition.ts";

/**
 * A segment while it grows: each part is sent as soon as it is complete. `until` says how long a part is waited for;
 * when it does not come, or is gone, the answer breaks off.
 */
export function answerGrowing(
  rendition: Rendition,
  request: Request,
  msn: number,
  headers: Headers,
  until: () => MonoMillis,
  visitor: Visitor,
): Response {
  if (request.method === "HEAD") return new Response(null, { headers });
  let part = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      for (;;) {
        const verdict = rendition.judge(msn, part) ?? await rendition.mediaWaits.hold(msn, part, until());
        if (verdict === "never") return controller.close();
        const bytes = verdict === "ready" ? rendition.media(msn, part) : undefined;
        if (bytes === undefined && !rendition.isGap(msn, part)) {
          return controller.error(new Error(`part ${part} of segment ${msn} did not come`));
        }
        part++;
        if (bytes === undefined) continue;
        visitor.add(bytes.length);
        return controller.enqueue(bytes);
      }
    },
  });
  return new Response(body, { headers });
}
