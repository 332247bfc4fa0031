import type { PacketBatch } from "../../wire/protocol/rtp/packetize/packet_place.ts";
import type { Proof } from "../../wire/protocol/rtsp/proof.ts";

/** Who asks for what. */
export interface Asked {
  /** Path without leading slash and query, percent-decoded. */
  readonly path: string;
  /** The whole address without its credentials, for logs. */
  readonly url: string;
  /** The first value of a parameter of the address, decoded. */
  query(name: string): string | undefined;
  readonly remote: string;
  readonly userAgent: string;
  readonly proof: Proof;
}

/** A group that carries one track to all who join it. */
export interface MulticastGroup {
  readonly address: string;
  readonly ports: readonly [number, number];
  readonly ttl: number;
  /** This player leaves. */
  leave(): void;
}

/** One track of a served stream. */
export interface ServedTrack {
  /** As in the description's `a=control`, relative. */
  readonly control: string;
  /** Ticks of the RTP timestamp per second. */
  readonly clockRate: number;
  /** Sends the track to a group; undefined where that cannot be done now. */
  multicast?(): Promise<MulticastGroup | undefined>;
}

/** What a path offers. */
export interface ServedStream {
  readonly sdp: string;
  readonly tracks: readonly ServedTrack[];
}

/** Why a request is refused; 401 asks for credentials. */
export interface RtspRefusal {
  readonly status: 401 | 403 | 404 | 415 | 451 | 453 | 455 | 503;
  readonly reason: string;
}

/** A player with its tracks set up. */
export interface PlaySession {
  readonly asked: Asked;
  /** Path asked for, without leading slash and query. */
  readonly path: string;
  readonly remote: string;
  /** Tracks that were set up, counted as in `ServedStream.tracks`. */
  readonly tracks: readonly number[];
  /** What was described to the player. */
  readonly stream: ServedStream;
  /** Bytes that wait for the player to read: TCP only. */
  readonly queued: number;
  /** Whether a track goes out as datagrams, which may be lost when they come too fast. */
  isDatagram(track: number): boolean;
  /** Whether the track reaches the player through a group: nothing is to be sent to it. */
  isMulticast(track: number): boolean;
  /** Sends one RTP packet of a track with sender reports beside it; one that was not set up is dropped. */
  send(track: number, packet: Uint8Array): void;
  /** Sends packets `[from, to)` of a batch; sender reports are the caller's. Answers the bytes sent. */
  batch(track: number, batch: PacketBatch, from: number, to: number): number;
  /** Sends an RTCP compound of a track. */
  rtcp(track: number, packet: Uint8Array): void;
  /** Ends the conversation. */
  end(why: string): void;
}

/** A player that plays. */
export interface Playing {
  /** Called once, when the player is gone or pauses. */
  stop(): void;
  /** All that waited for the player was read. */
  drained?(): void;
  /** RTCP of the player about a track. */
  rtcp?(track: number, packet: Uint8Array): void;
}

/** A player that is about to play: what RTP-Info says of each track, and how it begins. */
export interface Cue {
  readonly heads: ReadonlyMap<number, { readonly sequence: number; readonly timestamp: number }>;
  /** Called when the player knows. */
  begin(): Playing;
}

/** What somebody publishes, from ANNOUNCE on. */
export interface Publishing {
  /** Control attributes by media section; empty where the section has none. */
  readonly controls: readonly string[];
  /** A section is set up, `datagrams`: over UDP. False when it cannot be read. */
  setUp(media: number, datagrams: boolean): boolean;
  /** RECORD: media come from now on. `rtcp` sends a report, `end` ends the conversation. */
  begin(o: { rtcp(media: number, packet: Uint8Array): void; end(why: string): void }): void;
  rtp(media: number, packet: Uint8Array): void;
  rtcp(media: number, packet: Uint8Array): void;
  /** Called once, when the publisher is gone. */
  stop(): void;
}

/** True for what says no. */
export function isRtspRefusal(answer: object): answer is RtspRefusal {
  return "status" in answer;
}
