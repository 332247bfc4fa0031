import type { UdpSocket } from "../../host/udp.ts";
import type { Feed } from "./feed.ts";
import type { GroupPlace } from "./group_places.ts";
import type { Receiver, SharedStream } from "./shared_stream.ts";
import type { SharedTrack } from "./shared_track.ts";

/** One track on its way to a multicast group, for all who join it. */
export class Group implements Receiver {
  readonly place: GroupPlace;
  readonly #stream: SharedStream;
  readonly #sockets: readonly [UdpSocket, UdpSocket];
  readonly #track: SharedTrack;
  readonly #feed: Feed;
  readonly #gone: () => void;
  #members = 0;
  #begun = false;

  constructor(
    stream: SharedStream,
    track: SharedTrack,
    place: GroupPlace,
    sockets: readonly [UdpSocket, UdpSocket],
    gone: () => void,
  ) {
    this.place = place;
    this.#stream = stream;
    this.#sockets = sockets;
    this.#gone = gone;
    const [rtp] = sockets;
    this.#track = track;
    this.#feed = stream.feed(track, {
      queued: 0,
      datagrams: true,
      batch: (batch, from, to) => void rtp.sendMany(batch.packets(from, to), place.ports[0], place.address),
    });
    stream.join(this);
  }

  /** Sends from now on: the first member has joined, and waits for the newest key frame. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#stream.begin(this, [[this.#track, this.#feed]]);
  }

  report(_track: SharedTrack, rtcp: Uint8Array): void {
    this.#sockets[1].send(rtcp, this.place.ports[1], this.place.address);
  }

  ended(): void {
    this.#close();
  }

  join(): () => void {
    this.#members++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      if (--this.#members === 0) this.#close();
    };
  }

  #close(): void {
    this.#members = -Infinity;
    this.#stream.leave(this, true);
    for (const socket of this.#sockets) socket.close();
    this.#gone();
  }
}
