import { isBadSelection, parseSelection } from "../../../media/select/selection.ts";
import { parseDirectives } from "../../../wire/protocol/hls/delivery_directives.ts";
import { refuse } from "../answers.ts";
import type { PlaylistAnswer } from "../segments/media_routes.ts";
import type { ContainerName } from "../segments/rendition_key.ts";
import { type Root, ROOTS, type SegmentRoutes } from "../segments/stream_visits.ts";
import type { MasterForm } from "./multivariant.ts";
import { answerMediaPlaylist, answerMultivariant } from "./playlist_answers.ts";
import { type PlaylistForm, WHOLE_FORM } from "./rendition_playlist.ts";

type Query = (name: string) => string | undefined;

/**
 * `/hls/NAME/index.m3u8` and `/hls/NAME/RENDITION/index.m3u8`, and the same below `/cmaf`. A rendition is what
 * `rendition_key.ts` reads. Gives back what answers media playlists.
 */
export function addHlsRoutes({ app, context, visits }: SegmentRoutes): PlaylistAnswer {
  const playlist: PlaylistAnswer = (root, name, key, query, request, asker) => {
    const directives = parseDirectives(query);
    if (typeof directives === "string") return refuse(400, directives);
    const form = parsePlaylistForm(query, context.lowLatency());
    if (typeof form === "string") return refuse(400, form);
    return visits.answer(
      root,
      name,
      request,
      asker,
      (follower) => answerMediaPlaylist(context, follower, key, request, directives, form),
    );
  };
  for (const root of Object.keys(ROOTS) as Root[]) {
    app.get(`/${root}/:name/index.m3u8`, (c) => {
      const request = c.req.raw;
      const form = parseMasterForm((key) => c.req.query(key), request.headers, context.lowLatency());
      if (typeof form === "string") return refuse(400, form);
      return visits.answer(
        root,
        c.req.param("name"),
        request,
        c.env,
        (follower) => answerMultivariant(context, follower, request, form),
      );
    });
    app.get(`/${root}/:name/:rendition/index.m3u8`, (c) => {
      const { name, rendition } = c.req.param();
      return playlist(root, name, rendition, (key) => c.req.query(key), c.req.raw, c.env);
    });
  }
  return playlist;
}

/** Reads `llhls` (else it is as `usual`) and `listlimit`; what is wrong with them as text. */
function parsePlaylistForm(query: Query, usual: boolean): PlaylistForm | string {
  const lowLatency = query("llhls");
  const limit = query("listlimit");
  if (usual && lowLatency === undefined && limit === undefined) return WHOLE_FORM;
  if (lowLatency !== undefined && lowLatency !== "0" && lowLatency !== "1") return "llhls: expected 0 or 1";
  if (limit !== undefined && !/^[0-9]{1,5}$/.test(limit)) return "listlimit: expected a number of segments";
  return { lowLatency: lowLatency === undefined ? usual : lowLatency === "1", limit: Number(limit ?? 0) };
}

function parseMasterForm(query: Query, headers: Headers, usual: boolean): MasterForm | string {
  const form = parsePlaylistForm(query, usual);
  if (typeof form === "string") return form;
  const container = query("container") ?? "mp4";
  if (container !== "mp4" && container !== "ts") return "container: expected mp4 or ts";
  const muxed = query("muxed") ?? "0";
  if (muxed !== "0" && muxed !== "1") return "muxed: expected 0 or 1";
  const selection = parseSelection(query);
  if (isBadSelection(selection)) return selection.error;
  const carried: string[] = [];
  // The header is the reference product's.
  const lowLatency = form.lowLatency && headers.get("x-mist-llhls") !== "0";
  if (lowLatency !== usual) carried.push(`llhls=${lowLatency ? 1 : 0}`);
  if (form.limit > 0) carried.push(`listlimit=${form.limit}`);
  return {
    container: container satisfies ContainerName,
    muxed: muxed === "1",
    selection,
    carried: carried.length === 0 ? "" : `?${carried.join("&")}`,
  };
}
