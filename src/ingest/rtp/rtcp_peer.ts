import { joinBytes } from "../../base/bytes.ts";
import { type MonoMillis, type WallMillis, wallMillis } from "../../base/units.ts";
import { ntpToWall } from "../../wire/protocol/rtcp/ntp.ts";
import { decodeRtcp } from "../../wire/protocol/rtcp/packet.ts";
import { encodeReceiverReport } from "../../wire/protocol/rtcp/receiver_report.ts";
import { encodeSdes } from "../../wire/protocol/rtcp/sdes.ts";
import type { SenderReport } from "../../wire/protocol/rtcp/sender_report.ts";
import { ReceiverStatistics } from "../../wire/protocol/rtcp/statistics.ts";

/** Receiver reports are sent this often; RFC 3550, 6.2. ms. */
export const REPORT_EVERY = 5000;
/** The first one: early, since some cameras end a UDP session that is silent. ms. */
export const REPORT_FIRST = 1000;
/** Sender clocks before this (2001-09-09) were never set. Unix ms. */
export const WALL_LEAST = 1_000_000_000_000;
const CNAME = "fogcast";

/** Our side of RTCP for one media section: takes sender reports and BYE, gives receiver reports. */
export class RtcpPeer {
  readonly statistics: ReceiverStatistics;
  readonly #id: number;
  #ended = false;
  #nextAt = NaN;
  #early: SenderReport | undefined;
  #fresh = false;

  /** RTP time and Unix ms of the newest usable sender report. */
  reportTimestamp = 0;
  reportWall: WallMillis = wallMillis(0);

  constructor(clockRate: number, id: number) {
    this.statistics = new ReceiverStatistics(clockRate);
    this.#id = id;
  }

  /** BYE came from the source whose packets we take. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True once for each new usable report. */
  takeReport(): boolean {
    const fresh = this.#fresh;
    this.#fresh = false;
    return fresh;
  }

  /** Packets are taken from source `ssrc` from now on. */
  source(ssrc: number, now: MonoMillis): void {
    this.statistics.reset();
    this.#ended = false;
    const early = this.#early;
    this.#early = undefined;
    if (early?.ssrc === ssrc) this.#take(early, now);
  }

  /** Takes one RTCP datagram; `source` is whose packets we take, −1 none so far. Answers what was wrong with it. */
  receive(datagram: Uint8Array, source: number, now: MonoMillis): string | undefined {
    const decoded = decodeRtcp(datagram);
    if (decoded.kind !== "ok") return decoded.kind === "bad" ? decoded.why : "cut off";
    let why: string | undefined;
    for (const packet of decoded.value) {
      if (packet.kind === "sr") {
        if (packet.ssrc === source) this.#take(packet, now);
        else if (source < 0) this.#early = packet;
        else why = "sender report from an unknown source";
      } else if (packet.kind === "bye" && packet.sources.includes(source)) this.#ended = true;
    }
    return why;
  }

  /** A compound RR + SDES when one is due. */
  due(now: MonoMillis, source: number): Uint8Array | undefined {
    if (Number.isNaN(this.#nextAt)) this.#nextAt = now + REPORT_FIRST;
    if (now < this.#nextAt) return undefined;
    this.#nextAt = now + REPORT_EVERY;
    const ssrc = this.#own(source);
    const blocks = source < 0 ? [] : [this.statistics.block(source, now)];
    return joinBytes([encodeReceiverReport({ ssrc, blocks }), encodeSdes([{ ssrc, cname: CNAME }])]);
  }

  /** Our own source number: any that is not the peer's. */
  #own(source: number): number {
    return ((source ^ 0x5f06ca57) + this.#id * 0x9e3779b1) >>> 0;
  }

  #take(report: SenderReport, now: MonoMillis): void {
    this.statistics.senderReport(report.ntpSeconds, report.ntpFraction, now);
    const wall = ntpToWall(report.ntpSeconds, report.ntpFraction);
    // A sender without a clock says 0; one that was never set counts from 1970 or from when it was switched on.
    if (report.ntpSeconds === 0 || wall < WALL_LEAST) return;
    this.reportTimestamp = report.timestamp;
    this.reportWall = wall;
    this.#fresh = true;
  }
}
