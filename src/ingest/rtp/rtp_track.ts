import type { Log } from "../../base/log.ts";
import type { Tally } from "../../base/tally.ts";
import {
  type MonoMillis,
  monoMillis,
  streamMicros,
  type Ticks,
  ticks,
  type WallMillis,
} from "../../base/units.ts";
import {
  ACCESS_UNIT_MAX,
  type Depacketizer,
  type UnitSink,
} from "../../wire/protocol/rtp/depacketize/depacketizer.ts";
import { DEPACKETIZERS } from "../../wire/protocol/rtp/depacketize/table.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import { emptyRtpPacket, readRtp, type RtpPacket } from "../../wire/protocol/rtp/packet.ts";
import {
  REORDER_PACKETS,
  REORDER_PACKETS_ORDERED,
  type ReorderOutput,
  ReorderWindow,
} from "../../wire/protocol/rtp/reorder.ts";
import type { FrameSink } from "../frame_sink.ts";
import type { InputCounts } from "../input_meter.ts";
import { INGEST_FORMATS } from "./format_table.ts";
import type { FrameMaker } from "./frame_maker.ts";
import { FrameOutput } from "./frame_output.ts";
import { RtcpPeer } from "./rtcp_peer.ts";
import type { RtpTimeline } from "./timeline.ts";
import type { TrackTimeline } from "./track_timeline.ts";
import { UnsupportedFormat } from "./unsupported_format.ts";

/**
 * How long a missing packet is awaited, ms. Two packets that changed places are up to 80 ms apart where a picture is one
 * packet; on a transport that keeps the order the small window of {@link REORDER_PACKETS_ORDERED} mostly ends the wait.
 */
export const REORDER_MILLIS = 100;
/** Packets of a source that was left are dropped; it is taken back when the present one was silent so long, ms. */
export const SOURCE_SILENT = 2000;
/** Times of arrival are reported this often while no sender report comes, ms. */
export const ARRIVAL_CLOCK_EVERY = 5000;

/** What an RTP track needs to know and where it puts what it finds. */
export interface RtpTrackOptions {
  /** Number of the track in its session. */
  readonly id: number;
  /** The transport keeps the order (TCP). */
  readonly ordered: boolean;
  /** How long a missing packet is awaited, ms. */
  readonly reorderMillis?: number;
  /** Bytes of an access unit at most. */
  readonly maxUnitBytes?: number;
  readonly timeline: RtpTimeline;
  readonly sink: FrameSink;
  readonly tally: Tally;
  readonly log: Log;
}

/** What was counted since the track was opened. */
export type RtpCounters = Pick<
  InputCounts,
  "packets" | "bytes" | "lost" | "reordered" | "duplicated" | "damaged" | "frames"
>;

/** RTP of one media section into frames. Time is an argument: nothing here asks a clock. */
export class RtpTrack implements ReorderOutput, UnitSink {
  readonly counters: RtpCounters = {
    packets: 0,
    bytes: 0,
    lost: 0,
    reordered: 0,
    duplicated: 0,
    damaged: 0,
    frames: 0,
  };
  readonly #format: RtpFormat;
  readonly #options: RtpTrackOptions;
  readonly #tally: Tally;
  readonly #packet: RtpPacket = emptyRtpPacket();
  readonly #window: ReorderWindow;
  readonly #depacketizer: Depacketizer;
  readonly #frames: FrameMaker;
  readonly #output: FrameOutput;
  readonly #time: TrackTimeline;
  readonly #rtcp: RtcpPeer;
  #now: MonoMillis = monoMillis(0);
  #lastPacketAt: MonoMillis = monoMillis(0);
  #ssrc = -1;
  #formerSsrc = -1;
  #at: Ticks = ticks(0);
  #atTimestamp = -1;
  #arrivalClockAt = -Infinity;
  #reportWaits = false;

  constructor(format: RtpFormat, options: RtpTrackOptions) {
    const known = Object.hasOwn(DEPACKETIZERS, format.encoding);
    const open = known ? DEPACKETIZERS[format.encoding] : undefined;
    const ingest = known ? INGEST_FORMATS[format.encoding] : undefined;
    if (open === undefined || ingest === undefined) throw new UnsupportedFormat(format.encoding);
    if (!(format.clockRate > 0)) throw new UnsupportedFormat(format.encoding, "the SDP gives no clock rate");
    this.#format = format;
    this.#options = options;
    this.#tally = options.tally;
    this.#output = new FrameOutput(options.sink, options.tally, options.log);
    this.#frames = ingest.open(format, this.#output, options.id);
    this.#depacketizer = open(format, this, options.maxUnitBytes ?? ACCESS_UNIT_MAX);
    this.#time = options.timeline.open(format.clockRate, ingest.audio);
    this.#rtcp = new RtcpPeer(format.clockRate, options.id);
    const packets = options.ordered ? REORDER_PACKETS_ORDERED : REORDER_PACKETS;
    this.#window = new ReorderWindow(this, packets, options.reorderMillis ?? REORDER_MILLIS);
  }

  /** A BYE came from the source whose packets are taken. */
  get ended(): boolean {
    return this.#rtcp.ended;
  }

  /** When the last usable packet came; 0 before the first. */
  get lastPacketAt(): MonoMillis {
    return this.#lastPacketAt;
  }

  /** Interarrival jitter (RFC 3550, A.8), milliseconds. */
  get jitterMillis(): number {
    return (this.#rtcp.statistics.jitter * 1000) / this.#format.clockRate;
  }

  /** The timestamps of the sender were given up; frames are timed by arrival. */
  get timedByArrival(): boolean {
    return this.#time.timedByArrival;
  }

  /** Takes one RTP packet, which may be of up to 64 KiB; the bytes are not kept. Never throws on bad input. */
  receive(datagram: Uint8Array, now: MonoMillis): void {
    const second = datagram[1] as number;
    if (second >= 200 && second <= 204 && (second & 0x7f) !== this.#format.payloadType) {
      // RFC 5761, 4: RTCP on the port of RTP.
      const wall = this.#options.timeline.wallAt(now);
      if (wall !== undefined) this.receiveRtcp(datagram, now, wall);
      return;
    }
    const packet = this.#packet;
    const bad = readRtp(datagram, packet);
    if (bad !== undefined) return this.#tally.add("rtp packet unreadable", bad);
    if (packet.payloadType !== this.#format.payloadType) {
      return this.#tally.add("rtp payload type not in the SDP", String(packet.payloadType));
    }
    if (packet.ssrc !== this.#ssrc && !this.#source(packet.ssrc, now)) return;
    this.#now = now;
    this.#lastPacketAt = now;
    this.counters.packets++;
    this.counters.bytes += datagram.length;
    this.#rtcp.statistics.packet(packet.sequence, packet.timestamp, now);
    this.#window.push(packet, now);
    this.counters.reordered = this.#window.reordered;
  }

  /** Takes one RTCP datagram that came at `now`, when the wall clock here showed `wall`. Never throws on bad input. */
  receiveRtcp(datagram: Uint8Array, now: MonoMillis, _wall: WallMillis): void {
    const why = this.#rtcp.receive(datagram, this.#ssrc, now);
    if (why !== undefined) this.#tally.add("rtcp unusable", why);
    if (this.#rtcp.takeReport()) this.#report(now);
  }

  /**
   * To be called about every 100 ms: gives up packets that are overdue. Answers an RTCP datagram to send to the peer
   * when one is due, valid until the next call.
   */
  tick(now: MonoMillis): Uint8Array | undefined {
    this.#now = now;
    this.#window.tick(now);
    return this.#rtcp.due(now, this.#ssrc);
  }

  /** Hands over what waits for its end: to be called when the session ends in order. */
  flush(now: MonoMillis): void {
    this.#now = now;
    this.#window.flush();
    this.#depacketizer.flush();
  }

  /** From the reorder window. */
  packet(packet: RtpPacket, lost: number): void {
    if (lost > 0) {
      this.counters.lost += lost;
      this.#tally.add("rtp gap", `${(packet.sequence - lost - 1) & 0xffff} → ${packet.sequence}`);
    } else if (lost < 0) this.#tally.add("rtp sequence numbers begin anew", String(packet.sequence));
    this.#depacketizer.packet(packet, lost !== 0);
  }

  /** From the reorder window. */
  duplicated(): void {
    this.counters.duplicated++;
  }

  /** From the reorder window. */
  late(sequence: number, expected: number): void {
    this.#tally.add("rtp packet too late", `${sequence}, expected ${expected}`);
  }

  /** From the depacketizer. */
  unit(units: readonly Uint8Array[], timestamp: number, offset: number): void {
    let jump = false;
    if (offset === 0 || timestamp !== this.#atTimestamp) {
      this.#at = this.#time.map(timestamp, this.#now);
      this.#atTimestamp = timestamp;
      jump = this.#time.step === "jump";
      if (this.#reportWaits) this.#report(this.#now);
      if (jump) this.#tally.add("rtp timestamps jumped", String(timestamp));
    }
    const at = ticks(this.#at + offset);
    this.#frames.unit(units, at, jump, this.#time.step === "paced");
    this.counters.frames = this.#output.frames;
    if (this.#now - this.#arrivalClockAt >= ARRIVAL_CLOCK_EVERY) this.#arrivalClock(at);
  }

  /** From the depacketizer. */
  config(config: Uint8Array): void {
    this.#frames.config(config);
  }

  /** From the depacketizer. */
  damaged(why: string): void {
    this.counters.damaged++;
    this.#tally.add("access unit damaged", why);
    this.#frames.lost();
  }

  /** From the depacketizer. */
  skipped(why: string): void {
    this.#tally.add("rtp packet skipped", why);
  }

  /** A packet of another source. True when the source is taken from now on. */
  #source(ssrc: number, now: MonoMillis): boolean {
    if (this.#ssrc >= 0) {
      if (ssrc === this.#formerSsrc && now - this.#lastPacketAt < SOURCE_SILENT) {
        this.#tally.add("rtp packet of a former source", hex(ssrc));
        return false;
      }
      this.#tally.add("rtp source changed", `${hex(this.#ssrc)} → ${hex(ssrc)}`);
      this.#window.reset();
      this.#depacketizer.flush();
      this.#frames.lost();
      this.#time.restart();
      this.#formerSsrc = this.#ssrc;
    }
    this.#ssrc = ssrc;
    this.#rtcp.source(ssrc, now);
    if (this.#rtcp.takeReport()) this.#report(now);
    return true;
  }

  #report(now: MonoMillis): void {
    // A report that comes before the first frame is kept by the timeline; its clock is told behind that frame.
    this.#reportWaits = !this.#time.started;
    const at = this.#time.report(this.#rtcp.reportTimestamp, this.#rtcp.reportWall);
    if (at === undefined) return;
    this.#arrivalClockAt = now + ARRIVAL_CLOCK_EVERY;
    this.#options.sink.wallClock(streamMicros(Math.round(at * 1000)), this.#rtcp.reportWall);
  }

  #arrivalClock(at: Ticks): void {
    this.#arrivalClockAt = this.#now;
    const wall = this.#options.timeline.wallAt(this.#now);
    if (wall === undefined) return;
    this.#options.sink.wallClock(streamMicros(Math.round((at / this.#format.clockRate) * 1e6)), wall);
  }
}

/** Opens the way of one media section's packets into `options.sink`. Throws {@link UnsupportedFormat}. */
export function openRtpTrack(format: RtpFormat, options: RtpTrackOptions): RtpTrack {
  return new RtpTrack(format, options);
}

function hex(ssrc: number): string {
  return ssrc.toString(16).padStart(8, "0");
}
