import { type Root, ROOTS } from "./stream_visits.ts";

/** A file of a rendition as a request addresses it: `/hls/NAME/RENDITION/FILE?QUERY`, nothing of it escaped. */
export interface FileAddress {
  readonly root: Root;
  readonly name: string;
  readonly rendition: string;
  readonly file: string;
  /** Without the question mark; empty where there is none. */
  readonly query: string;
}

const PREFIXES = (Object.keys(ROOTS) as Root[]).map((root) => ({ root, path: `/${root}/` }));
/** Shortest scheme, `http://`: the first slash behind it and one more letter ends the host. */
const HOST_AT = 8;

/**
 * Takes a request's address apart where that needs no more than looking for slashes; undefined for all others, which
 * the router then looks at. Nearly all requests are of this kind, and the router takes longer than answering them.
 */
export function parseFileAddress(url: string): FileAddress | undefined {
  const path = url.indexOf("/", HOST_AT);
  if (path < 0) return undefined;
  let root: Root | undefined;
  let name = path;
  for (let n = 0; n < PREFIXES.length && root === undefined; n++) {
    const prefix = PREFIXES[n] as typeof PREFIXES[number];
    if (!url.startsWith(prefix.path, path)) continue;
    ({ root } = prefix);
    name += prefix.path.length;
  }
  if (root === undefined) return undefined;
  // escapes, and what stands for a space in a query
  if (url.includes("%", path) || url.includes("+", path)) return undefined;
  const question = url.indexOf("?", name);
  const end = question < 0 ? url.length : question;
  const rendition = url.indexOf("/", name) + 1;
  const file = url.indexOf("/", rendition) + 1;
  if (
    rendition <= name + 1 || file <= rendition + 1 || file >= end || url.lastIndexOf("/", end - 1) >= file
  ) {
    return undefined;
  }
  return {
    root,
    name: url.slice(name, rendition - 1),
    rendition: url.slice(rendition, file - 1),
    file: url.slice(file, end),
    query: question < 0 ? "" : url.slice(question + 1),
  };
}

/** The first parameter of that name in a query without escapes; empty without a value, undefined without the name. */
export function queryParameter(query: string, name: string): string | undefined {
  for (let at = 0; at < query.length;) {
    const and = query.indexOf("&", at);
    const end = and < 0 ? query.length : and;
    if (query.startsWith(name, at)) {
      const after = at + name.length;
      if (after === end) return "";
      if (query[after] === "=") return query.slice(after + 1, end);
    }
    at = end + 1;
  }
  return undefined;
}
