import { ByteWriter } from "../../../base/bytes.ts";
import type { Track } from "../../../media/track.ts";
import { box, fullBox } from "./box_writer.ts";
import { writeSampleEntry } from "./sample_entry.ts";

/** A track of a fragmented MP4. */
export interface Mp4Track {
  /** track_ID: from 1, one of its own for each track of the file. */
  readonly id: number;
  readonly track: Track;
}

/** Ticks per second of the movie header; says nothing here, as a live movie's duration is 0. */
const MOVIE_TIMESCALE = 1000;
/** Enabled, in the movie, in its preview. */
const TRACK_SHOWN = 7;

/**
 * The initialization segment, ISO/IEC 14496-12, 8.8: `ftyp`, and a `moov` that describes the tracks and says that
 * their samples follow in fragments. Throws `NotInMp4` for a codec that MP4 does not carry here, RangeError for
 * track numbers that are 0 or not unique.
 */
export function encodeInit(tracks: readonly Mp4Track[]): Uint8Array<ArrayBuffer> {
  checkIds(tracks);
  const w = new ByteWriter(1024);
  writeFileType(w, tracks);
  box(w, "moov", () => {
    writeMovieHeader(w, tracks);
    for (const t of tracks) writeTrack(w, t);
    box(w, "mvex", () => {
      for (const { id } of tracks) {
        // track, sample description 1, then defaults that each fragment replaces
        fullBox(w, "trex", 0, 0, () => w.u32(id).u32(1).u32(0).u32(0).u32(0));
      }
    });
  });
  return w.take();
}

function checkIds(tracks: readonly Mp4Track[]): void {
  const seen = new Set<number>();
  for (const { id } of tracks) {
    if (!Number.isInteger(id) || id < 1 || id >= 0xffffffff || seen.has(id)) {
      throw new RangeError(`Cannot use ${id} as track number: not from 1 on, or there already`);
    }
    seen.add(id);
  }
}

/**
 * `iso6` for `tfdt` and signed composition offsets; `cmf2` (CMAF with signed offsets, ISO/IEC 23000-19, 7.2) holds for
 * one track a file only; AV1-ISOBMFF, 2.1 wants `av01`.
 */
function writeFileType(w: ByteWriter, tracks: readonly Mp4Track[]): void {
  box(w, "ftyp", () => {
    w.latin1("iso6").u32(0).latin1("iso6mp41");
    if (tracks.length === 1) w.latin1("cmf2");
    if (tracks.some((t) => t.track.codec === "av1")) w.latin1("av01");
  });
}

/** The unity matrix of `mvhd` and `tkhd`: 16.16 but for the last column's 2.30. */
function writeMatrix(w: ByteWriter): void {
  w.u32(0x10000).zeros(12).u32(0x10000).zeros(12).u32(0x40000000);
}

function writeMovieHeader(w: ByteWriter, tracks: readonly Mp4Track[]): void {
  fullBox(w, "mvhd", 0, 0, () => {
    w.u32(0).u32(0).u32(MOVIE_TIMESCALE).u32(0); // created, modified, scale, duration
    w.u32(0x10000).u16(0x100).zeros(10); // rate 1, volume 1
    writeMatrix(w);
    w.zeros(24).u32(tracks.reduce((most, t) => Math.max(most, t.id), 0) + 1);
  });
}

function writeTrack(w: ByteWriter, { id, track }: Mp4Track): void {
  box(w, "trak", () => {
    fullBox(w, "tkhd", 0, TRACK_SHOWN, () => {
      w.u32(0).u32(0).u32(id).u32(0).u32(0).zeros(8); // created, modified, id, reserved, duration
      w.u16(0).u16(0).u16(track.kind === "audio" ? 0x100 : 0).u16(0); // layer, group, volume
      writeMatrix(w);
      const video = track.kind === "video";
      w.u16(video ? track.width : 0).u16(0).u16(video ? track.height : 0).u16(0); // 16.16 each
    });
    box(w, "mdia", () => {
      fullBox(w, "mdhd", 0, 0, () => {
        w.u32(0).u32(0).u32(track.timescale).u32(0).u16(packLanguage(track.language)).u16(0);
      });
      fullBox(w, "hdlr", 0, 0, () => {
        const video = track.kind === "video";
        w.u32(0).latin1(video ? "vide" : "soun").zeros(12).latin1(video ? "Video" : "Sound").u8(0);
      });
      writeMediaInformation(w, track);
    });
  });
}

function writeMediaInformation(w: ByteWriter, track: Track): void {
  box(w, "minf", () => {
    if (track.kind === "video") fullBox(w, "vmhd", 0, 1, () => w.zeros(8));
    else fullBox(w, "smhd", 0, 0, () => w.zeros(4));
    box(w, "dinf", () => {
      // One entry with flag 1: the samples are in this very file.
      fullBox(w, "dref", 0, 0, () => {
        w.u32(1);
        fullBox(w, "url ", 0, 1, () => {});
      });
    });
    box(w, "stbl", () => {
      fullBox(w, "stsd", 0, 0, () => {
        w.u32(1);
        writeSampleEntry(w, track);
      });
      for (const type of ["stts", "stsc"]) fullBox(w, type, 0, 0, () => w.u32(0));
      fullBox(w, "stsz", 0, 0, () => w.zeros(8));
      fullBox(w, "stco", 0, 0, () => w.u32(0));
    });
  });
}

/** ISO 639-2 code as three 5-bit letters, ISO/IEC 14496-12, 8.4.2; anything else is `und`. */
function packLanguage(code: string): number {
  const letters = /^[a-z]{3}$/.test(code) ? code : "und";
  let packed = 0;
  for (let i = 0; i < 3; i++) packed = (packed << 5) | (letters.charCodeAt(i) - 0x60);
  return packed;
}
