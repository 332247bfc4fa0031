// ETSI TS 102 366, 4.4: AC-3 frame header; F.4: AC3SpecificBox (dac3).
import { BitReader, BitWriter } from "../../../base/bits.ts";
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import type { AudioDescription } from "../audio_description.ts";

/** Samples of every AC-3 frame. */
export const AC3_SAMPLES = 1536;
/** Bytes that hold every field which is read. */
const HEAD = 8;

export interface Ac3Header {
  readonly fscod: number;
  readonly sampleRate: number;
  readonly bitRateCode: number;
  readonly bsid: number;
  readonly bsmod: number;
  readonly acmod: number;
  readonly lfe: boolean;
  /** With the low frequency channel. */
  readonly channels: number;
  /** Bytes of the whole frame. */
  readonly frameBytes: number;
}

export const AC3_SAMPLE_RATES: readonly number[] = [48000, 44100, 32000];
/** Channels by acmod, without the low frequency channel. */
export const AC3_CHANNELS: readonly number[] = [2, 1, 2, 3, 3, 4, 4, 5];
/** Kilobits per second by half of frmsizecod. */
const BIT_RATES = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/** Decodes the header at the start of `bytes`. Never throws. */
export function decodeAc3Header(bytes: Uint8Array): Decoded<Ac3Header> {
  if (bytes.length < HEAD) return more(HEAD);
  if (bytes[0] !== 0x0b || bytes[1] !== 0x77) return bad(0, "no AC-3 sync word");
  const r = new BitReader(bytes.subarray(0, HEAD), 32);
  const fscod = r.bits(2);
  const frmsizecod = r.bits(6);
  const bsid = r.bits(5);
  const bsmod = r.bits(3);
  const acmod = r.bits(3);
  const sampleRate = AC3_SAMPLE_RATES[fscod];
  const bitRate = BIT_RATES[frmsizecod >> 1];
  if (bsid > 8) return bad(5, `AC-3 bsid is ${bsid}, above 8`);
  if (sampleRate === undefined) return bad(4, "AC-3 sampling frequency is reserved");
  if (bitRate === undefined) return bad(4, `AC-3 frmsizecod is ${frmsizecod}, above 37`);
  if ((acmod & 1) === 1 && acmod !== 1) r.skip(2); // cmixlev
  if ((acmod & 4) !== 0) r.skip(2); // surmixlev
  if (acmod === 2) r.skip(2); // dsurmod
  const lfe = r.flag();
  const channels = (AC3_CHANNELS[acmod] as number) + (lfe ? 1 : 0);
  // Frames hold 1536 samples, so bit rate × 96 / sampling frequency 16-bit words; 44.1 kHz pads by one word.
  const words = Math.floor((bitRate * 96_000) / sampleRate) + (fscod === 1 ? frmsizecod & 1 : 0);
  const value = {
    fscod,
    sampleRate,
    bitRateCode: frmsizecod >> 1,
    bsid,
    bsmod,
    acmod,
    lfe,
    channels,
    frameBytes: words * 2,
  };
  return ok(value, HEAD);
}

/** Encodes a dac3 payload. */
export function encodeAc3Config(h: Ac3Header): Uint8Array<ArrayBuffer> {
  return new BitWriter().bits(h.fscod, 2).bits(h.bsid, 5).bits(h.bsmod, 3).bits(h.acmod, 3).flag(h.lfe)
    .bits(h.bitRateCode, 5).bits(0, 5).take();
}

/** Describes the track that a frame belongs to. Never throws. */
export function describeAc3(frame: Uint8Array): Decoded<AudioDescription> {
  const header = decodeAc3Header(frame);
  if (header.kind !== "ok") return header;
  const { sampleRate, channels } = header.value;
  return ok(
    { codec: "ac3", config: encodeAc3Config(header.value), codecString: "ac-3", sampleRate, channels },
    header.used,
  );
}
