// ISO/IEC 14496-3, 1.A.2.2: audio data transport stream.
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import type { AudioDescription } from "../audio_description.ts";
import { describeAac, encodeAudioSpecificConfig } from "./audio_specific_config.ts";
import { AAC_SAMPLE_RATES, aacSampleRateIndex } from "./sample_rate.ts";

/** Longest frame that its 13-bit length can tell, in bytes, header included. */
export const ADTS_FRAME_MAX = 8191;
/** Bytes of a header without check sum. */
export const ADTS_HEADER = 7;

export interface AdtsConfig {
  /** 1 Main, 2 LC, 3 SSR, 4 LTP. */
  readonly objectType: number;
  readonly sampleRate: number;
  /** 0: a program config element in the first frame tells. */
  readonly channelConfiguration: number;
}

export interface AdtsFrame extends AdtsConfig {
  /** Raw data blocks in the frame, 1 to 4; each holds 1024 samples. */
  readonly blocks: number;
  /** What follows the header; one raw access unit where `blocks` is 1. A view. */
  readonly payload: Uint8Array;
}

/** Decodes the frame at the start of `bytes`. Never throws. */
export function decodeAdts(bytes: Uint8Array): Decoded<AdtsFrame> {
  if (bytes.length >= 2 && (bytes[0] !== 0xff || ((bytes[1] as number) & 0xf6) !== 0xf0)) {
    return bad(0, "no ADTS sync word");
  }
  if (bytes.length < ADTS_HEADER) return more(ADTS_HEADER);
  const [, b1, b2, b3, b4, b5, b6] = bytes as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const headerLength = (b1 & 1) === 1 ? ADTS_HEADER : ADTS_HEADER + 2;
  const sampleRate = AAC_SAMPLE_RATES[(b2 >> 2) & 15];
  if (sampleRate === undefined) return bad(2, "ADTS sampling frequency is reserved");
  const length = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
  if (length < headerLength) return bad(3, `ADTS frame of ${length} bytes`);
  if (bytes.length < length) return more(length);
  return ok({
    objectType: (b2 >> 6) + 1,
    sampleRate,
    channelConfiguration: ((b2 & 1) << 2) | (b3 >> 6),
    blocks: (b6 & 3) + 1,
    payload: bytes.subarray(headerLength, length),
  }, length);
}

/** Writes a 7-byte header for an access unit of `length` bytes at `out[at]`. Throws RangeError for what ADTS cannot say. */
export function writeAdtsHeader(out: Uint8Array, at: number, config: AdtsConfig, length: number): void {
  const rate = aacSampleRateIndex(config.sampleRate);
  const whole = length + ADTS_HEADER;
  const channels = config.channelConfiguration;
  if (rate < 0 || config.objectType < 1 || config.objectType > 4 || channels > 7 || whole > ADTS_FRAME_MAX) {
    throw new RangeError(
      `Cannot write ADTS: object type ${config.objectType}, ${config.sampleRate} Hz, ` +
        `channel configuration ${channels}, ${length} bytes`,
    );
  }
  out[at] = 0xff;
  out[at + 1] = 0xf1;
  out[at + 2] = ((config.objectType - 1) << 6) | (rate << 2) | (channels >> 2);
  out[at + 3] = ((channels & 3) << 6) | (whole >> 11);
  out[at + 4] = whole >> 3;
  out[at + 5] = ((whole & 7) << 5) | 0x1f;
  out[at + 6] = 0xfc;
}

/** One access unit as an ADTS frame. Throws RangeError for what ADTS cannot say. */
export function encodeAdts(config: AdtsConfig, accessUnit: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(ADTS_HEADER + accessUnit.length);
  writeAdtsHeader(out, 0, config, accessUnit.length);
  out.set(accessUnit, ADTS_HEADER);
  return out;
}

/** Describes the track whose frames have this header. Never throws. */
export function describeAdts(config: AdtsConfig): Decoded<AudioDescription> {
  if (config.channelConfiguration === 0) return bad(3, "ADTS channel configuration 0");
  return describeAac(encodeAudioSpecificConfig(config));
}
