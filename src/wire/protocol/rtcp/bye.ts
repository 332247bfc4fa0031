// RFC 3550, 6.6: BYE.
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";
import { withRtcpHeader } from "./header.ts";

export interface Bye {
  readonly kind: "bye";
  readonly sources: readonly number[];
  /** Latin-1; empty when none is given. */
  readonly reason: string;
}

/** Decodes the body behind the header; a text says why it cannot be. A reason that is cut off is left out. */
export function decodeBye(body: Uint8Array, count: number): Bye | string {
  if (body.length < count * 4) return "BYE cut off";
  const r = new ByteReader(body);
  const sources: number[] = [];
  for (let i = 0; i < count; i++) sources.push(r.u32());
  let reason = "";
  if (r.left > 0) {
    const length = r.u8();
    if (length <= r.left) reason = r.latin1(length);
  }
  return { kind: "bye", sources, reason };
}

/** Encodes a whole packet; the reason is cut at 255 characters. */
export function encodeBye(sources: readonly number[], reason = ""): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter();
  for (const source of sources) w.u32(source);
  const text = reason.slice(0, 255);
  if (text.length > 0) w.u8(text.length).latin1(text);
  return withRtcpHeader(203, sources.length, w.view());
}
