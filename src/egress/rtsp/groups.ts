import { bindUdp, type UdpSocket } from "../../host/udp.ts";
import { Group } from "./group.ts";
import { GroupPlaces, type GroupSettings } from "./group_places.ts";
import type { SharedStream } from "./shared_stream.ts";
import type { SharedTrack } from "./shared_track.ts";

/** Multicast groups, one for each track that somebody wants so. */
export class Groups {
  readonly #settings: GroupSettings;
  readonly #places: GroupPlaces;
  readonly #open = new Map<SharedTrack, Promise<Group>>();

  constructor(settings: GroupSettings) {
    this.#settings = settings;
    this.#places = new GroupPlaces(settings);
  }

  /** The group of a track, begun if need be. */
  open(stream: SharedStream, track: SharedTrack): Promise<Group> {
    const known = this.#open.get(track);
    if (known !== undefined) return known;
    const made = this.#make(stream, track);
    this.#open.set(track, made);
    made.catch(() => this.#open.delete(track));
    return made;
  }

  /** Sends a track to its group from now on, where it has one. */
  begin(track: SharedTrack): void {
    void this.#open.get(track)?.then((group) => group.begin(), () => undefined);
  }

  async #make(stream: SharedStream, track: SharedTrack): Promise<Group> {
    const taken = this.#places.take();
    if (taken === undefined) throw new Error("no multicast group is left");
    try {
      const rtp = await this.#bind();
      const rtcp = await this.#bind();
      return new Group(stream, track, taken.place, [rtp, rtcp], () => {
        this.#open.delete(track);
        taken.giveBack();
      });
    } catch (e) {
      taken.giveBack();
      throw e;
    }
  }

  async #bind(): Promise<UdpSocket> {
    const local = this.#settings.interface;
    const socket = await bindUdp(local === "" ? {} : { address: local }, () => {});
    socket.setMulticastTtl(this.#settings.ttl);
    if (local !== "") socket.setMulticastInterface(local);
    return socket;
  }
}
