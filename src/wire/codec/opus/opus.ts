// RFC 6716, 3.1: the TOC byte; Opus-in-ISOBMFF, 4.3.2: OpusSpecificBox (dOps).
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import type { AudioDescription } from "../audio_description.ts";
import { decodeWhole } from "../whole_unit.ts";

/** Samples at 48 kHz of the longest packet: 120 ms. */
export const OPUS_PACKET_SAMPLES_MAX = 5760;
/** Samples to drop at the start where the sender does not say: what libopus needs. */
const PRE_SKIP = 312;

const SILK = [480, 960, 1920, 2880];
const CELT = [120, 240, 480, 960];

/** Samples at 48 kHz that a packet holds; 0 for a packet that cannot be. */
export function opusPacketSamples(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  const config = toc >> 3;
  const frame = config < 12
    ? SILK[config & 3] as number
    : config < 16
    ? (config & 1 ? 960 : 480)
    : CELT[config & 3] as number;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 63;
  const samples = frame * frames;
  return samples <= OPUS_PACKET_SAMPLES_MAX ? samples : 0;
}

export interface OpusConfig {
  readonly channels: number;
  /** Samples at 48 kHz to drop at the start. */
  readonly preSkip: number;
  /** Rate of the source, in Hz; for information, decoding is at 48 kHz. */
  readonly inputSampleRate: number;
  /** In 1/256 dB. */
  readonly outputGain: number;
  /** For family 0 (mono, stereo): undefined. */
  readonly mapping: OpusMapping | undefined;
}

export interface OpusMapping {
  readonly family: number;
  readonly streams: number;
  readonly coupled: number;
  /** For each output channel the decoded channel that it takes, 255 for silence. */
  readonly channels: Uint8Array;
}

/** Decodes a dOps payload. Never throws. */
export function decodeOpusConfig(bytes: Uint8Array): Decoded<OpusConfig> {
  return decodeWhole("dOps", () => {
    const r = new ByteReader(bytes);
    const version = r.u8();
    if (version !== 0) return bad(0, `dOps version ${version}`);
    const channels = r.u8();
    if (channels === 0) return bad(1, "dOps with no channels");
    const preSkip = r.u16();
    const inputSampleRate = r.u32();
    const outputGain = r.i16();
    const family = r.u8();
    if (family === 0 && channels > 2) return bad(1, `dOps family 0 with ${channels} channels`);
    const mapping = family === 0
      ? undefined
      : { family, streams: r.u8(), coupled: r.u8(), channels: r.bytes(channels) };
    return ok({ channels, preSkip, inputSampleRate, outputGain, mapping }, r.at);
  });
}

/** Encodes a dOps payload. */
export function encodeOpusConfig(c: OpusConfig): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(32);
  w.u8(0).u8(c.channels).u16(c.preSkip).u32(c.inputSampleRate).i16(c.outputGain).u8(c.mapping?.family ?? 0);
  if (c.mapping) w.u8(c.mapping.streams).u8(c.mapping.coupled).bytes(c.mapping.channels);
  return w.take();
}

/** RFC 7845, 5.1.1.2: streams, coupled streams and mapping of family 1 for 3 to 8 channels. */
const SURROUND: Record<number, readonly [number, number, readonly number[]]> = {
  3: [2, 1, [0, 2, 1]],
  4: [2, 2, [0, 1, 2, 3]],
  5: [3, 2, [0, 4, 1, 2, 3]],
  6: [4, 2, [0, 4, 1, 2, 3, 5]],
  7: [4, 3, [0, 4, 1, 2, 3, 5, 6]],
  8: [5, 3, [0, 6, 1, 2, 3, 4, 5, 7]],
};

/** Describes an Opus track of 1 to 8 channels, as RTP carries it: always 48 kHz. Never throws. */
export function describeOpus(channels: number): Decoded<AudioDescription> {
  const surround = SURROUND[channels];
  if (channels !== 1 && channels !== 2 && surround === undefined) {
    return bad(0, `Opus with ${channels} channels`);
  }
  const mapping = surround &&
    { family: 1, streams: surround[0], coupled: surround[1], channels: Uint8Array.from(surround[2]) };
  const config = encodeOpusConfig({
    channels,
    preSkip: PRE_SKIP,
    inputSampleRate: 48000,
    outputGain: 0,
    mapping,
  });
  return ok({ codec: "opus", config, codecString: "opus", sampleRate: 48000, channels }, 0);
}
