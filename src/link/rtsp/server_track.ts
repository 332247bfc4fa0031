import { joinBytes } from "../../base/bytes.ts";
import type { Clock } from "../../base/clock.ts";
import type { MonoMillis } from "../../base/units.ts";
import { wallToNtp } from "../../wire/protocol/rtcp/ntp.ts";
import { encodeBye } from "../../wire/protocol/rtcp/bye.ts";
import { encodeSdes } from "../../wire/protocol/rtcp/sdes.ts";
import { encodeSenderReport } from "../../wire/protocol/rtcp/sender_report.ts";
import type { TrackPath } from "./server_path.ts";

const CNAME = "fogcast";
/** RFC 3550, 6.2. */
const REPORT_MILLIS = 5000;

/** One track on its way to one player: RTP as it is given, sender reports beside it. */
export class ServerTrack {
  readonly path: TrackPath;
  readonly #clock: Clock;
  readonly #clockRate: number;
  #packets = 0;
  #octets = 0;
  #ssrc = 0;
  #timestamp = 0;
  #sentAt: MonoMillis | undefined;
  #reportedAt = -Infinity;

  /** `clockRate`: ticks of the RTP timestamp per second. */
  constructor(path: TrackPath, clock: Clock, clockRate: number) {
    this.path = path;
    this.#clock = clock;
    this.#clockRate = clockRate;
  }

  /** Sends one RTP packet without extension; shared memory will do. */
  send(packet: Uint8Array): void {
    const now = this.#clock.mono();
    const timestamp = u32(packet, 4);
    // the report's time belongs to the first packet of a frame: the others are only later on their way
    if (timestamp !== this.#timestamp || this.#sentAt === undefined) {
      this.#timestamp = timestamp;
      this.#sentAt = now;
    }
    this.#ssrc = u32(packet, 8);
    if (now - this.#reportedAt >= REPORT_MILLIS) {
      this.#reportedAt = now;
      this.path.rtcp(this.#report(now));
    }
    this.#packets++;
    this.#octets += packet.length - 12;
    this.path.rtp(packet);
  }

  /** Says BYE, where anything was sent, and lets go of the way. */
  close(): void {
    if (this.#sentAt !== undefined) {
      this.path.rtcp(joinBytes([this.#report(this.#clock.mono()), encodeBye([this.#ssrc])]));
    }
    this.path.close();
  }

  #report(now: MonoMillis): Uint8Array {
    const { seconds, fraction } = wallToNtp(this.#clock.wall());
    const since = ((now - (this.#sentAt ?? now)) * this.#clockRate) / 1000;
    return joinBytes([
      encodeSenderReport({
        ssrc: this.#ssrc,
        ntpSeconds: seconds,
        ntpFraction: fraction,
        timestamp: (this.#timestamp + Math.round(since)) >>> 0,
        packets: this.#packets >>> 0,
        octets: this.#octets >>> 0,
        blocks: [],
      }),
      encodeSdes([{ ssrc: this.#ssrc, cname: CNAME }]),
    ]);
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}
