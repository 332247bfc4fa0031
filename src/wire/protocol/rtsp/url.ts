// RFC 2326, 3.2 and C.1.1 (control URLs), and the forms that cameras and people make of them.

/** Longest URL that is read, characters. */
export const URL_MAX = 8192;

/** An `rtsp://` or `rtsps://` URL, taken apart. */
export interface RtspUrl {
  readonly secure: boolean;
  /** Percent-decoded; empty where none is given. */
  readonly user: string;
  readonly password: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, with the leading slash where there is one. */
  readonly path: string;
}

/**
 * Takes a URL apart. A password may hold `@` and `:` unescaped; IPv6 addresses may stand without brackets (they then
 * have no port). Undefined for other schemes and where there is no host.
 */
export function parseRtspUrl(text: string): RtspUrl | undefined {
  if (text.length > URL_MAX) return undefined;
  const found = /^(rtsps?):\/\/([^/?#]*)([^#]*)/i.exec(text.trim());
  if (found === null) return undefined;
  const secure = (found[1] as string).length === 5;
  const authority = found[2] as string;
  const at = authority.lastIndexOf("@");
  const place = parsePlace(authority.slice(at + 1), secure ? 322 : 554);
  if (place === undefined) return undefined;
  const credentials = at < 0 ? "" : authority.slice(0, at);
  const colon = credentials.indexOf(":");
  return {
    secure,
    user: percentDecoded(colon < 0 ? credentials : credentials.slice(0, colon)),
    password: colon < 0 ? "" : percentDecoded(credentials.slice(colon + 1)),
    ...place,
    path: found[3] as string,
  };
}

function parsePlace(text: string, usual: number): { host: string; port: number } | undefined {
  const bracketed = /^\[([0-9a-f:.%]+)\](?::(\d{1,5}))?$/i.exec(text);
  const plain = /^([^:[\]\s]+)(?::(\d{0,5}))?$/.exec(text);
  const bare = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.exec(text);
  const host = bracketed?.[1] ?? plain?.[1] ?? bare?.[0];
  const port = Number((bracketed ?? plain)?.[2] || usual);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
}

/** A part of a URL without its escapes; a lone % that nobody escaped is meant as it stands. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (e) {
    if (e instanceof URIError) return text;
    throw e;
  }
}

/** Writes a URL without its credentials: what goes on the wire, in messages and in logs. */
export function printRtspUrl(url: RtspUrl): string {
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  const port = url.port === (url.secure ? 322 : 554) ? "" : `:${url.port}`;
  return `${url.secure ? "rtsps" : "rtsp"}://${host}${port}${url.path}`;
}

/** Path and query of an absolute URL, whatever is wrong with its beginning; undefined where it is relative. */
function pathOfAbsolute(text: string): string | undefined {
  const found = /^(?:[a-z]+:\/\/)+([^/?]*)(.*)$/i.exec(text);
  return found === null ? undefined : found[2] as string;
}

/**
 * The base that control URLs are joined to: Content-Base, else Content-Location, else the URL asked for. Only its path
 * is taken; the host is the one that answered, since cameras behind a router name one that cannot be reached. Taken as
 * well: no scheme (`192.168.1.10:554/stream0/`, Anjvision), a double one (`rtsp://rtsp://host/`), a lone path.
 */
export function baseUrl(asked: RtspUrl, contentBase: string | undefined): string {
  const text = contentBase?.trim() ?? "";
  if (text === "" || text.length > URL_MAX) return printRtspUrl(asked);
  let path = pathOfAbsolute(text);
  if (path === undefined) path = text[0] === "/" ? text : /^[^/]*(\/.*)?$/.exec(text)?.[1] ?? "";
  return printRtspUrl({ ...asked, path: path === "" ? asked.path : path });
}

/**
 * Joins a control attribute to the base. Not by RFC 3986: cameras mean "append", also behind a query
 * (`…?channel=1&subtype=0/trackID=1`, Dahua). Absolute ones keep their path and get the host that answered.
 */
export function controlUrl(asked: RtspUrl, base: string, control: string): string {
  const text = control.trim();
  if (text === "" || text === "*" || text.length > URL_MAX) return base;
  const path = pathOfAbsolute(text);
  if (path !== undefined) return printRtspUrl({ ...asked, path });
  if (text[0] === "?") return base + text;
  const slashes = (base.endsWith("/") ? 1 : 0) + (text[0] === "/" ? 1 : 0);
  if (slashes === 2) return base + text.slice(1);
  return slashes === 1 ? base + text : `${base}/${text}`;
}
