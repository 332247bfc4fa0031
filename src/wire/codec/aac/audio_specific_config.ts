// ISO/IEC 14496-3, 1.6.2.1: AudioSpecificConfig.
import { BitReader, BitWriter } from "../../../base/bits.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { decodeWhole } from "../whole_unit.ts";
import type { AudioDescription } from "../audio_description.ts";
import { readProgramConfigChannels } from "./program_config.ts";
import { AAC_CHANNELS, AAC_SAMPLE_RATES, aacSampleRateIndex } from "./sample_rate.ts";

/** Longest configuration that is looked at, in bytes. */
export const ASC_MAX = 512;

export interface AudioSpecificConfig {
  /** Of the core: 2 is AAC-LC. */
  readonly objectType: number;
  /** Of the core, in Hz. */
  readonly sampleRate: number;
  readonly channelConfiguration: number;
  /** Channels of the core; 0 where nothing says. */
  readonly channels: number;
  /** Rate after spectral band replication, in Hz; 0 where it is not signalled. */
  readonly sbrSampleRate: number;
  /** Whether the replication is signalled in front (object type 5 or 29) or behind (0x2b7). */
  readonly sbrInFront: boolean;
  /** Parametric stereo is signalled: one coded channel comes out as two. */
  readonly ps: boolean;
  /** Samples of a frame of the core; 512 and 480 are low delay's. */
  readonly frameSamples: 1024 | 960 | 512 | 480;
}

const SBR = 5;
const PS = 29;
const LOW_DELAY = 23;
/** Object types with a GASpecificConfig that are read; the others are refused. */
const GENERAL_AUDIO = [1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23];

function readObjectType(r: BitReader): number {
  const type = r.bits(5);
  return type === 31 ? 32 + r.bits(6) : type;
}

function readSampleRate(r: BitReader): number {
  const index = r.bits(4);
  if (index === 15) {
    const rate = r.bits(24);
    if (rate === 0) throw new RangeError("sampling frequency 0");
    return rate;
  }
  const rate = AAC_SAMPLE_RATES[index];
  if (rate === undefined) throw new RangeError(`samplingFrequencyIndex ${index} is reserved`);
  return rate;
}

/**
 * Reads a configuration of at most `length` bits that need not start on a byte boundary, as LATM has it. With
 * `length` 0 its end is not known: the signalling behind it is not looked for. Throws Truncated and RangeError.
 */
export function readAudioSpecificConfig(r: BitReader, length: number): AudioSpecificConfig {
  const start = r.at;
  const end = start + length;
  let objectType = readObjectType(r);
  const sampleRate = readSampleRate(r);
  const channelConfiguration = r.bits(4);
  let sbrSampleRate = 0;
  let ps = objectType === PS;
  const sbrInFront = objectType === SBR || objectType === PS;
  if (sbrInFront) {
    sbrSampleRate = readSampleRate(r);
    objectType = readObjectType(r);
    if (objectType === 22) r.skip(4);
  }
  if (!GENERAL_AUDIO.includes(objectType)) throw new RangeError(`audio object type ${objectType} is not AAC`);
  const short = r.flag();
  const frameSamples = objectType === LOW_DELAY ? (short ? 480 : 512) : short ? 960 : 1024;
  if (r.flag()) r.skip(14); // coreCoderDelay
  const extension = r.flag();
  let channels = AAC_CHANNELS[channelConfiguration] as number;
  if (channelConfiguration === 0) channels = readProgramConfigChannels(r, start);
  if (objectType === 6 || objectType === 20) r.skip(3);
  if (extension) {
    if (objectType === 22) r.skip(16);
    if ([17, 19, 20, 23].includes(objectType)) r.skip(3);
    r.skip(1);
  }
  if (objectType >= 17) r.skip(2); // epConfig
  if (!sbrInFront && end - r.at >= 21 && r.bits(11) === 0x2b7 && readObjectType(r) === SBR && r.flag()) {
    sbrSampleRate = readSampleRate(r);
    if (end - r.at >= 12 && r.bits(11) === 0x548) ps = r.flag();
  }
  return {
    objectType,
    sampleRate,
    channelConfiguration,
    channels,
    sbrSampleRate,
    sbrInFront,
    ps,
    frameSamples,
  };
}

/** Decodes a configuration that fills `bytes`. Bytes behind it are ignored. Never throws. */
export function decodeAudioSpecificConfig(bytes: Uint8Array): Decoded<AudioSpecificConfig> {
  if (bytes.length > ASC_MAX) return bad(ASC_MAX, `AudioSpecificConfig longer than ${ASC_MAX} bytes`);
  return decodeWhole("AudioSpecificConfig", () => {
    return ok(readAudioSpecificConfig(new BitReader(bytes), bytes.length * 8), bytes.length);
  });
}

/** Encodes a configuration without program config element: channelConfiguration must not be 0. Throws RangeError. */
export function encodeAudioSpecificConfig(
  c:
    & Pick<AudioSpecificConfig, "objectType" | "sampleRate" | "channelConfiguration">
    & Partial<AudioSpecificConfig>,
): Uint8Array<ArrayBuffer> {
  if (c.channelConfiguration === 0) throw new RangeError("AudioSpecificConfig with channelConfiguration 0");
  const w = new BitWriter();
  const objectType = (type: number) => type > 30 ? w.bits(31, 5).bits(type - 32, 6) : w.bits(type, 5);
  const sampleRate = (rate: number) => {
    const index = aacSampleRateIndex(rate);
    return index < 0 ? w.bits(15, 4).bits(rate, 24) : w.bits(index, 4);
  };
  const sbr = c.sbrSampleRate ?? 0;
  const inFront = sbr > 0 && c.sbrInFront === true;
  objectType(inFront ? (c.ps ? PS : SBR) : c.objectType);
  sampleRate(c.sampleRate);
  w.bits(c.channelConfiguration, 4);
  if (inFront) {
    sampleRate(sbr);
    objectType(c.objectType);
  }
  w.flag(c.frameSamples === 960 || c.frameSamples === 480).bits(0, 2);
  if (sbr > 0 && !inFront) {
    w.bits(0x2b7, 11).bits(SBR, 5).flag(true);
    sampleRate(sbr);
    if (c.ps) w.bits(0x548, 11).flag(true);
  }
  return w.take();
}

/** Rate at which a frame plays, in Hz: that of the replication where it is signalled. */
export function aacOutputRate(c: AudioSpecificConfig): number {
  return c.sbrSampleRate > 0 ? c.sbrSampleRate : c.sampleRate;
}

/** Samples of one frame at {@link aacOutputRate}: those of the core, or twice as many with replication. */
export function aacFrameSamples(c: AudioSpecificConfig): number {
  return Math.round((c.frameSamples * aacOutputRate(c)) / c.sampleRate);
}

/** RFC 6381, 3.3: `mp4a.40.` and the object type that a decoder needs. */
export function aacCodecString(c: AudioSpecificConfig): string {
  return `mp4a.40.${c.sbrSampleRate > 0 ? (c.ps ? PS : SBR) : c.objectType}`;
}

/**
 * Describes an AAC track from its configuration. The sample rate is the one at which frames play, and so twice the
 * core's where replication is signalled. Never throws.
 */
export function describeAac(asc: Uint8Array): Decoded<AudioDescription> {
  const decoded = decodeAudioSpecificConfig(asc);
  if (decoded.kind !== "ok") return decoded;
  const c = decoded.value;
  const channels = c.ps && c.channels === 1 ? 2 : c.channels;
  if (channels === 0) return bad(0, "AudioSpecificConfig does not tell its channels");
  return ok({
    codec: "aac",
    config: asc.slice(),
    codecString: aacCodecString(c),
    sampleRate: aacOutputRate(c),
    channels,
  }, asc.length);
}
