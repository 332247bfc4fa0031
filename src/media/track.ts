import type { Codec } from "./codec.ts";

/**
 * What a reader must know of a track before its first frame. `config` is the codec's configuration in the form that
 * MP4 stores it in:
 *
 * | codec | config |
 * |---|---|
 * | h264 | AVCDecoderConfigurationRecord, ISO/IEC 14496-15, 5.3.3.1 (NAL length size 4) |
 * | h265 | HEVCDecoderConfigurationRecord, ISO/IEC 14496-15, 8.3.3.1 (NAL length size 4) |
 * | av1 | AV1CodecConfigurationRecord, AV1-ISOBMFF, 2.3 |
 * | vp9 | VPCodecConfigurationRecord without the full-box header, VP9-ISOBMFF |
 * | aac | AudioSpecificConfig, ISO/IEC 14496-3, 1.6.2.1 |
 * | opus | OpusSpecificBox payload (`dOps`), Opus-in-ISOBMFF, 4.3.2 |
 * | ac3, eac3 | AC3SpecificBox / EC3SpecificBox payload, ETSI TS 102 366, F.4/F.6 |
 * | flac | STREAMINFO metadata block with its 4-byte header, RFC 9639, 8.2 |
 * | dvbsub, teletext | payload of the subtitling / teletext descriptor, ETSI EN 300 468, 6.2.41/6.2.43 |
 * | vp8, jpeg, mp3, mp2, alaw, ulaw, l16, other data | empty |
 */
interface TrackBase {
  /** Number of the track in its stream, from 0, stable while the stream lives. */
  readonly id: number;
  readonly codec: Codec;
  /** Ticks per second: 90 000 for video and data, the sample rate for audio. */
  readonly timescale: number;
  readonly config: Uint8Array;
  /** RFC 6381 string such as `avc1.64001F`; empty where none exists. */
  readonly codecString: string;
  /** ISO 639-2 code; `und` when unknown. */
  readonly language: string;
}

export interface VideoTrack extends TrackBase {
  readonly kind: "video";
  /** Displayed size in pixels; 0 while unknown. */
  readonly width: number;
  readonly height: number;
  /** Nominal frames per second from the parameter sets or the SDP; 0 when unknown. */
  readonly frameRate: number;
}

export interface AudioTrack extends TrackBase {
  readonly kind: "audio";
  readonly sampleRate: number;
  readonly channels: number;
}

export interface DataTrack extends TrackBase {
  readonly kind: "data";
}

export type Track = VideoTrack | AudioTrack | DataTrack;
