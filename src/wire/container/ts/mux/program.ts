// ISO/IEC 13818-1, 2.4.4.3 and 2.4.4.8: the tables of a stream with one program.
import type { Track } from "../../../../media/track.ts";
import {
  DESCRIPTOR_METADATA_POINTER,
  encodeTsDescriptors,
  latin1,
  registration,
  type TsDescriptor,
} from "../descriptors.ts";
import { PID_NULL, PID_PAT, TS_PACKET } from "../packet.ts";
import { encodePat, encodePmt, sectionPackets, writeSection } from "../psi.ts";
import { type Packing, packingOf } from "./packing.ts";

/** Numbers of a program; the defaults are those of ffmpeg. */
export interface ProgramSettings {
  /** transport_stream_id, 16 bits. 1. */
  readonly streamId?: number;
  /** program_number, 1 to 65535. 1. */
  readonly program?: number;
  /** PID of the PMT. 0x1000. */
  readonly pmtPid?: number;
  /** PID of the first track; the others count on. 0x100. */
  readonly firstPid?: number;
  /** Version of both tables, 0 to 31: to be raised when the tracks of a running stream change. */
  readonly version?: number;
  /** Times begin here, in ticks of 90 kHz, 0 to 2^33 - 1; more than the delay, so that the clock is not negative. 126 000. */
  readonly origin?: number;
  /** Time from a frame's first byte to its decoding, in ticks of 90 kHz. 63 000. */
  readonly delay?: number;
  /** Most time between clock references, ms; 1 to 100. 40. */
  readonly pcrMillis?: number;
}

export interface ProgramTrack {
  readonly track: Track;
  readonly pid: number;
  readonly packing: Packing;
}

/** What is needed to write a program; made once, used by any number of writers. */
export interface TsProgram {
  readonly tracks: readonly ProgramTrack[];
  /** Index of the track whose packets carry the clock; -1 where no track can. */
  readonly clock: number;
  readonly pmtPid: number;
  readonly pat: Uint8Array;
  readonly pmt: Uint8Array;
  readonly origin: number;
  readonly delay: number;
  /** Most ticks of 90 kHz between clock references. */
  readonly pcrTicks: number;
  /** Bytes of PAT and PMT as packets. */
  readonly tablesSize: number;
}

/**
 * Numbers the tracks and makes the tables. Throws NotInTs for a track that cannot be carried, RangeError where the
 * PMT does not fit its section.
 */
export function openProgram(tracks: readonly Track[], settings: ProgramSettings = {}): TsProgram {
  const { streamId = 1, program = 1, pmtPid = 0x1000, firstPid = 0x100, version = 0 } = settings;
  const made = tracks.map((track, i) => ({ track, pid: firstPid + i, packing: packingOf(track) }));
  const find = (kind: Track["kind"]) => made.findIndex((t) => t.track.kind === kind && !t.packing.sections);
  const clock = [find("video"), find("audio"), find("data")].find((i) => i >= 0) ?? -1;
  const pat = encodePat(streamId, version, [{ program, pid: pmtPid }]);
  const pmt = encodePmt(program, version, {
    pcrPid: made[clock]?.pid ?? PID_NULL,
    descriptors: encodeTsDescriptors(programDescriptors(tracks, program)),
    streams: made.map(({ pid, packing }) => ({
      streamType: packing.streamType,
      pid,
      descriptors: encodeTsDescriptors(packing.descriptors),
    })),
  });
  return {
    tracks: made,
    clock,
    pmtPid,
    pat,
    pmt,
    origin: settings.origin ?? 126_000,
    delay: settings.delay ?? 63_000,
    pcrTicks: Math.max(90, Math.floor((settings.pcrMillis ?? 40) * 90)),
    tablesSize: (sectionPackets(pat.length) + sectionPackets(pmt.length)) * TS_PACKET,
  };
}

/** SCTE 35, 8.1: the registration of the program; Apple, Timed Metadata, 2.2: the pointer to the ID3 stream. */
function programDescriptors(tracks: readonly Track[], program: number): TsDescriptor[] {
  const out: TsDescriptor[] = [];
  if (tracks.some((t) => t.codec === "scte35")) out.push(registration("CUEI"));
  if (tracks.some((t) => t.codec === "id3")) {
    const format = latin1("ID3 ");
    const payload = Uint8Array.of(0xff, 0xff, ...format, 0xff, ...format, 0, 0x1f, program >> 8, program);
    out.push({ tag: DESCRIPTOR_METADATA_POINTER, payload });
  }
  return out;
}

/** Bytes of PAT and PMT as packets; `flagged` as for {@link writeTables}. */
export function tablesSize({ pat, pmt }: TsProgram, flagged: boolean): number {
  return (sectionPackets(pat.length, flagged) + sectionPackets(pmt.length, flagged)) * TS_PACKET;
}

/**
 * Writes PAT and PMT; `counters` holds theirs, that of the PAT first, and is moved on. `flagged`: they say that they do
 * not go on from the ones before. Answers the bytes written.
 */
export function writeTables(
  out: Uint8Array,
  at: number,
  program: TsProgram,
  counters: Uint8Array,
  flagged = false,
): number {
  counters[0] = writeSection(out, at, program.pat, PID_PAT, counters[0] as number, flagged);
  const pmtAt = at + sectionPackets(program.pat.length, flagged) * TS_PACKET;
  counters[1] = writeSection(out, pmtAt, program.pmt, program.pmtPid, counters[1] as number, flagged);
  return tablesSize(program, flagged);
}
