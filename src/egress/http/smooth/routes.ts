import { isBadSelection, parseSelection } from "../../../media/select/selection.ts";
import { answerBytes, answerWhole, bodyHeaders, IMMUTABLE, refuse, refuseForNow } from "../answers.ts";
import { firstSegments, heldUntil, isFull, notReady, withRendition } from "../segments/context.ts";
import type { SegmentContext } from "../segments/context.ts";
import type { Follower } from "../segments/follower.ts";
import { PrintedManifests } from "../segments/printed.ts";
import type { Rendition } from "../segments/rendition.ts";
import type { SegmentRoutes } from "../segments/stream_visits.ts";
import { smoothFragment } from "./fragment.ts";
import { LOOK_AHEAD, printManifest } from "./manifest.ts";
import { inSmooth, trackOfRate } from "./quality.ts";

const MANIFEST = bodyHeaders("text/xml", "max-age=1");
const FRAGMENT = bodyHeaders("video/mp4", IMMUTABLE);
const BRIEFLY = { "cache-control": "max-age=1" };

/** `/cmaf/NAME/Manifest` and `/cmaf/NAME/QualityLevels(RATE)/Fragments(STREAM=TIME)`. */
export function addSmoothRoutes({ app, context, visits }: SegmentRoutes): void {
  const manifests = new PrintedManifests();
  app.get("/cmaf/:name/:manifest{[Mm]anifest}", (c) => {
    const request = c.req.raw;
    const selection = parseSelection((key) => c.req.query(key));
    if (isBadSelection(selection)) return refuse(400, selection.error);
    const limit = c.req.query("listlimit") ?? "0";
    if (!/^[0-9]{1,5}$/.test(limit)) return refuse(400, "listlimit: expected a number of fragments");
    return visits.answer("cmaf", c.req.param("name"), request, c.env, async (follower) => {
      const refused = await notReady(context, follower);
      if (refused !== undefined) return refused;
      await firstSegments(context, follower, LOOK_AHEAD + 1);
      const { search } = new URL(request.url);
      const printed = manifests.get(
        follower,
        search,
        () => printManifest(follower, selection, Number(limit)),
      );
      if (printed instanceof Uint8Array) return answerWhole(request.method === "HEAD", printed, MANIFEST);
      const why = `Nothing of this stream can go out as Smooth Streaming: ${printed.unplayable}`;
      return printed.pending ? refuseForNow(why) : refuse(406, why);
    });
  });
  app.get("/cmaf/:name/:quality/:fragment", (c, next) => {
    const { name, quality, fragment } = c.req.param();
    const rate = /^qualitylevels\(([0-9]{1,12})(?:,[^)]*)?\)$/i.exec(quality)?.[1];
    const time = /^fragments\([^)=]*=([0-9]{1,16})\)$/i.exec(fragment)?.[1];
    if (rate === undefined || time === undefined) return next();
    const key = String(trackOfRate(Number(rate)));
    return visits.answer(
      "cmaf",
      name,
      c.req.raw,
      c.env,
      (follower) =>
        withRendition(
          context,
          follower,
          key,
          (rendition) => answerFragment(context, follower, rendition, c.req.raw, Number(time)),
        ),
    );
  });
}

/** A fragment, when the ones that it tells of are complete. */
async function answerFragment(
  context: SegmentContext,
  follower: Follower,
  rendition: Rendition,
  request: Request,
  time: number,
): Promise<Response> {
  const track = rendition.tracks[0]?.track()?.track;
  if (track === undefined || !inSmooth(track)) return refuse(404, "There is no such stream");
  const msn = rendition.segmentAt({ time, unit: "ticks" });
  if (msn === undefined) return refuse(404, "No fragment begins then", BRIEFLY);
  if (rendition.judge(msn + LOOK_AHEAD, undefined) === undefined) {
    if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
    const verdict = await rendition.mediaWaits.hold(
      msn + LOOK_AHEAD,
      undefined,
      heldUntil(context, rendition),
    );
    if (verdict !== "ready") return refuseForNow("It was not complete in time");
  }
  const segment = rendition.segments.find((s) => s.msn === msn);
  const bytes = segment === undefined ? undefined : smoothFragment(rendition, segment);
  return bytes === undefined
    ? refuse(404, "It is gone", BRIEFLY)
    : answerBytes(request, bytes as Uint8Array<ArrayBuffer>, FRAGMENT);
}
