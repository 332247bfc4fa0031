// ISO/IEC 11172-3, 2.4.1.3 and ISO/IEC 13818-3: MPEG audio frame header (MP3 and its elder layers).
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import type { AudioDescription } from "../audio_description.ts";

/** Bytes of the header itself. */
export const MPEG_AUDIO_HEADER = 4;

export interface Mp3Header {
  /** 1, 2, or 2.5 (the unofficial extension to 8 to 12 kHz). */
  readonly version: 1 | 2 | 2.5;
  readonly layer: 1 | 2 | 3;
  /** Bits per second. */
  readonly bitRate: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Bytes of the whole frame, header included. */
  readonly frameBytes: number;
  /** Samples of a frame and channel. */
  readonly samples: number;
}

/** Kilobits per second by bit rate index from 1 on. */
const RATES_1_1 = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
const RATES_1_2 = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const RATES_1_3 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_2_1 = [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
const RATES_2_23 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44100, 48000, 32000];

/** Decodes the header at the start of `bytes`. Free format (no bit rate said) is refused. Never throws. */
export function decodeMp3Header(bytes: Uint8Array): Decoded<Mp3Header> {
  if (bytes.length < MPEG_AUDIO_HEADER) return more(MPEG_AUDIO_HEADER);
  const b1 = bytes[1] as number;
  const b2 = bytes[2] as number;
  const b3 = bytes[3] as number;
  if (bytes[0] !== 0xff || (b1 & 0xe0) !== 0xe0) return bad(0, "no MPEG audio sync word");
  const versionBits = (b1 >> 3) & 3;
  const layerBits = (b1 >> 1) & 3;
  if (versionBits === 1) return bad(1, "MPEG audio version is reserved");
  if (layerBits === 0) return bad(1, "MPEG audio layer is reserved");
  const version = versionBits === 3 ? 1 : versionBits === 2 ? 2 : 2.5;
  const layer = (4 - layerBits) as 1 | 2 | 3;
  const rates = version === 1
    ? (layer === 1 ? RATES_1_1 : layer === 2 ? RATES_1_2 : RATES_1_3)
    : (layer === 1 ? RATES_2_1 : RATES_2_23);
  const rate = rates[(b2 >> 4) - 1];
  if (rate === undefined) return bad(2, "MPEG audio bit rate is free or reserved");
  const fullRate = SAMPLE_RATES[(b2 >> 2) & 3];
  if (fullRate === undefined) return bad(2, "MPEG audio sampling frequency is reserved");
  const sampleRate = fullRate / (version === 1 ? 1 : version === 2 ? 2 : 4);
  const padding = (b2 >> 1) & 1;
  const bitRate = rate * 1000;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 1 ? 576 : 1152;
  const frameBytes = layer === 1
    ? (Math.floor((12 * bitRate) / sampleRate) + padding) * 4
    : Math.floor(((samples / 8) * bitRate) / sampleRate) + padding;
  const channels = b3 >> 6 === 3 ? 1 : 2;
  return ok({ version, layer, bitRate, sampleRate, channels, frameBytes, samples }, MPEG_AUDIO_HEADER);
}

/** Describes the track that a frame belongs to. Never throws. */
export function describeMp3(frame: Uint8Array): Decoded<AudioDescription> {
  const header = decodeMp3Header(frame);
  if (header.kind !== "ok") return header;
  const { version, sampleRate, channels } = header.value;
  // Object type indications of MPEG-1 and MPEG-2 audio in MPEG-4 systems, ISO/IEC 14496-1, 7.2.6.6.2.
  const codecString = version === 1 ? "mp4a.6B" : "mp4a.69";
  return ok({ codec: "mp3", config: new Uint8Array(0), codecString, sampleRate, channels }, header.used);
}
