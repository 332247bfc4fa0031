import { ByteWriter } from "../../../base/bytes.ts";

/** Object type indications, ISO/IEC 14496-1, 7.2.6.6 and the MP4 registration authority's list. */
export const OBJECT_TYPE = {
  /** ISO/IEC 14496-3 (AAC and all that an AudioSpecificConfig describes). */
  aac: 0x40,
  /** ISO/IEC 13818-3: MPEG-2 audio, half the sample rates, and the MPEG-2.5 extension. */
  mpeg2Audio: 0x69,
  /** ISO/IEC 11172-3: MPEG-1 audio, 32 to 48 kHz. */
  mpeg1Audio: 0x6b,
  /** ISO/IEC 10918-1: JPEG. */
  jpeg: 0x6c,
} as const;

const ES_DESCRIPTOR = 0x03;
const DECODER_CONFIG = 0x04;
const DECODER_SPECIFIC_INFO = 0x05;
const SL_CONFIG = 0x06;

const STREAM_VISUAL = 4;
const STREAM_AUDIO = 5;

/** A descriptor with its expandable size: seven bits a byte, most significant first, ISO/IEC 14496-1, 8.3.3. */
function descriptor(tag: number, body: Uint8Array): Uint8Array {
  const w = new ByteWriter(body.length + 6).u8(tag);
  const size = body.length;
  if (size >= 1 << 21) w.u8(0x80 | ((size >>> 21) & 0x7f));
  if (size >= 1 << 14) w.u8(0x80 | ((size >>> 14) & 0x7f));
  if (size >= 1 << 7) w.u8(0x80 | ((size >>> 7) & 0x7f));
  return w.u8(size & 0x7f).bytes(body).take();
}

/**
 * ISO/IEC 14496-14, 3.1.2 (ESDBox), the payload after version and flags: an ES_Descriptor with ES_ID 0, as files
 * have it. `specific` is the DecoderSpecificInfo, left out when empty. Bit rates are said to be unknown (0).
 */
export function encodeEsds(objectType: number, kind: "audio" | "video", specific: Uint8Array): Uint8Array {
  const stream = kind === "audio" ? STREAM_AUDIO : STREAM_VISUAL;
  const config = new ByteWriter(64).u8(objectType).u8((stream << 2) | 1).u24(0).u32(0).u32(0);
  if (specific.length > 0) config.bytes(descriptor(DECODER_SPECIFIC_INFO, specific));
  const es = new ByteWriter(96).u16(0).u8(0);
  es.bytes(descriptor(DECODER_CONFIG, config.take()));
  es.bytes(descriptor(SL_CONFIG, Uint8Array.of(2)));
  return descriptor(ES_DESCRIPTOR, es.take());
}
