// Microsoft, Multimedia Programming Interface and Data Specifications 1.0, and RFC 2361: WAVEFORMATEX.
import type { Codec } from "../../../media/codec.ts";
import type { AudioTrack } from "../../../media/track.ts";

/** Format tags, RFC 2361, appendix A, and bits of a sample. */
const FORMATS: Readonly<Partial<Record<Codec, { readonly tag: number; readonly bits: number }>>> = {
  l16: { tag: 1, bits: 16 },
  alaw: { tag: 6, bits: 8 },
  ulaw: { tag: 7, bits: 8 },
};

export const WAVE_FORMAT_BYTES = 18;

/** Whether a codec's samples can be described here. */
export function hasWaveFormat(codec: Codec): boolean {
  return Object.hasOwn(FORMATS, codec);
}

/** Bytes of one sample of all channels. */
export function blockAlign(track: AudioTrack): number {
  return ((FORMATS[track.codec]?.bits ?? 0) >> 3) * track.channels;
}

/** WAVEFORMATEX without extra bytes. Throws RangeError for a codec that has no row. */
export function encodeWaveFormat(track: AudioTrack): Uint8Array<ArrayBuffer> {
  const format = FORMATS[track.codec];
  if (format === undefined) throw new RangeError(`Cannot describe ${track.codec} as a wave format`);
  const align = blockAlign(track);
  const out = new Uint8Array(WAVE_FORMAT_BYTES);
  const view = new DataView(out.buffer);
  view.setUint16(0, format.tag, true);
  view.setUint16(2, track.channels, true);
  view.setUint32(4, track.sampleRate, true);
  view.setUint32(8, track.sampleRate * align, true);
  view.setUint16(12, align, true);
  view.setUint16(14, format.bits, true);
  return out; // cbSize 0
}
