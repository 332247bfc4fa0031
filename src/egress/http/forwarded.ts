import { parseAddress } from "../../base/address_range.ts";

/** Addresses looked at in one header: longer lists are no honest chain of proxies. */
const FORWARDED_MAX = 32;
/** Longest header that is looked at, characters. */
export const FORWARDED_TEXT_MAX = 4096;

/** RFC 7239, 4: one proxy's word on the connection that it took. */
export interface ForwardedElement {
  /** `for`: who connected to it; an address, `unknown` or a name of its own. */
  readonly client: string;
  readonly host: string;
  readonly proto: string;
}

/** The address in `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]:80`, `2001:db8::1`; undefined where there is none. */
export function nodeAddress(node: string): string | undefined {
  const text = node.trim();
  const match = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? /^([0-9.]+):\d{1,5}$/.exec(text);
  const address = (match === null ? text : match[1] as string).toLowerCase();
  if (parseAddress(address) === undefined) return undefined;
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** Elements of a `Forwarded` header, first proxy first; undefined when it does not keep to RFC 7239. */
export function parseForwarded(header: string): readonly ForwardedElement[] | undefined {
  if (header.length > FORWARDED_TEXT_MAX) return undefined;
  const elements: ForwardedElement[] = [];
  let element = { client: "", host: "", proto: "" };
  const pair = /\s*([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]*))\s*([;,]|$)/y;
  while (pair.lastIndex < header.length) {
    const match = pair.exec(header);
    if (match === null) return undefined;
    const [, name = "", quoted, plain = "", end] = match;
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
    switch (name.toLowerCase()) {
      case "for":
        element.client = value;
        break;
      case "host":
        element.host = value;
        break;
      case "proto":
        element.proto = value;
        break;
    }
    if (end === ";") continue;
    elements.push(element);
    if (elements.length > FORWARDED_MAX) return undefined;
    element = { client: "", host: "", proto: "" };
  }
  return elements;
}

/**
 * Who is behind the proxies: the last in a list that is no proxy of ours. Whoever sends a list may have written its
 * beginning, so what stands before the first stranger is not looked at. Undefined where nothing is known.
 */
export function clientOf(
  nodes: readonly string[],
  isProxy: (address: string) => boolean,
): string | undefined {
  let client: string | undefined;
  for (let n = nodes.length - 1; n >= Math.max(0, nodes.length - FORWARDED_MAX); n--) {
    const address = nodeAddress(nodes[n] as string);
    if (address === undefined) return client;
    client = address;
    if (!isProxy(address)) return client;
  }
  return client;
}
