import { Tally } from "../../base/tally.ts";
import { monoMillis } from "../../base/units.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import { openRtpTrack } from "./rtp_track.ts";
import { RtpTimeline } from "./timeline.ts";
import { UnsupportedFormat } from "./unsupported_format.ts";

/** Why a payload format cannot be taken in; undefined where it can. */
export function refuseFormat(format: RtpFormat): string | undefined {
  try {
    openRtpTrack(format, {
      id: 0,
      ordered: true,
      timeline: new RtpTimeline(monoMillis(0)),
      sink: { addTrack: () => Promise.reject(new Error("nothing is received")), wallClock() {} },
      tally: new Tally(() => {}),
      log: { debug() {}, info() {}, warn() {}, error() {}, debugging: false },
    });
    return undefined;
  } catch (e) {
    if (!(e instanceof UnsupportedFormat)) throw e;
    return e.message;
  }
}
