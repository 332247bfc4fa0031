// Parameter sets in format parameters: RFC 6184, 8.2.1 (H.264); RFC 7798, 7.1 (H.265).
import { splitAnnexB } from "../../codec/nal.ts";
import { fmtpHex, type RtpFormat } from "./format.ts";

/** Text of parameter sets looked at, in characters. */
export const SPROP_MAX = 65_536;

/** Base64 pieces separated by commas, as bytes; what is no base64 (`(null)`, Tapo C200) is left out. */
function decodeList(text: string | undefined): Uint8Array[] {
  const sets: Uint8Array[] = [];
  if (text === undefined || text.length > SPROP_MAX) return sets;
  for (const piece of text.replace(/"/g, "").split(",")) {
    const clean = piece.trim().replace(/=+$/, "");
    if (clean === "" || clean.length % 4 === 1 || !/^[A-Za-z0-9+/]+$/.test(clean)) continue;
    const binary = atob(clean);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    sets.push(...splitAnnexB(bytes));
  }
  return sets;
}

/** The parameter sets of `sprop-parameter-sets`. */
export function h264ParameterSets(format: RtpFormat): Uint8Array[] {
  return decodeList(format.fmtp.get("sprop-parameter-sets"));
}

/**
 * The sets of `sprop-vps`, `sprop-sps` and `sprop-pps`, or those in Annex B form in `config` (Anjvision). Where one of
 * the three kinds is missing the others are of no use and nothing is answered.
 */
export function h265ParameterSets(format: RtpFormat): Uint8Array[] {
  const sets = [
    ...decodeList(format.fmtp.get("sprop-vps")),
    ...decodeList(format.fmtp.get("sprop-sps")),
    ...decodeList(format.fmtp.get("sprop-pps")),
  ];
  const whole = (list: readonly Uint8Array[]) =>
    [32, 33, 34].every((type) => list.some((set) => ((set[0] as number) >> 1 & 63) === type));
  if (whole(sets)) return sets;
  const config = fmtpHex(format, "config");
  const inConfig = config === undefined ? [] : splitAnnexB(config);
  return whole(inConfig) ? inConfig : [];
}
