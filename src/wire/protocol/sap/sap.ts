// RFC 2974: announcements of session descriptions.
import { parseAddress } from "../../../base/address_range.ts";

/** Where announcements go. */
export const SAP_PORT = 9875;
const TYPE = "application/sdp\0";
/** Bytes before the address and behind it. */
const HEADER = 4;

/** The group to announce a session in, by the scope of its own group (RFC 2974, 3; RFC 2365). */
export function sapGroup(group: string): string {
  if (/^239\.(?:19[2-5])\./.test(group)) return "239.195.255.255";
  if (group.startsWith("239.")) return "239.255.255.255";
  const scope = /^ff[0-9a-f]([0-9a-f]):/i.exec(group)?.[1];
  return scope === undefined ? "224.2.127.254" : `ff0${scope.toLowerCase()}::2:7ffe`;
}

export interface SapAnnouncement {
  /** Address of the announcer. */
  readonly source: string;
  /** Changes with each change of the description, 16 bits, not 0. */
  readonly hash: number;
  /** The session has ended. */
  readonly deletion: boolean;
  readonly description: string;
}

/** Encodes a whole datagram (RFC 2974, 6). Throws RangeError where `source` is no address. */
export function encodeSap({ source, hash, deletion, description }: SapAnnouncement): Uint8Array<ArrayBuffer> {
  const long = parseAddress(source);
  if (long === undefined) throw new RangeError(`Cannot announce from ${source}: no address`);
  const address = source.includes(":") ? long : long.subarray(12);
  const text = new TextEncoder().encode(TYPE + description);
  const out = new Uint8Array(HEADER + address.length + text.length);
  // version 1; nothing is encrypted or compressed
  out[0] = 0x20 | (address.length === 16 ? 0x10 : 0) | (deletion ? 0x04 : 0);
  out[2] = hash >> 8;
  out[3] = hash;
  out.set(address, HEADER);
  out.set(text, HEADER + address.length);
  return out;
}
