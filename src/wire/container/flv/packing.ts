// Adobe Flash Video File Format 10.1, annex E.4; Enhanced RTMP v2 (Veovera), "Enhanced Video" and "Enhanced Audio".
import { joinBytes } from "../../../base/bytes.ts";
import type { Codec } from "../../../media/codec.ts";
import type { AudioTrack, Track } from "../../../media/track.ts";
import { opusHead } from "../../codec/opus/opus_head.ts";
import { nativeFlacHeader } from "../../codec/flac/native_header.ts";

export const TAG_AUDIO = 8, TAG_VIDEO = 9, TAG_SCRIPT = 18;

/** How the frames of a track lie in tags. */
export interface FlvPacking {
  readonly tag: typeof TAG_AUDIO | typeof TAG_VIDEO;
  /** `videocodecid` or `audiocodecid` of the metadata. */
  readonly codecId: number;
  /** Bytes before each key frame's own, and before each other's. Composition time, 24 bits, follows where `times`. */
  readonly keyPrefix: Uint8Array;
  readonly prefix: Uint8Array;
  /** `always`; `enhanced`: only where it is not 0, the packet type in the prefix telling; or `never`. */
  readonly times: "always" | "enhanced" | "never";
  /** Samples are 16 bits, least significant byte first. */
  readonly swapped?: boolean;
  /** Body of the tag that a decoder has to have first. */
  readonly sequenceHeader?: Uint8Array;
}

const KEY = 1, INTER = 2;
const AVC = 7;
/** ExVideoTagHeader: the first bit, then frame type and packet type. */
const EX = 0x80;
/** SoundFormat that means an ExAudioTagHeader. */
const EX_AUDIO = 9;
const SEQUENCE_START = 0, CODED_FRAMES = 1;
/** Coded frames whose composition time is 0 and left away. */
export const CODED_FRAMES_X = 3;

function fourCc(code: string): number[] {
  return [...code].map((c) => c.charCodeAt(0));
}

/** A FourCC as the number that metadata gives. */
function fourCcNumber(code: string): number {
  return fourCc(code).reduce((n, c) => n * 256 + c, 0);
}

function h264(track: Track): FlvPacking {
  return {
    tag: TAG_VIDEO,
    codecId: AVC,
    keyPrefix: Uint8Array.of((KEY << 4) | AVC, 1),
    prefix: Uint8Array.of((INTER << 4) | AVC, 1),
    times: "always",
    sequenceHeader: joinBytes([Uint8Array.of((KEY << 4) | AVC, 0, 0, 0, 0), track.config]),
  };
}

const enhancedVideo = (code: string, times: "enhanced" | "never") => (track: Track): FlvPacking => {
  const head = (frame: number, packet: number) => Uint8Array.of(EX | (frame << 4) | packet, ...fourCc(code));
  const start = joinBytes([head(KEY, SEQUENCE_START), track.config]);
  return {
    tag: TAG_VIDEO,
    codecId: fourCcNumber(code),
    keyPrefix: head(KEY, CODED_FRAMES),
    prefix: head(INTER, CODED_FRAMES),
    times,
    ...(track.config.length > 0 ? { sequenceHeader: start } : {}),
  };
};

/** SoundRate of what 48 kHz and more say too: 44 kHz; decoders take theirs from the frames. */
function soundRate(rate: number): number {
  return rate >= 44_000 ? 3 : rate >= 22_000 ? 2 : rate >= 11_000 ? 1 : 0;
}

function classicAudio(format: number, flags: number, more: readonly number[] = []): FlvPacking {
  const prefix = Uint8Array.of((format << 4) | flags, ...more);
  return { tag: TAG_AUDIO, codecId: format, keyPrefix: prefix, prefix, times: "never" };
}

/** AAC says 44 kHz stereo whatever it is, E.4.2.1. */
function aac(track: Track): FlvPacking {
  return {
    ...classicAudio(10, 0x0f, [1]),
    sequenceHeader: joinBytes([Uint8Array.of(0xaf, 0), track.config]),
  };
}

function sixteenBits(track: Track): number {
  const { sampleRate, channels } = track as AudioTrack;
  return (soundRate(sampleRate) << 2) | 2 | (channels > 1 ? 1 : 0);
}

/** MP3 of 8 kHz has a format of its own. */
function mp3(track: Track): FlvPacking {
  return classicAudio((track as AudioTrack).sampleRate === 8000 ? 14 : 2, sixteenBits(track));
}

const enhancedAudio = (code: string, header?: (track: Track) => Uint8Array) => (track: Track): FlvPacking => {
  const head = (packet: number) => Uint8Array.of((EX_AUDIO << 4) | packet, ...fourCc(code));
  const prefix = head(CODED_FRAMES);
  return {
    tag: TAG_AUDIO,
    codecId: fourCcNumber(code),
    keyPrefix: prefix,
    prefix,
    times: "never",
    ...(header === undefined ? {} : { sequenceHeader: joinBytes([head(SEQUENCE_START), header(track)]) }),
  };
};

const g711 = (format: number) => (track: Track): FlvPacking =>
  classicAudio(format, 2 | ((track as AudioTrack).channels > 1 ? 1 : 0));

const PACKINGS: Readonly<Partial<Record<Codec, (track: Track) => FlvPacking>>> = {
  h264,
  h265: enhancedVideo("hvc1", "enhanced"),
  av1: enhancedVideo("av01", "never"),
  vp9: enhancedVideo("vp09", "never"),
  vp8: enhancedVideo("vp08", "never"),
  aac,
  mp3,
  alaw: g711(7),
  ulaw: g711(8),
  l16: (track) => ({ ...classicAudio(3, sixteenBits(track)), swapped: true }),
  opus: enhancedAudio("Opus", (track) => opusHead(track.config)),
  flac: enhancedAudio("fLaC", (track) => nativeFlacHeader(track.config)),
  ac3: enhancedAudio("ac-3"),
  eac3: enhancedAudio("ec-3"),
};

/** Whether frames of a codec have a form in FLV here; data travels in script tags. */
export function flvCarries(codec: Codec): boolean {
  return Object.hasOwn(PACKINGS, codec);
}

/** How frames of a track lie in tags; undefined for a codec without a form. */
export function flvPackingOf(track: Track): FlvPacking | undefined {
  return PACKINGS[track.codec]?.(track);
}
