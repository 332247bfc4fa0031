// RFC 3550, 5.1 and 6.4.1: the packets and sender reports of one track.
import { type Ticks, ticks, type WallMillis } from "../../../../base/units.ts";
import type { Track } from "../../../../media/track.ts";
import { encodeBye } from "../../rtcp/bye.ts";
import { wallToNtp } from "../../rtcp/ntp.ts";
import { encodeSdes } from "../../rtcp/sdes.ts";
import { encodeSenderReport } from "../../rtcp/sender_report.ts";
import type { RtpFormat } from "../format.ts";
import type { PacketPlace } from "./packet_place.ts";
import type { Packetizer, PacketOutput, PacketWriterOptions } from "./packetizer.ts";
import { PacketWriter } from "./packetizer.ts";
import { openPacketizer } from "./table.ts";

export interface TrackSenderOptions extends Omit<PacketWriterOptions, "payloadType"> {
  /** Added to all RTP timestamps, so that they begin anywhere. 32 bits. */
  readonly timestampOffset: number;
}

/**
 * Sends one track as RTP: frames in, in the track's time scale; packets out, in the clock of the payload format.
 *
 * ```ts
 * const format = trackFormat(track, 96);          // wire/protocol/sdp/track_format.ts: also what the SDP says
 * const batch = new PacketBatch(packetMax);
 * const sender = new TrackSender(track, format, { ssrc, sequence, timestampOffset, packetMax }, batch);
 * sender.frame(data, dts + ptsOffset, key);       // one frame
 * socket.sendMany(batch.packets(), port, address);  // or tcp.write(batch.interleaved(channel))
 * batch.clear();
 * ```
 */
export class TrackSender {
  readonly ssrc: number;
  readonly format: RtpFormat;
  readonly #writer: PacketWriter;
  readonly #packetizer: Packetizer;
  readonly #offset: number;
  #track: Track;

  /** Throws RangeError for a codec that RTP does not carry and a configuration that cannot be read. */
  constructor(track: Track, format: RtpFormat, o: TrackSenderOptions, out: PacketPlace | PacketOutput) {
    this.ssrc = o.ssrc >>> 0;
    this.format = format;
    this.#offset = o.timestampOffset;
    this.#track = track;
    this.#writer = new PacketWriter({ ...o, payloadType: format.payloadType }, out);
    this.#packetizer = openPacketizer(track, this.#writer);
  }

  /** The track has changed, from the next frame on. Throws RangeError when its configuration cannot be read. */
  update(track: Track): void {
    this.#track = track;
    this.#packetizer.config(track.config);
  }

  /** Number of the next packet. */
  get sequence(): number {
    return this.#writer.sequence;
  }

  get packets(): number {
    return this.#writer.packets;
  }

  /** RTP timestamp, 32 bits, of a presentation time in the track's time scale. */
  timestamp(pts: Ticks): number {
    const { clockRate } = this.format;
    const { timescale } = this.#track;
    const rtp = clockRate === timescale ? pts : Math.round((pts * clockRate) / timescale);
    // Whole numbers of up to 53 bits: >>> alone would take the low 32 of what it rounds them to.
    return ((rtp % 0x100000000) + this.#offset) >>> 0;
  }

  /** One frame; `pts` in the track's time scale. Throws RangeError for a frame that cannot be sent. */
  frame(data: Uint8Array, pts: Ticks, key: boolean): void {
    this.#packetizer.frame(data, this.timestamp(pts), key);
  }

  /** A compound of sender report and name: at wall clock time `wall` the presentation time was `pts`. */
  report(wall: WallMillis, pts: number, cname: string): Uint8Array<ArrayBuffer> {
    const ntp = wallToNtp(wall);
    const report = encodeSenderReport({
      ssrc: this.ssrc,
      ntpSeconds: ntp.seconds,
      ntpFraction: ntp.fraction,
      timestamp: this.timestamp(ticks(Math.round(pts))),
      packets: this.#writer.packets >>> 0,
      octets: this.#writer.octets % 0x100000000,
      blocks: [],
    });
    return join(report, encodeSdes([{ ssrc: this.ssrc, cname }]));
  }

  /** The last report with a BYE. */
  bye(wall: WallMillis, pts: number, cname: string): Uint8Array<ArrayBuffer> {
    return join(this.report(wall, pts, cname), encodeBye([this.ssrc]));
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
