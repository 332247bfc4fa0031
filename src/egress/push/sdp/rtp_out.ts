import { ticks, type WallMillis } from "../../../base/units.ts";
import type { FrameRecord } from "../../../buffer/track_view.ts";
import type { Track } from "../../../media/track.ts";
import type { PacketPlace } from "../../../wire/protocol/rtp/packetize/packet_place.ts";
import { TrackSender } from "../../../wire/protocol/rtp/packetize/track_sender.ts";
import { trackFormat } from "../../../wire/protocol/sdp/track_format.ts";
import type { PacedSender } from "../datagram/paced_sender.ts";
import type { RtpNumbers } from "./session_state.ts";

/** Packets are written where they wait to be sent. */
class QueuePlace implements PacketPlace {
  readonly at = 0;
  readonly #sender: PacedSender;
  readonly #port: number;

  constructor(sender: PacedSender, port: number) {
    this.#sender = sender;
    this.#port = port;
  }

  get buffer(): Uint8Array {
    return this.#sender.slot();
  }

  sent(length: number): void {
    this.#sender.commit(length, this.#port);
  }
}

export interface RtpOutOptions {
  readonly payloadType: number;
  /** RTP; RTCP goes to the next one. */
  readonly port: number;
  readonly packetMax: number;
  readonly cname: string;
  random32(): number;
  /** Where the packets go on that another server sent. */
  readonly before?: RtpNumbers | undefined;
}

/** One track as RTP to a port, with its sender reports. */
export class RtpOut {
  readonly port: number;
  readonly #sender: TrackSender;
  readonly #cname: string;
  readonly #timestampOffset: number;
  #track: Track;
  #pts = 0;
  #nextFrame = 0;

  /** Throws RangeError for a track that RTP does not carry. */
  constructor(track: Track, sender: PacedSender, o: RtpOutOptions) {
    const format = trackFormat(track, o.payloadType);
    if (format === undefined) throw new RangeError(`RTP does not carry ${track.codec}`);
    this.port = o.port;
    this.#track = track;
    this.#cname = o.cname;
    const numbers: Pick<RtpNumbers, "ssrc" | "sequence" | "timestampOffset"> = o.before ?? {
      ssrc: o.random32(),
      sequence: o.random32() & 0xffff,
      timestampOffset: o.random32(),
    };
    const { packetMax } = o;
    const { ssrc, sequence, timestampOffset } = numbers;
    this.#timestampOffset = timestampOffset;
    this.#nextFrame = o.before?.nextFrame ?? 0;
    const options = { ssrc, sequence, timestampOffset, packetMax };
    this.#sender = new TrackSender(track, format, options, new QueuePlace(sender, o.port));
  }

  get ssrc(): number {
    return this.#sender.ssrc;
  }

  get payloadType(): number {
    return this.#sender.format.payloadType;
  }

  /** Where another server may go on; `track` is the track's number in the stream. */
  numbers(track: number): RtpNumbers {
    const { ssrc, sequence } = this.#sender;
    const timestampOffset = this.#timestampOffset;
    return { codec: this.#track.codec, ssrc, sequence, timestampOffset, track, nextFrame: this.#nextFrame };
  }

  /** Whether the same packets may go on for this track. */
  suits(track: Track): boolean {
    return track.codec === this.#track.codec && track.timescale === this.#track.timescale;
  }

  update(track: Track): void {
    this.#track = track;
    this.#sender.update(track);
  }

  /** Queues a frame's packets. */
  frame(record: FrameRecord): void {
    this.#pts = record.dts + record.ptsOffset;
    this.#nextFrame = record.sequence + 1;
    this.#sender.frame(record.data, ticks(this.#pts), record.key);
  }

  /** Stream time of the last frame, microseconds. */
  get micros(): number {
    return (this.#pts / this.#track.timescale) * 1e6;
  }

  /** A sender report: at wall clock time `wall` the last frame was shown. */
  report(wall: WallMillis): Uint8Array {
    return this.#sender.report(wall, this.#pts, this.#cname);
  }

  bye(wall: WallMillis): Uint8Array {
    return this.#sender.bye(wall, this.#pts, this.#cname);
  }
}
