import { bodyHeaders } from "./answers.ts";
import { type Connected, publicAddress, type PublicRequest, type PublicSettings } from "./public_address.ts";

/** Our own folders: a public path of that name cannot be told from them, and is left as it is. */
const OURS = /^\/(?:hls|cmaf|webrtc|whip|whep|static)(?:\/|$)/;
/** Headers by which a proxy tells the path. */
const TOLD = ["x-mst-path", "x-forwarded-prefix"];

/**
 * The path that the client sees before ours, such as `/cams`; empty where there is none. Looks at nothing where no
 * believed proxy tells one, and none is configured.
 */
function publicPath(request: PublicRequest, info: Connected, settings: PublicSettings): string {
  const { proxies, addresses } = settings;
  const told = TOLD.some((name) => request.headers.has(name)) && proxies.has(info.peer ?? info.remote);
  if (!told && addresses.length === 0) return "";
  const { base } = publicAddress(request, info, settings);
  const path = base.slice(base.indexOf("/", base.indexOf("://") + 3));
  return path.startsWith("/") && !OURS.test(path) ? path : "";
}

/**
 * Undoes a proxy that leaves the public path before ours (Apache and nginx take it away, lighttpd by default does not).
 * Answers the request as we know it; an answer, where the path lacks its slash at the end; undefined, where nothing has
 * to be done.
 */
export function withoutPublicPath(
  request: Request,
  info: Connected,
  settings: PublicSettings,
): Request | Response | undefined {
  const prefix = publicPath(request, info, settings);
  if (prefix === "") return undefined;
  const { url } = request;
  const at = url.indexOf("/", url.indexOf("://") + 3);
  if (at < 0 || !url.startsWith(prefix, at)) return undefined;
  const rest = url.slice(at + prefix.length);
  if (rest.startsWith("/")) return new Request(url.slice(0, at) + rest, request);
  if (rest !== "" && !rest.startsWith("?")) return undefined;
  const { base } = publicAddress(request, info, settings);
  return new Response(null, {
    status: 307,
    headers: { ...bodyHeaders("text/plain", "no-store"), location: `${base}/${rest}` },
  });
}
