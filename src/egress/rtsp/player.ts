import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Visitor } from "../http/visitors.ts";
import type { Cue, Playing, PlaySession } from "../../link/rtsp/served.ts";
import { decodeRtcp } from "../../wire/protocol/rtcp/packet.ts";
import type { Feed } from "./feed.ts";
import { Reception } from "./reception.ts";
import type { Receiver, SharedStream } from "./shared_stream.ts";
import type { SharedTrack } from "./shared_track.ts";

export interface PlayerOptions {
  readonly visitor: Visitor;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends a track to its group from now on. */
  beginGroup(track: SharedTrack): void;
  gone(player: Player): void;
}

/** One player's way into a shared stream. */
export class Player implements Playing, Cue, Receiver {
  readonly heads = new Map<number, { readonly sequence: number; readonly timestamp: number }>();
  readonly #session: PlaySession;
  readonly #stream: SharedStream;
  readonly #visitor: Visitor;
  readonly #log: Log;
  /** By number in the session. */
  readonly #receptions = new Map<number, Reception>();
  readonly #feeds: (readonly [SharedTrack, Feed])[] = [];
  readonly #numbers = new Map<SharedTrack, number>();
  readonly #grouped: SharedTrack[] = [];
  readonly #o: PlayerOptions;
  #bytes = 0;
  /** Packets that were accounted for: sent, and lost. */
  #accounted: readonly [number, number] = [0, 0];
  #stopped = false;

  /** `tracks`: those that were set up, with their numbers in the session. */
  constructor(
    session: PlaySession,
    stream: SharedStream,
    tracks: readonly (readonly [number, SharedTrack])[],
    o: PlayerOptions,
  ) {
    this.#session = session;
    this.#stream = stream;
    this.#visitor = o.visitor;
    this.#log = o.log;
    this.#o = o;
    for (const [number, track] of tracks) {
      // Its packets come by the group.
      if (session.isMulticast(number)) {
        this.#grouped.push(track);
        continue;
      }
      const reception = new Reception(track.source);
      this.#receptions.set(number, reception);
      const feed = stream.feed(track, {
        get queued() {
          return session.queued;
        },
        datagrams: session.isDatagram(number),
        batch: (batch, from, to) => {
          reception.packets += to - from;
          this.#bytes += session.batch(number, batch, from, to);
        },
      });
      this.#feeds.push([track, feed]);
      this.#numbers.set(track, number);
      this.heads.set(number, feed.head);
    }
  }

  get visitor(): Visitor {
    return this.#visitor;
  }

  begin(): Playing {
    this.#stream.begin(this, this.#feeds);
    for (const track of this.#grouped) this.#o.beginGroup(track);
    return this;
  }

  report(track: SharedTrack, rtcp: Uint8Array): void {
    const number = this.#numbers.get(track);
    if (number === undefined) return;
    this.#receptions.get(number)?.reported(rtcp, this.#o.clock.mono());
    this.#session.rtcp(number, rtcp);
  }

  ended(why: string): void {
    this.#session.end(why);
  }

  /** Ends the conversation. */
  end(why: string): void {
    this.#session.end(why);
  }

  drained(): void {
    for (const [, feed] of this.#feeds) feed.advance();
  }

  rtcp(track: number, packet: Uint8Array): void {
    const reception = this.#receptions.get(track);
    const decoded = decodeRtcp(packet);
    if (reception === undefined || decoded.kind !== "ok") return;
    const now = this.#o.clock.mono();
    for (const one of decoded.value) {
      if (one.kind !== "rr" && one.kind !== "sr") continue;
      for (const block of one.blocks) reception.heard(block, now);
    }
  }

  /** Adds what was sent since the last call to the visitor's sums; also that it is there. */
  account(): void {
    this.#visitor.add(this.#bytes);
    this.#bytes = 0;
    let packets = 0, lost = 0, jitterMillis = 0, roundTripMillis = 0;
    for (const reception of this.#receptions.values()) {
      packets += reception.packets;
      lost += reception.lost;
      jitterMillis = Math.max(jitterMillis, reception.jitterMillis);
      roundTripMillis = Math.max(roundTripMillis, reception.roundTripMillis);
    }
    const [packetsBefore, lostBefore] = this.#accounted;
    this.#accounted = [packets, lost];
    this.#visitor.receives({
      packets: packets - packetsBefore,
      lost: lost - lostBefore,
      jitterMillis,
      roundTripMillis,
    });
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.account();
    this.#stream.leave(this, true);
    const skipped = this.#feeds.reduce((sum, [, feed]) => sum + feed.skipped, 0);
    if (skipped > 0) this.#log.debug(`${this.#session.remote}: player was too slow ${skipped} times`);
    this.#o.gone(this);
  }
}
