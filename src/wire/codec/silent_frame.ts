import { BitWriter } from "../../base/bits.ts";
import type { AudioTrack } from "../../media/track.ts";
import { decodeAudioSpecificConfig } from "./aac/audio_specific_config.ts";

/** A frame in which nothing is heard. */
export interface SilentFrame {
  readonly data: Uint8Array;
  /** Length in ticks of the track. */
  readonly ticks: number;
}

/** AAC Main, LC and LTP: ISO/IEC 14496-3, table 1.17. Their frames are written alike where nothing is in them. */
const PLAIN_AAC = [1, 2, 4];
/** Syntactic elements, ISO/IEC 14496-3, table 4.85. */
const SINGLE = 0, PAIR = 1, LOW = 3, END = 7;
/** What a frame consists of, by channelConfiguration: ISO/IEC 14496-3, table 1.19. */
const ELEMENTS: readonly (readonly number[])[] = [
  [],
  [SINGLE],
  [PAIR],
  [SINGLE, PAIR],
  [SINGLE, PAIR, SINGLE],
  [SINGLE, PAIR, PAIR],
  [SINGLE, PAIR, PAIR, LOW],
  [SINGLE, PAIR, PAIR, PAIR, LOW],
];
/** RFC 6716, 3.1: full band, CELT, one frame of 20 ms; what libopus writes for digital silence. */
const OPUS_MONO = Uint8Array.of(0xf8, 0xff, 0xfe), OPUS_STEREO = Uint8Array.of(0xfc, 0xff, 0xfe);
const OPUS_SECONDS = 0.02;
/** ITU-T G.711, tables 1b and 2b: the smallest values, which are never 0 there. */
const ALAW_SMALLEST = 0xd5, ULAW_SMALLEST = 0xff;

/**
 * The silent frame of a track's configuration; undefined where none is known. G.711 and L16 have no frames: there it has
 * `samples` samples of each channel.
 */
export function silentFrame(track: AudioTrack, samples = 1): SilentFrame | undefined {
  switch (track.codec) {
    case "alaw":
      return { data: new Uint8Array(track.channels * samples).fill(ALAW_SMALLEST), ticks: samples };
    case "ulaw":
      return { data: new Uint8Array(track.channels * samples).fill(ULAW_SMALLEST), ticks: samples };
    case "l16":
      return { data: new Uint8Array(track.channels * samples * 2), ticks: samples };
    case "aac":
      return silentAac(track);
    case "opus": {
      const data = track.channels === 1 ? OPUS_MONO : OPUS_STEREO;
      return track.channels > 2 ? undefined : { data, ticks: track.timescale * OPUS_SECONDS };
    }
    default:
      return undefined;
  }
}

function silentAac({ config, timescale }: AudioTrack): SilentFrame | undefined {
  const decoded = decodeAudioSpecificConfig(config);
  if (decoded.kind !== "ok") return undefined;
  const { objectType, channelConfiguration, frameSamples, sampleRate } = decoded.value;
  const elements = ELEMENTS[channelConfiguration] ?? [];
  if (!PLAIN_AAC.includes(objectType) || elements.length === 0) return undefined;
  const ticks = (frameSamples * timescale) / sampleRate;
  return Number.isInteger(ticks) ? { data: rawDataBlock(elements), ticks } : undefined;
}

/** ISO/IEC 14496-3, table 4.3: each element with no scale factor band in use. */
function rawDataBlock(elements: readonly number[]): Uint8Array {
  const out = new BitWriter();
  const tags = new Map<number, number>();
  for (const element of elements) {
    const tag = tags.get(element) ?? 0;
    tags.set(element, tag + 1);
    out.bits(element, 3).bits(tag, 4);
    if (element === PAIR) {
      out.bits(1, 1); // common_window
      windowInfo(out);
      out.bits(0, 2); // ms_mask_present
      channel(out, true);
      channel(out, true);
    } else channel(out, false);
  }
  return out.bits(END, 3).take();
}

/** Table 4.6: one long window, max_sfb 0, no prediction. */
function windowInfo(out: BitWriter): void {
  out.bits(0, 11);
}

/** Table 4.50: global_gain; no pulses, no TNS, no gain control, no spectrum. */
function channel(out: BitWriter, common: boolean): void {
  out.bits(0, 8);
  if (!common) windowInfo(out);
  out.bits(0, 3);
}
