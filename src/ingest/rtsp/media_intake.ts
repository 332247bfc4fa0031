import type { MonoMillis, WallMillis } from "../../base/units.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import { type InputCounts, noCounts } from "../input_meter.ts";
import type { RtpCounters, RtpTrack } from "../rtp/rtp_track.ts";
import type { ChosenMedia } from "./choose_medias.ts";

/**
 * What arrives for one media. A camera that lists several formats (FLIR: five) says by the payload type of its packets
 * which one it sends; the first packet of a readable format decides, and a later change is followed.
 */
export class MediaIntake {
  readonly #chosen: ChosenMedia;
  readonly #open: (format: RtpFormat) => RtpTrack;
  #track: RtpTrack;
  #payloadType: number;
  #fixed = false;
  /** Counts of tracks that were left for another format. */
  readonly #former = noCounts();
  /** A format that was announced, arrives, and cannot be read; undefined while there is none. */
  unreadable: RtpFormat | undefined;

  constructor(chosen: ChosenMedia, open: (format: RtpFormat) => RtpTrack) {
    const first = chosen.formats[0] as RtpFormat;
    this.#chosen = chosen;
    this.#open = open;
    this.#track = open(first);
    this.#payloadType = first.payloadType;
  }

  get track(): RtpTrack {
    return this.#track;
  }

  get video(): boolean {
    return this.#chosen.media.type === "video";
  }

  /** Takes one RTP packet. True when it is of a format that can be read. */
  receive(bytes: Uint8Array, now: MonoMillis): boolean {
    const payloadType = bytes.length < 12 ? -1 : (bytes[1] as number) & 0x7f;
    if (payloadType !== this.#payloadType && !this.#follow(payloadType)) return false;
    this.#fixed = true;
    this.#track.receive(bytes, now);
    return true;
  }

  receiveRtcp(bytes: Uint8Array, now: MonoMillis, wall: WallMillis): void {
    this.#track.receiveRtcp(bytes, now, wall);
  }

  /** Adds what was counted since the beginning. */
  addCounts(into: InputCounts): void {
    addCounters(into, this.#former);
    addCounters(into, this.#track.counters);
    into.jitterMillis = Math.max(into.jitterMillis, this.#track.jitterMillis);
  }

  #follow(payloadType: number): boolean {
    const format = this.#chosen.formats.find((f) => f.payloadType === payloadType);
    if (format === undefined) {
      this.unreadable ??= this.#chosen.media.formats.find((f) => f.payloadType === payloadType);
      // a type that nobody described (GeoVision: 50) is the track's to count
      return this.unreadable === undefined && payloadType >= 0 && this.#fixed;
    }
    // the track of a format that never came is forgotten; one that ran goes on under the same number
    addCounters(this.#former, this.#track.counters);
    this.#track = this.#open(format);
    this.#payloadType = payloadType;
    return true;
  }
}

function addCounters(into: InputCounts, more: RtpCounters): void {
  into.packets += more.packets;
  into.bytes += more.bytes;
  into.lost += more.lost;
  into.reordered += more.reordered;
  into.duplicated += more.duplicated;
  into.damaged += more.damaged;
  into.frames += more.frames;
}
