import { refuse } from "../answers.ts";
import { parseFileAddress, queryParameter } from "./address.ts";
import { answerInit, answerMedia, type MediaName, parseMediaName } from "./media_answers.ts";
import { type Asker, type Root, ROOTS, type SegmentRoutes } from "./stream_visits.ts";

/** Answers a media playlist: `query` gives parameters. */
export type PlaylistAnswer = (
  root: Root,
  name: string | undefined,
  key: string,
  query: (name: string) => string | undefined,
  request: Request,
  asker: Asker,
) => Response | Promise<Response>;

/**
 * `/hls/NAME/RENDITION/FILE`, and the same below `/cmaf` and `/dash`. Gives back a short way to the same answers, and to
 * media playlists, for plain GET requests; undefined where the router has to look.
 */
export function addMediaRoutes(
  { app, context, visits }: SegmentRoutes,
  playlist: PlaylistAnswer,
): (request: Request, asker: Asker) => Response | Promise<Response> | undefined {
  const media = (
    root: Root,
    name: string | undefined,
    key: string,
    wanted: MediaName,
    request: Request,
    asker: Asker,
  ) =>
    visits.answer(root, name, request, asker, (follower, visitor) => {
      if ("init" in wanted) return answerInit(context, follower, key, request, wanted.init);
      return answerMedia(context, follower, key, request, wanted, visitor);
    });
  for (const root of Object.keys(ROOTS) as Root[]) {
    app.get(`/${root}/:name/:rendition/:file`, (c) => {
      const { name, rendition, file } = c.req.param();
      const wanted = parseMediaName(file);
      if (wanted === undefined) return refuse(404, "There is nothing here");
      return media(root, name, rendition, wanted, c.req.raw, c.env);
    });
  }
  return (request, asker) => {
    const address = request.method === "GET" ? parseFileAddress(request.url) : undefined;
    if (address === undefined) return undefined;
    const { root, name, rendition, file, query } = address;
    if (file === "index.m3u8") {
      return playlist(root, name, rendition, (key) => queryParameter(query, key), request, asker);
    }
    const wanted = parseMediaName(file);
    return wanted === undefined ? undefined : media(root, name, rendition, wanted, request, asker);
  };
}
