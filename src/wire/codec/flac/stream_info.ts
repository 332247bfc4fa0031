// RFC 9639, 8.1 and 8.2: STREAMINFO metadata block.
import { BitReader } from "../../../base/bits.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import type { AudioDescription } from "../audio_description.ts";
import { decodeWhole } from "../whole_unit.ts";

/** Bytes of the block with its 4-byte header. */
export const STREAM_INFO_BYTES = 38;

export interface FlacStreamInfo {
  /** Samples of the smallest and the largest frame; equal for fixed block size. */
  readonly minBlock: number;
  readonly maxBlock: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
}

/** Decodes a STREAMINFO block with its header. Never throws. */
export function decodeFlacStreamInfo(block: Uint8Array): Decoded<FlacStreamInfo> {
  return decodeWhole("STREAMINFO", () => {
    const r = new BitReader(block);
    r.skip(1); // last-metadata-block flag
    const type = r.bits(7);
    if (type !== 0) return bad(0, `FLAC metadata block of type ${type} is not STREAMINFO`);
    const length = r.bits(24);
    if (length !== STREAM_INFO_BYTES - 4) return bad(1, `STREAMINFO of ${length} bytes`);
    const minBlock = r.bits(16);
    const maxBlock = r.bits(16);
    r.skip(48); // frame sizes
    const sampleRate = r.bits(20);
    const channels = r.bits(3) + 1;
    const bitsPerSample = r.bits(5) + 1;
    r.skip(36 + 128); // total samples, MD5
    if (minBlock < 16 || maxBlock < minBlock) return bad(4, `FLAC block size of ${minBlock} to ${maxBlock}`);
    if (sampleRate === 0) return bad(14, "FLAC sample rate 0");
    return ok({ minBlock, maxBlock, sampleRate, channels, bitsPerSample }, STREAM_INFO_BYTES);
  });
}

/** Describes a FLAC track from its STREAMINFO block with header. Never throws. */
export function describeFlac(block: Uint8Array): Decoded<AudioDescription> {
  const info = decodeFlacStreamInfo(block);
  if (info.kind !== "ok") return info;
  const { sampleRate, channels } = info.value;
  const config = block.slice(0, STREAM_INFO_BYTES);
  return ok({ codec: "flac", config, codecString: "fLaC", sampleRate, channels }, info.used);
}
