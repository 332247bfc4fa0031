/** Paths as they may stand in a page, an address or a script without being anything else there. */
const PATH = /^(\/[\w.~%@+-]+)*$/;
const PATH_MAX = 256;
const HOST = /^(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** True for a name or an address (IPv6 in brackets), with or without a port. */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

/** `/cams` of `/cams/`, empty of `/`; undefined for what is no plain path. */
export function pathPrefix(text: string): string | undefined {
  const path = text.replace(/\/+$/, "");
  return path.length <= PATH_MAX && PATH.test(path) && !/\/\.{1,2}(\/|$)/.test(path) ? path : undefined;
}

/** The address without a slash at the end; undefined when it is no plain `http` or `https` address. */
export function fullAddress(text: string): string | undefined {
  const match = /^(https?):\/\/([^/?#]+)([^?#]*)$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, scheme = "", host = "", path = ""] = match;
  const prefix = pathPrefix(path);
  if (!isHost(host) || prefix === undefined) return undefined;
  return `${scheme.toLowerCase()}://${host.toLowerCase()}${prefix}`;
}
