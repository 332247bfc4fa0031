// ISO/IEC 13818-1, table 2-34 (stream types) and what ATSC A/53, ETSI EN 300 468, SCTE 35, Apple and Xiph add.
import type { Codec } from "../../../media/codec.ts";
import {
  DESCRIPTOR_AC3,
  DESCRIPTOR_DVB_EXTENSION,
  DESCRIPTOR_EAC3,
  DESCRIPTOR_METADATA,
  DESCRIPTOR_SUBTITLING,
  DESCRIPTOR_TELETEXT,
  DESCRIPTOR_VBI_TELETEXT,
  EXTENSION_OPUS,
  registrationOf,
  type TsDescriptor,
} from "./descriptors.ts";

export const TYPE_MPEG1_AUDIO = 0x03;
export const TYPE_MPEG2_AUDIO = 0x04;
export const TYPE_PRIVATE = 0x06;
export const TYPE_ADTS = 0x0f;
export const TYPE_LATM = 0x11;
export const TYPE_METADATA = 0x15;
export const TYPE_H264 = 0x1b;
export const TYPE_H265 = 0x24;
export const TYPE_AC3 = 0x81;
export const TYPE_SCTE35 = 0x86;
export const TYPE_EAC3 = 0x87;

/** Codec of a stream, and how its frames lie in it. */
export interface StreamKind {
  readonly codec: Codec;
  readonly framing:
    | "nal"
    | "obu"
    | "adts"
    | "latm"
    | "mpeg_audio"
    | "ac3"
    | "eac3"
    | "opus"
    | "packet"
    | "cells"
    | "sections";
}

const kind = (codec: Codec, framing: StreamKind["framing"]): StreamKind => ({ codec, framing });

/** Whether a stream has pictures. */
export function isVideo({ framing }: StreamKind): boolean {
  return framing === "nal" || framing === "obu";
}

/** Stream types that stand for themselves. */
const BY_TYPE: Readonly<Record<number, StreamKind>> = {
  [TYPE_MPEG1_AUDIO]: kind("mp3", "mpeg_audio"),
  [TYPE_MPEG2_AUDIO]: kind("mp3", "mpeg_audio"),
  [TYPE_ADTS]: kind("aac", "adts"),
  [TYPE_LATM]: kind("aac", "latm"),
  [TYPE_H264]: kind("h264", "nal"),
  [TYPE_H265]: kind("h265", "nal"),
  [TYPE_AC3]: kind("ac3", "ac3"),
  [TYPE_SCTE35]: kind("scte35", "sections"),
  [TYPE_EAC3]: kind("eac3", "eac3"),
};

/** Private streams that a registration descriptor tells. */
const BY_REGISTRATION: Readonly<Record<string, StreamKind>> = {
  "Opus": kind("opus", "opus"),
  "AC-3": kind("ac3", "ac3"),
  "EAC3": kind("eac3", "eac3"),
  "HEVC": kind("h265", "nal"),
  "AV01": kind("av1", "obu"),
  "KLVA": kind("klv", "packet"),
  "ID3 ": kind("id3", "packet"),
  "JSON": kind("json", "packet"),
};

/** Private streams that a descriptor of DVB tells. */
const BY_DESCRIPTOR: Readonly<Record<number, StreamKind>> = {
  [DESCRIPTOR_AC3]: kind("ac3", "ac3"),
  [DESCRIPTOR_EAC3]: kind("eac3", "eac3"),
  [DESCRIPTOR_SUBTITLING]: kind("dvbsub", "packet"),
  [DESCRIPTOR_TELETEXT]: kind("teletext", "packet"),
  [DESCRIPTOR_VBI_TELETEXT]: kind("teletext", "packet"),
};

/** What a stream of a PMT carries; undefined where it is not known here. */
export function streamKind(streamType: number, descriptors: readonly TsDescriptor[]): StreamKind | undefined {
  const registered = registrationOf(descriptors);
  if (streamType === TYPE_METADATA) {
    const format = metadataFormat(descriptors) || registered;
    if (format === "ID3 ") return kind("id3", "packet");
    if (format === "KLVA") return kind("klv", "cells");
    return kind("private", "packet");
  }
  if (streamType !== TYPE_PRIVATE) return BY_TYPE[streamType];
  if (Object.hasOwn(BY_REGISTRATION, registered)) return BY_REGISTRATION[registered];
  for (const { tag, payload } of descriptors) {
    if (tag === DESCRIPTOR_DVB_EXTENSION && payload[0] === EXTENSION_OPUS) return kind("opus", "opus");
    const found = BY_DESCRIPTOR[tag];
    if (found !== undefined) return found;
  }
  return kind("private", "packet");
}

/** The format identifier of a metadata descriptor, ISO/IEC 13818-1, 2.6.60; empty where there is none. */
function metadataFormat(descriptors: readonly TsDescriptor[]): string {
  const payload = descriptors.find((d) => d.tag === DESCRIPTOR_METADATA)?.payload;
  if (payload === undefined) return "";
  // An application format of 0xFFFF has four more bytes; a format of 0xFF is followed by its identifier.
  const at = payload[0] === 0xff && payload[1] === 0xff ? 6 : 2;
  return payload[at] === 0xff && payload.length >= at + 5
    ? String.fromCharCode(...payload.subarray(at + 1, at + 5))
    : "";
}
