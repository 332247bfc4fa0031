import type { ByteWriter } from "../../../base/bytes.ts";
import type { Codec } from "../../../media/codec.ts";
import type { AudioTrack, Track, VideoTrack } from "../../../media/track.ts";
import { box, fullBox } from "./box_writer.ts";
import { encodeEsds, OBJECT_TYPE } from "./esds.ts";

/** Thrown for a track that has no form in MP4 here; G.711 and L16 are to be made FLAC first. */
export class NotInMp4 extends Error {
  constructor(readonly codec: Codec) {
    super(`Cannot write ${codec} into MP4`);
  }
}

/** The sample entry's four characters, and the boxes that follow its fixed fields. */
interface Entry<T extends Track> {
  readonly type: string;
  readonly boxes: (w: ByteWriter, track: T) => void;
}

const esds = (w: ByteWriter, objectType: number, kind: "audio" | "video", specific: Uint8Array) =>
  fullBox(w, "esds", 0, 0, () => w.bytes(encodeEsds(objectType, kind, specific)));

const plain = (type: string) => (w: ByteWriter, track: Track) => box(w, type, () => w.bytes(track.config));

/** VP Codec ISO Media File Format Binding, 2.2: profile 0, 8 bits, 4:2:0, colours unspecified: all that VP8 can be. */
const VP8_CONFIG = Uint8Array.of(0, 0, 0x82, 2, 2, 2, 0, 0);
const NO_CONFIG = new Uint8Array(0);

/**
 * `avc1` and `hvc1`, not `avc3` and `hev1`: canonical frames hold no parameter sets, a change of them makes a new
 * init segment, and Apple's players take HEVC only as `hvc1`.
 */
const VIDEO: Partial<Record<Codec, Entry<VideoTrack>>> = {
  h264: { type: "avc1", boxes: plain("avcC") },
  h265: { type: "hvc1", boxes: plain("hvcC") },
  av1: { type: "av01", boxes: plain("av1C") },
  vp9: { type: "vp09", boxes: (w, t) => fullBox(w, "vpcC", 1, 0, () => w.bytes(t.config)) },
  vp8: { type: "vp08", boxes: (w) => fullBox(w, "vpcC", 1, 0, () => w.bytes(VP8_CONFIG)) },
  jpeg: { type: "mp4v", boxes: (w) => esds(w, OBJECT_TYPE.jpeg, "video", NO_CONFIG) },
};

const AUDIO: Partial<Record<Codec, Entry<AudioTrack>>> = {
  aac: { type: "mp4a", boxes: (w, t) => esds(w, OBJECT_TYPE.aac, "audio", t.config) },
  // Browsers know MP3 in MP4 by the object type alone; QuickTime's `.mp3` entry is unknown to them.
  mp3: {
    type: "mp4a",
    boxes: (w, t) =>
      esds(w, t.sampleRate < 32000 ? OBJECT_TYPE.mpeg2Audio : OBJECT_TYPE.mpeg1Audio, "audio", NO_CONFIG),
  },
  opus: { type: "Opus", boxes: plain("dOps") },
  ac3: { type: "ac-3", boxes: plain("dac3") },
  eac3: { type: "ec-3", boxes: plain("dec3") },
  flac: { type: "fLaC", boxes: (w, t) => fullBox(w, "dfLa", 0, 0, () => lastBlock(w, t.config)) },
};

/** FLAC in ISOBMFF, 3.3.2: the metadata blocks; STREAMINFO is the only one, so it carries the last-block flag. */
function lastBlock(w: ByteWriter, streamInfo: Uint8Array): void {
  w.u8((streamInfo[0] ?? 0) | 0x80).bytes(streamInfo.subarray(1));
}

/** Whether {@link writeSampleEntry} knows the codec. */
export function mp4Carries(codec: Codec): boolean {
  return VIDEO[codec] !== undefined || AUDIO[codec] !== undefined;
}

/** Writes the one entry of a track's sample description (`stsd`), ISO/IEC 14496-12, 8.5.2; throws {@link NotInMp4}. */
export function writeSampleEntry(w: ByteWriter, track: Track): void {
  if (track.kind === "video") writeVisual(w, track);
  else if (track.kind === "audio") writeAudio(w, track);
  else throw new NotInMp4(track.codec);
}

/** VisualSampleEntry, ISO/IEC 14496-12, 12.1.3. */
function writeVisual(w: ByteWriter, track: VideoTrack): void {
  const entry = VIDEO[track.codec];
  if (entry === undefined) throw new NotInMp4(track.codec);
  box(w, entry.type, () => {
    w.zeros(6).u16(1).zeros(16); // reserved, data reference 1, pre-defined
    w.u16(track.width).u16(track.height);
    w.u32(72 << 16).u32(72 << 16).u32(0); // 72 dpi both ways
    w.u16(1).zeros(32).u16(24).i16(-1); // one frame a sample, no compressor name, colour without alpha
    entry.boxes(w, track);
  });
}

/** AudioSampleEntry, version 0, ISO/IEC 14496-12, 12.2.3. */
function writeAudio(w: ByteWriter, track: AudioTrack): void {
  const entry = AUDIO[track.codec];
  if (entry === undefined) throw new NotInMp4(track.codec);
  box(w, entry.type, () => {
    w.zeros(6).u16(1).zeros(8);
    w.u16(track.channels).u16(16).zeros(4);
    w.u16(rateThatFits(track.sampleRate)).u16(0); // 16.16
    entry.boxes(w, track);
  });
}

/** The field has 16 bits: a higher rate is written as its greatest regular division, FLAC in ISOBMFF, 3.3.1. */
function rateThatFits(rate: number): number {
  let fits = rate;
  while (fits > 0xffff) fits /= 2;
  return Math.floor(fits);
}
