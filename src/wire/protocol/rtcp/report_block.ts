// RFC 3550, 6.4.1: the report blocks of SR and RR.
import type { ByteReader, ByteWriter } from "../../../base/bytes.ts";

/** Bytes of a report block. */
export const REPORT_BLOCK = 24;

/** What a receiver says of one source. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Lost since the last report, in 1/256 of what was expected. */
  readonly fractionLost: number;
  /** 24 bits, signed: duplicates can make it negative. */
  readonly lost: number;
  /** Highest sequence number, cycles in the upper 16 bits. */
  readonly highest: number;
  /** In ticks of the RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 none. */
  readonly lastReport: number;
  /** Time since it came, in 1/65536 s. */
  readonly sinceLastReport: number;
}

/** Reads one block. Throws Truncated. */
export function readReportBlock(r: ByteReader): ReportBlock {
  return {
    ssrc: r.u32(),
    fractionLost: r.u8(),
    lost: (r.u24() << 8) >> 8,
    highest: r.u32(),
    jitter: r.u32(),
    lastReport: r.u32(),
    sinceLastReport: r.u32(),
  };
}

/** Writes one block; `lost` is clamped to its 24 bits. */
export function writeReportBlock(w: ByteWriter, block: ReportBlock): void {
  const lost = Math.max(-0x800000, Math.min(0x7fffff, block.lost));
  w.u32(block.ssrc).u8(block.fractionLost).u24(lost & 0xffffff).u32(block.highest).u32(block.jitter)
    .u32(block.lastReport).u32(block.sinceLastReport);
}

/** The blocks as bytes. */
export function encodeReportBlocks(w: ByteWriter, blocks: readonly ReportBlock[]): void {
  for (const block of blocks) writeReportBlock(w, block);
}
