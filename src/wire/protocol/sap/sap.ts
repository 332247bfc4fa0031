// RFC 2974: announcements of session descriptions.

/** Where announcements go. */
export const SAP_PORT = 9875;
const TYPE = "application/sdp\0";
const HEADER = 8;

/** The group to announce a session in, by the scope of its own group (RFC 2974, 3; RFC 2365). */
export function sapGroup(group: string): string {
  if (/^239\.(?:19[2-5])\./.test(group)) return "239.195.255.255";
  if (group.startsWith("239.255.")) return "239.255.255.255";
  if (group.startsWith("239.")) return "239.255.255.255";
  return "224.2.127.254";
}

export interface SapAnnouncement {
  /** Address of the announcer, IPv4. */
  readonly source: string;
  /** Changes with each change of the description, 16 bits, not 0. */
  readonly hash: number;
  /** The session has ended. */
  readonly deletion: boolean;
  readonly description: string;
}

/** Encodes a whole datagram (RFC 2974, 6). */
export function encodeSap({ source, hash, deletion, description }: SapAnnouncement): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(TYPE + description);
  const out = new Uint8Array(HEADER + text.length);
  // version 1; the source is IPv4, nothing is encrypted or compressed
  out[0] = 0x20 | (deletion ? 0x04 : 0);
  out[2] = hash >> 8;
  out[3] = hash;
  source.split(".").forEach((byte, n) => out[4 + n] = Number(byte));
  out.set(text, HEADER);
  return out;
}
