// ISO/IEC 14496-15, 5.3.3.1: AVCDecoderConfigurationRecord.
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { decodeWhole } from "../whole_unit.ts";
import { decodeSps, hasChromaFormat } from "./sps.ts";

export interface AvcConfig {
  readonly profile: number;
  readonly constraints: number;
  readonly level: number;
  /** Bytes of the length before each NAL unit: 1, 2 or 4. */
  readonly lengthSize: number;
  /** NAL units with their headers. */
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** Decodes an avcC payload. Sets are views. The extension of the high profiles is not looked at. Never throws. */
export function decodeAvcConfig(bytes: Uint8Array): Decoded<AvcConfig> {
  return decodeWhole("avcC", () => {
    const r = new ByteReader(bytes);
    const version = r.u8();
    if (version !== 1) return bad(0, `avcC version ${version}`);
    const profile = r.u8();
    const constraints = r.u8();
    const level = r.u8();
    const lengthSize = (r.u8() & 3) + 1;
    if (lengthSize === 3) return bad(4, "avcC with NAL lengths of 3 bytes");
    const sps: Uint8Array[] = [];
    for (let n = r.u8() & 31; n > 0; n--) sps.push(r.bytes(r.u16()));
    const pps: Uint8Array[] = [];
    for (let n = r.u8(); n > 0; n--) pps.push(r.bytes(r.u16()));
    return ok({ profile, constraints, level, lengthSize, sps, pps }, bytes.length);
  });
}

/**
 * Encodes an avcC payload with NAL lengths of 4 bytes. Profile, constraints and level are the first set's. Throws
 * RangeError without a set of either kind, or when the first SPS cannot be decoded.
 */
export function encodeAvcConfig(
  sps: readonly Uint8Array[],
  pps: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const first = sps[0];
  if (first === undefined || pps.length === 0) throw new RangeError("avcC without parameter sets");
  if (sps.length > 31 || pps.length > 255) throw new RangeError("avcC with too many parameter sets");
  const decoded = decodeSps(first);
  if (decoded.kind !== "ok") throw new RangeError("avcC with a damaged SPS");
  const s = decoded.value;
  const w = new ByteWriter(64);
  w.u8(1).u8(s.profile).u8(s.constraints).u8(s.level).u8(0xff).u8(0xe0 | sps.length);
  for (const set of sps) w.u16(set.length).bytes(set);
  w.u8(pps.length);
  for (const set of pps) w.u16(set.length).bytes(set);
  if (hasChromaFormat(s.profile)) {
    w.u8(0xfc | s.chromaFormat).u8(0xf8 | (s.bitDepthLuma - 8)).u8(0xf8 | (s.bitDepthChroma - 8)).u8(0);
  }
  return w.take();
}
