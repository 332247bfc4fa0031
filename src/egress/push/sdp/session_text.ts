import type { Track } from "../../../media/track.ts";
import { printSdp } from "../../../wire/protocol/sdp/print.ts";
import { describeMedia } from "../../../wire/protocol/sdp/track_format.ts";

export interface SessionFacts {
  readonly name: string;
  /** Stands for the session as long as it lives. */
  readonly id: number;
  /** Grows with each change. */
  readonly version: number;
  /** Address that packets come from. */
  readonly origin: string;
  /** Address that they go to. */
  readonly address: string;
  readonly multicast: boolean;
  readonly ttl: number;
  readonly tracks: readonly { readonly track: Track; readonly payloadType: number; readonly port: number }[];
}

/** The description of a session that is sent by itself, RFC 8866. */
export function describeSession(facts: SessionFacts): string {
  const { origin, address, multicast, ttl, tracks, ...session } = facts;
  const family = address.includes(":") ? "IP6" : "IP4";
  // a group of source-specific multicast is that of its sender alone, RFC 4607 and RFC 4570
  const specific = multicast && /^(?:232\.|ff3[0-9a-f]:)/i.test(address);
  return printSdp({
    ...session,
    origin,
    address,
    ...(multicast ? { ttl } : {}),
    control: "",
    attributes: [
      "tool:fogcast",
      "type:broadcast",
      ...(specific ? [`source-filter: incl IN ${family} ${address} ${origin}`] : []),
    ],
    medias: tracks.flatMap(({ track, payloadType, port }) => {
      const media = describeMedia(track, { payloadType, port, control: "" });
      return media === undefined ? [] : [{ ...media, direction: "recvonly" as const }];
    }),
  });
}

/** A group of the organisation's scope (RFC 2365, 6.2) that belongs to a stream's name: 239.192.0.0/14. */
export function groupOf(stream: string): string {
  const hash = hashOf(stream);
  const low = (hash ^ (hash >>> 18)) & 0x3ffff;
  // 239.195.255.255 is where sessions are announced
  const group = Math.min(low, 0x3fffe);
  return `239.${192 + (group >> 16)}.${(group >> 8) & 255}.${group & 255}`;
}

/**
 * The first RTP port of a stream's tracks, by its name: one of 1536 even ones from 8192 to 32 752, with room for eight
 * tracks, below those that systems give away.
 */
export function portOf(stream: string): number {
  const hash = hashOf(stream);
  return 8192 + 16 * (((hash ^ (hash >>> 16)) >>> 0) % 1536);
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
