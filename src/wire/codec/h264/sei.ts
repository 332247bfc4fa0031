// ITU-T H.264, 7.3.2.3 and D.1.8: supplemental enhancement information, recovery point.
import { BitReader } from "../../../base/bits.ts";
import { removeEmulation } from "../nal.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { decodeWhole } from "../whole_unit.ts";

/** Longest SEI unit that is searched, in bytes; camera vendors put whole documents into user data. */
export const SEI_MAX = 16_384;

/**
 * Searches an SEI NAL unit for a message of type `wanted`. `header` is the length of the NAL unit header (1 for H.264,
 * 2 for H.265). The value is the message's payload without emulation prevention, undefined when there is none.
 */
export function findSeiMessage(
  nal: Uint8Array,
  header: number,
  wanted: number,
): Decoded<Uint8Array | undefined> {
  if (nal.length > SEI_MAX) return bad(SEI_MAX, `SEI longer than ${SEI_MAX} bytes`);
  const rbsp = removeEmulation(nal);
  let at = header;
  while (at + 2 < rbsp.length) {
    let type = 0;
    let size = 0;
    while (rbsp[at] === 0xff && at < rbsp.length) {
      type += 255;
      at++;
    }
    type += rbsp[at++] ?? 0;
    while (rbsp[at] === 0xff && at < rbsp.length) {
      size += 255;
      at++;
    }
    size += rbsp[at++] ?? 0;
    if (size > rbsp.length - at) return bad(at, "SEI message longer than its unit");
    if (type === wanted) return ok(rbsp.subarray(at, at + size), nal.length);
    at += size;
  }
  return ok(undefined, nal.length);
}

/**
 * recovery_frame_cnt of a recovery point message: frames after which the picture is right; 0 for a random access point,
 * more for gradual refresh. Undefined when the unit has none. Never throws.
 */
export function decodeRecoveryPoint(nal: Uint8Array): Decoded<number | undefined> {
  const found = findSeiMessage(nal, 1, 6);
  if (found.kind !== "ok" || found.value === undefined) return found as Decoded<undefined>;
  const payload = found.value;
  return decodeWhole("recovery point", () => ok(new BitReader(payload).ue(), nal.length));
}
