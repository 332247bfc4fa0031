// RFC 3550, 6.4.2: RR.
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";
import { withRtcpHeader } from "./header.ts";
import { encodeReportBlocks, readReportBlock, REPORT_BLOCK, type ReportBlock } from "./report_block.ts";

export interface ReceiverReport {
  readonly kind: "rr";
  /** Of the receiver. */
  readonly ssrc: number;
  readonly blocks: readonly ReportBlock[];
}

/** Decodes the body behind the header; a text says why it cannot be. Blocks that are cut off are left out. */
export function decodeReceiverReport(body: Uint8Array, count: number): ReceiverReport | string {
  if (body.length < 4) return "receiver report cut off";
  const r = new ByteReader(body);
  const ssrc = r.u32();
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count && r.left >= REPORT_BLOCK; i++) blocks.push(readReportBlock(r));
  return { kind: "rr", ssrc, blocks };
}

/** Encodes a whole packet. */
export function encodeReceiverReport(rr: Omit<ReceiverReport, "kind">): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(4 + rr.blocks.length * REPORT_BLOCK);
  w.u32(rr.ssrc);
  encodeReportBlocks(w, rr.blocks);
  return withRtcpHeader(201, rr.blocks.length, w.view());
}
