// How the frames of each codec lie in PES packets, and what the PMT says of their stream. One table row a codec.
import type { Codec } from "../../../../media/codec.ts";
import type { AudioTrack, DataTrack, Track } from "../../../../media/track.ts";
import { ADTS_HEADER, writeAdtsHeader } from "../../../codec/aac/adts.ts";
import { adtsConfigOf } from "../../../codec/aac/adts_config.ts";
import { annexBPrefix } from "../../../codec/annexb_prefix.ts";
import { decodeOpusConfig } from "../../../codec/opus/opus.ts";
import {
  DESCRIPTOR_DVB_EXTENSION,
  DESCRIPTOR_LANGUAGE,
  DESCRIPTOR_METADATA,
  DESCRIPTOR_SUBTITLING,
  DESCRIPTOR_TELETEXT,
  EXTENSION_OPUS,
  latin1,
  registration,
  type TsDescriptor,
} from "../descriptors.ts";
import { STREAM_AUDIO, STREAM_PRIVATE_1, STREAM_VIDEO } from "../pes.ts";
import * as types from "../stream_kind.ts";
import { NotInTs } from "./not_in_ts.ts";

/** Bytes that stand before each frame's own. */
export interface FrameHead {
  /** Their number, for a frame of `size` bytes. */
  size(size: number): number;
  /** Writes them at `out[at]`. */
  write(out: Uint8Array, at: number, size: number): void;
}

/** What the muxer must know of a track. */
export interface Packing {
  readonly streamType: number;
  readonly descriptors: readonly TsDescriptor[];
  readonly streamId: number;
  /** Several frames may share a PES packet. */
  readonly shared?: boolean;
  /** 4-byte lengths in the frames become start codes. */
  readonly lengthPrefixed?: boolean;
  /** Stands before each frame that is no key frame. */
  readonly prefix?: Uint8Array;
  /** Stands before each key frame. */
  readonly keyPrefix?: Uint8Array;
  readonly head?: FrameHead;
  /** Stuffing bytes in each PES header. */
  readonly stuffing?: number;
  /** Frames are sections: no PES. */
  readonly sections?: boolean;
}

const NONE: readonly TsDescriptor[] = [];

const annexB = (streamType: number, descriptors: readonly TsDescriptor[]) => (track: Track): Packing => {
  const prefix = annexBPrefix(track);
  if (prefix === undefined) throw new NotInTs(track, "its parameter sets are not known");
  return {
    streamType,
    descriptors,
    streamId: STREAM_VIDEO,
    lengthPrefixed: true,
    prefix: prefix.other,
    keyPrefix: prefix.key,
  };
};

function aac(track: Track): Packing {
  const config = adtsConfigOf(track.config);
  if (typeof config === "string") throw new NotInTs(track, config);
  return {
    streamType: types.TYPE_ADTS,
    descriptors: NONE,
    streamId: STREAM_AUDIO,
    shared: true,
    head: { size: () => ADTS_HEADER, write: (out, at, size) => writeAdtsHeader(out, at, config, size) },
  };
}

function mpegAudio(track: Track): Packing {
  const low = (track as AudioTrack).sampleRate < 32_000;
  const streamType = low ? types.TYPE_MPEG2_AUDIO : types.TYPE_MPEG1_AUDIO;
  return { streamType, descriptors: NONE, streamId: STREAM_AUDIO, shared: true };
}

/** Opus in MPEG-TS (opus-codec.org, ETSI TS 103 491): a control header of 0x7FE0, then the size in pieces of 255. */
const OPUS_HEAD: FrameHead = {
  size: (size) => 3 + Math.floor(size / 255),
  write(out, at, size) {
    out[at++] = 0x7f;
    out[at++] = 0xe0;
    for (; size >= 255; size -= 255) out[at++] = 255;
    out[at] = size;
  },
};

function opus(track: Track): Packing {
  const config = decodeOpusConfig(track.config);
  const { channels } = track as AudioTrack;
  const family = config.kind === "ok" ? config.value.mapping?.family ?? 0 : 0;
  if (channels > 8 || family > 1) throw new NotInTs(track, "its channels have no code");
  return {
    streamType: types.TYPE_PRIVATE,
    descriptors: [
      registration("Opus"),
      { tag: DESCRIPTOR_DVB_EXTENSION, payload: Uint8Array.of(EXTENSION_OPUS, channels) },
    ],
    streamId: STREAM_PRIVATE_1,
    shared: true,
    head: OPUS_HEAD,
  };
}

/** The reference's form of JSON: two bytes of length, then the text. */
const JSON_HEAD: FrameHead = {
  size: () => 2,
  write(out, at, size) {
    if (size > 0xffff) throw new RangeError(`Cannot write a JSON frame of ${size} bytes`);
    out[at] = size >> 8;
    out[at + 1] = size;
  },
};

const dolby = (streamType: number, format: string) => (): Packing => ({
  streamType,
  descriptors: [registration(format)],
  streamId: STREAM_PRIVATE_1,
  shared: true,
});

const data = (streamType: number, descriptors: readonly TsDescriptor[], head?: FrameHead) => (): Packing => ({
  streamType,
  descriptors,
  streamId: STREAM_PRIVATE_1,
  ...(head === undefined ? {} : { head }),
});

/** Apple, Timed Metadata for HTTP Live Streaming, 2.2: the metadata descriptor of an ID3 stream in program 1. */
const ID3_METADATA = {
  tag: DESCRIPTOR_METADATA,
  payload: Uint8Array.of(0xff, 0xff, ...latin1("ID3 "), 0xff, ...latin1("ID3 "), 0, 0x0f),
};

const dvb = (tag: number, stuffing: number) => (track: Track): Packing => ({
  streamType: types.TYPE_PRIVATE,
  descriptors: track.config.length > 0 ? [{ tag, payload: (track as DataTrack).config }] : NONE,
  streamId: STREAM_PRIVATE_1,
  stuffing,
});

/** Teletext wants a PES header of 45 bytes, ETSI EN 300 472, 4.2. */
const TELETEXT_STUFFING = 31;

const PACKINGS: Readonly<Partial<Record<Codec, (track: Track) => Packing>>> = {
  h264: annexB(types.TYPE_H264, NONE),
  h265: annexB(types.TYPE_H265, [registration("HEVC")]),
  aac,
  mp3: mpegAudio,
  mp2: mpegAudio,
  ac3: dolby(types.TYPE_AC3, "AC-3"),
  eac3: dolby(types.TYPE_EAC3, "EAC3"),
  opus,
  id3: data(types.TYPE_METADATA, [ID3_METADATA]),
  klv: data(types.TYPE_PRIVATE, [registration("KLVA")]),
  json: data(types.TYPE_PRIVATE, [registration("JSON")], JSON_HEAD),
  private: data(types.TYPE_PRIVATE, NONE),
  dvbsub: dvb(DESCRIPTOR_SUBTITLING, 0),
  teletext: dvb(DESCRIPTOR_TELETEXT, TELETEXT_STUFFING),
  scte35: () => ({
    streamType: types.TYPE_SCTE35,
    descriptors: [registration("CUEI")],
    streamId: 0,
    sections: true,
  }),
};

/** Whether a codec has a form in MPEG-TS here. */
export function tsCarries(codec: Codec): boolean {
  return Object.hasOwn(PACKINGS, codec);
}

/** How a track is written. Throws {@link NotInTs} for one that cannot be. */
export function packingOf(track: Track): Packing {
  const make = PACKINGS[track.codec];
  if (make === undefined) throw new NotInTs(track, "the codec has no form in it");
  const packing = make(track);
  const named = track.codec !== "dvbsub" && track.codec !== "teletext" && /^[a-z]{3}$/.test(track.language) &&
    track.language !== "und";
  if (!named) return packing;
  const language = { tag: DESCRIPTOR_LANGUAGE, payload: Uint8Array.of(...latin1(track.language), 0) };
  return { ...packing, descriptors: [...packing.descriptors, language] };
}
