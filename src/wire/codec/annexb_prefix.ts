// ITU-T H.264 and H.265, annex B: what stands before pictures of a byte stream that readers may enter at key frames.
import { joinBytes } from "../../base/bytes.ts";
import type { Track } from "../../media/track.ts";
import { decodeAvcConfig } from "./h264/avcc.ts";
import { decodeHevcConfig } from "./h265/hvcc.ts";

export interface AnnexBPrefix {
  /** Delimiter and parameter sets. */
  readonly key: Uint8Array;
  /** Delimiter. */
  readonly other: Uint8Array;
}

const START_CODE = [0, 0, 0, 1];
/** Access unit delimiters that allow any slice type: H.264, 7.3.2.4; H.265, 7.3.2.5. */
const H264_DELIMITER = Uint8Array.of(...START_CODE, 0x09, 0xf0);
const H265_DELIMITER = Uint8Array.of(...START_CODE, 0x46, 0x01, 0x50);

function prefix(delimiter: Uint8Array, sets: readonly Uint8Array[]): AnnexBPrefix {
  const key = joinBytes([delimiter, ...sets.flatMap((set) => [Uint8Array.from(START_CODE), set])]);
  return { key, other: delimiter };
}

/** Parameter sets of an H.264 or H.265 track in the order of sending; undefined where they are not known. */
export function parameterSetsOf({ codec, config }: Track): readonly Uint8Array[] | undefined {
  if (codec === "h264") {
    const decoded = decodeAvcConfig(config);
    return decoded.kind === "ok" ? [...decoded.value.sps, ...decoded.value.pps] : undefined;
  }
  if (codec !== "h265") return undefined;
  const decoded = decodeHevcConfig(config);
  return decoded.kind === "ok"
    ? [...decoded.value.vps, ...decoded.value.sps, ...decoded.value.pps]
    : undefined;
}

/** What stands before the pictures of an H.264 or H.265 track; undefined where its parameter sets are not known. */
export function annexBPrefix(track: Track): AnnexBPrefix | undefined {
  const sets = parameterSetsOf(track);
  if (sets === undefined) return undefined;
  return prefix(track.codec === "h264" ? H264_DELIMITER : H265_DELIMITER, sets);
}

/**
 * Makes start codes of the 4-byte lengths in the frame that lies at `out[at, end)`. A length that points beyond `end`,
 * as in a frame that is being overwritten, only ends the search.
 */
export function lengthsToStartCodes(out: Uint8Array, at: number, end: number): void {
  while (at + 4 <= end) {
    const size = (out[at] as number) * 0x1000000 +
      (((out[at + 1] as number) << 16) | ((out[at + 2] as number) << 8) | (out[at + 3] as number));
    out[at] = out[at + 1] = out[at + 2] = 0;
    out[at + 3] = 1;
    at += 4 + size;
  }
}
