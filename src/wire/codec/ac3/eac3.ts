// ETSI TS 102 366, E.1.2: E-AC-3 frame header; F.6: EC3SpecificBox (dec3).
import { BitReader, BitWriter } from "../../../base/bits.ts";
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import type { AudioDescription } from "../audio_description.ts";
import { AC3_CHANNELS, AC3_SAMPLE_RATES } from "./ac3.ts";

/** Bytes that hold every field which is read. */
const HEAD = 6;
const BLOCKS = [1, 2, 3, 6];

export interface Eac3Header {
  /** 0 independent, 1 dependent, 2 converted AC-3. */
  readonly streamType: number;
  readonly substream: number;
  readonly frameBytes: number;
  readonly fscod: number;
  readonly sampleRate: number;
  /** Samples of the frame: 256 a block. */
  readonly samples: number;
  readonly acmod: number;
  readonly lfe: boolean;
  readonly bsid: number;
  /** With the low frequency channel. */
  readonly channels: number;
}

/** Decodes the header at the start of `bytes`. Never throws. */
export function decodeEac3Header(bytes: Uint8Array): Decoded<Eac3Header> {
  if (bytes.length < HEAD) return more(HEAD);
  if (bytes[0] !== 0x0b || bytes[1] !== 0x77) return bad(0, "no E-AC-3 sync word");
  const r = new BitReader(bytes.subarray(0, HEAD), 16);
  const streamType = r.bits(2);
  if (streamType === 3) return bad(2, "E-AC-3 stream type is reserved");
  const substream = r.bits(3);
  const frameBytes = 2 * (r.bits(11) + 1);
  if (frameBytes < HEAD) return bad(2, `E-AC-3 frame of ${frameBytes} bytes`);
  const fscod = r.bits(2);
  const low = r.bits(2);
  const rate = AC3_SAMPLE_RATES[fscod === 3 ? low : fscod];
  if (rate === undefined) return bad(4, "E-AC-3 sampling frequency is reserved");
  const sampleRate = fscod === 3 ? rate / 2 : rate;
  const samples = 256 * (fscod === 3 ? 6 : BLOCKS[low] as number);
  const acmod = r.bits(3);
  const lfe = r.flag();
  const bsid = r.bits(5);
  if (bsid < 11 || bsid > 16) return bad(5, `E-AC-3 bsid is ${bsid}, not 11 to 16`);
  const channels = (AC3_CHANNELS[acmod] as number) + (lfe ? 1 : 0);
  return ok(
    { streamType, substream, frameBytes, fscod, sampleRate, samples, acmod, lfe, bsid, channels },
    HEAD,
  );
}

/** Encodes a dec3 payload for one independent substream; dependent ones (above 5.1) are not announced. */
export function encodeEac3Config(h: Eac3Header): Uint8Array<ArrayBuffer> {
  const kilobits = Math.round((h.frameBytes * 8 * h.sampleRate) / h.samples / 1000);
  return new BitWriter().bits(kilobits, 13).bits(0, 3).bits(h.fscod, 2).bits(h.bsid, 5).bits(0, 2).bits(0, 3)
    .bits(h.acmod, 3).flag(h.lfe).bits(0, 3).bits(0, 4).bits(0, 1).take();
}

/** Describes the track that a frame belongs to. Never throws. */
export function describeEac3(frame: Uint8Array): Decoded<AudioDescription> {
  const header = decodeEac3Header(frame);
  if (header.kind !== "ok") return header;
  const { sampleRate, channels } = header.value;
  return ok(
    { codec: "eac3", config: encodeEac3Config(header.value), codecString: "ec-3", sampleRate, channels },
    header.used,
  );
}
