// RFC 3550, 6.4.1: SR.
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";
import { encodeReportBlocks, readReportBlock, REPORT_BLOCK, type ReportBlock } from "./report_block.ts";
import { withRtcpHeader } from "./header.ts";

const FIXED = 24;

export interface SenderReport {
  readonly kind: "sr";
  readonly ssrc: number;
  /** NTP time: seconds since 1900, 32 bits; both 0 when the sender has no clock. */
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  /** The same moment in RTP time. */
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
  readonly blocks: readonly ReportBlock[];
}

/** Decodes the body behind the header; a text says why it cannot be. Blocks that are cut off are left out. */
export function decodeSenderReport(body: Uint8Array, count: number): SenderReport | string {
  if (body.length < FIXED) return "sender report cut off";
  const r = new ByteReader(body);
  const ssrc = r.u32();
  const ntpSeconds = r.u32();
  const ntpFraction = r.u32();
  const timestamp = r.u32();
  const packets = r.u32();
  const octets = r.u32();
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count && r.left >= REPORT_BLOCK; i++) blocks.push(readReportBlock(r));
  return { kind: "sr", ssrc, ntpSeconds, ntpFraction, timestamp, packets, octets, blocks };
}

/** Encodes a whole packet. */
export function encodeSenderReport(sr: Omit<SenderReport, "kind">): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(FIXED + sr.blocks.length * REPORT_BLOCK);
  w.u32(sr.ssrc).u32(sr.ntpSeconds).u32(sr.ntpFraction).u32(sr.timestamp).u32(sr.packets).u32(sr.octets);
  encodeReportBlocks(w, sr.blocks);
  return withRtcpHeader(200, sr.blocks.length, w.view());
}
