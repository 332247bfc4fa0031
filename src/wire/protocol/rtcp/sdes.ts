// RFC 3550, 6.5: SDES. Only the canonical name is looked at.
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";
import { withRtcpHeader } from "./header.ts";

const CNAME = 1;

export interface SdesChunk {
  readonly ssrc: number;
  /** Canonical name; empty when the chunk has none. Latin-1. */
  readonly cname: string;
}

export interface Sdes {
  readonly kind: "sdes";
  readonly chunks: readonly SdesChunk[];
}

/** Decodes the body behind the header. Chunks that are cut off are left out. */
export function decodeSdes(body: Uint8Array, count: number): Sdes | string {
  const r = new ByteReader(body);
  const chunks: SdesChunk[] = [];
  for (let i = 0; i < count && r.left >= 4; i++) {
    const ssrc = r.u32();
    let cname = "";
    while (r.left > 0) {
      const type = r.u8();
      if (type === 0) break;
      if (r.left < 1) return "SDES item cut off";
      const length = r.u8();
      if (length > r.left) return "SDES item cut off";
      if (type === CNAME) cname = r.latin1(length);
      else r.skip(length);
    }
    chunks.push({ ssrc, cname });
    r.skip(Math.min(r.left, (4 - (r.at % 4)) % 4));
  }
  return { kind: "sdes", chunks };
}

/** Encodes a whole packet; names are cut at 255 characters. */
export function encodeSdes(chunks: readonly SdesChunk[]): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter();
  for (const chunk of chunks) {
    const name = chunk.cname.slice(0, 255);
    w.u32(chunk.ssrc).u8(CNAME).u8(name.length).latin1(name);
    // One to four zeros end the items and fill the word.
    w.zeros(4 - (w.length % 4));
  }
  return withRtcpHeader(202, chunks.length, w.view());
}
