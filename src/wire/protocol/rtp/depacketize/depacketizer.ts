import type { RtpPacket } from "../packet.ts";

/** The largest access unit put together, unless the caller says otherwise. */
export const ACCESS_UNIT_MAX = 8 * 1024 * 1024;
/** NAL units, OBUs or AUs of one access unit at most. */
export const UNITS_MAX = 4096;

/** Where a depacketizer puts what it finished. */
export interface UnitSink {
  /**
   * One whole access unit. `units` are NAL units without prefix, OBUs, or one frame: views that are valid during the
   * call. `timestamp` is the RTP timestamp of the packet it is counted from, `offset` the ticks of the RTP clock to
   * add to it (several audio frames in one packet).
   */
  unit(units: readonly Uint8Array[], timestamp: number, offset: number): void;
  /** Codec configuration met in the stream, in the form of `media/track.ts`; valid from the next unit on. */
  config(config: Uint8Array): void;
  /** Something of an access unit was missing or unusable; it was dropped. `why` is a short fixed text for a tally. */
  damaged(why: string): void;
  /** The packet cannot be used, but nothing that was being put together is harmed by it. */
  skipped(why: string): void;
}

/** Turns the packets of one payload format into access units. Packets come in the order of their numbers. */
export interface Depacketizer {
  /** Takes one packet. `gap`: packets before it were lost. Never throws on bad input. */
  packet(packet: RtpPacket, gap: boolean): void;
  /** Hands over what is complete but waits for a sign of its end; to be called when the stream ends. */
  flush(): void;
  /** Forgets what is being put together. */
  reset(): void;
}
