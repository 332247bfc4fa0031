import { wallMillis } from "../../../base/units.ts";
import { isBadSelection, parseSelection } from "../../../media/select/selection.ts";
import { answerWhole, bodyHeaders, refuse, refuseForNow } from "../answers.ts";
import { firstSegments, notReady } from "../segments/context.ts";
import { PrintedManifests } from "../segments/printed.ts";
import { type Root, ROOTS, type SegmentRoutes } from "../segments/stream_visits.ts";
import { type MpdForm, printManifest, TIME_URI } from "./manifest.ts";

type Query = (name: string) => string | undefined;

const MPD = bodyHeaders("application/dash+xml", "max-age=1");
/** Parameter that keeps a player's time line whatever leaves the manifest. */
const SINCE = "since";
const TIME = bodyHeaders("text/plain", "no-store");

/** `/cmaf/NAME/index.mpd`, the same below `/dash`, and the time beside them. Segments are answered as those of HLS. */
export function addDashRoutes({ app, context, visits }: SegmentRoutes): void {
  const encoder = new TextEncoder();
  const manifests = new PrintedManifests();
  for (const root of Object.keys(ROOTS) as Root[]) {
    app.get(`/${root}/:name/index.mpd`, (c) => {
      const request = c.req.raw;
      const { search, searchParams } = new URL(request.url);
      const form = parseMpdForm((key) => c.req.query(key), searchParams, context.lowLatency());
      if (typeof form === "string") return refuse(400, form);
      return visits.answer(root, c.req.param("name"), request, c.env, async (follower) => {
        const refused = await notReady(context, follower);
        if (refused !== undefined) return refused;
        await firstSegments(context, follower);
        const printed = manifests.get(follower, search, () => printManifest(follower, form, context.clock));
        if (printed instanceof Uint8Array) return answerWhole(request.method === "HEAD", printed, MPD);
        const why = `Nothing of this stream can go out as DASH: ${printed.unplayable}`;
        return printed.pending ? refuseForNow(why) : refuse(406, why);
      });
    });
    app.get(`/${root}/:name/${TIME_URI}`, (c) => {
      const text = new Date(context.clock.wall()).toISOString();
      return answerWhole(c.req.method === "HEAD", encoder.encode(text), TIME);
    });
  }
}

/** Reads what the query asks; what is wrong with it as text. */
function parseMpdForm(query: Query, all: URLSearchParams, usual: boolean): MpdForm | string {
  const limit = query("listlimit") ?? "0";
  if (!/^[0-9]{1,5}$/.test(limit)) return "listlimit: expected a number of segments";
  const flag = (name: string, otherwise: string) => {
    const value = query(name) ?? otherwise;
    return value === "0" || value === "1" ? value === "1" : undefined;
  };
  const lowLatency = flag("llhls", usual ? "1" : "0"),
    whole = flag("nonchunked", "0"),
    byTime = flag("bytime", "0");
  const timeline = flag("timeline", "1");
  if (lowLatency === undefined) return "llhls: expected 0 or 1";
  if (whole === undefined) return "nonchunked: expected 0 or 1";
  if (timeline === undefined) return "timeline: expected 0 or 1";
  if (byTime === undefined) return "bytime: expected 0 or 1";
  const selection = parseSelection(query);
  if (isBadSelection(selection)) return selection.error;
  const since = query(SINCE);
  if (since !== undefined && !/^[0-9]{1,15}$/.test(since)) {
    return `${SINCE}: expected milliseconds since 1970`;
  }
  return {
    lowLatency: lowLatency && !whole,
    byTime,
    even: !timeline,
    limit: Number(limit),
    selection,
    since: since === undefined ? undefined : wallMillis(Number(since)),
    location(zero) {
      all.set(SINCE, String(zero));
      return `index.mpd?${all}`;
    },
  };
}
