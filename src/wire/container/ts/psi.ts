// ISO/IEC 13818-1, 2.4.4: sections of program specific information.
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import { sectionCrc } from "./crc32.ts";
import { PID_PAT, TS_PACKET, TS_PAYLOAD, TS_SYNC } from "./packet.ts";

/** Longest section of PAT and PMT, header included. */
export const PSI_SECTION_MAX = 1024;
/** Longest private section, header included. */
export const SECTION_MAX = 4096;
/** Programs of a PAT, and streams of a PMT, that are looked at. */
export const PSI_ENTRIES_MAX = 64;

const TABLE_PAT = 0;
const TABLE_PMT = 2;

/** Fields of a section with the long header. */
export interface PsiSection {
  readonly tableId: number;
  /** transport_stream_id of a PAT, program_number of a PMT. */
  readonly extension: number;
  /** 5 bits; changes whenever the table does. */
  readonly version: number;
  /** False: the table is for later. */
  readonly current: boolean;
  readonly number: number;
  readonly lastNumber: number;
  /** What stands between header and check value; a view. */
  readonly body: Uint8Array;
}

/** Decodes the section at the start of `bytes` and checks its CRC. Never throws. */
export function decodePsiSection(bytes: Uint8Array): Decoded<PsiSection> {
  if (bytes.length < 3) return more(3);
  const length = 3 + ((((bytes[1] as number) & 0x0f) << 8) | (bytes[2] as number));
  if (((bytes[1] as number) & 0x80) === 0) return bad(1, "section without syntax indicator");
  if (length < 12 || length > PSI_SECTION_MAX) return bad(1, `section of ${length} bytes`);
  if (bytes.length < length) return more(length);
  if (sectionCrc(bytes, 0, length) !== 0) return bad(length - 4, "section check value is wrong");
  const flags = bytes[5] as number;
  return ok({
    tableId: bytes[0] as number,
    extension: ((bytes[3] as number) << 8) | (bytes[4] as number),
    version: (flags >> 1) & 31,
    current: (flags & 1) !== 0,
    number: bytes[6] as number,
    lastNumber: bytes[7] as number,
    body: bytes.subarray(8, length - 4),
  }, length);
}

/** Encodes a section with its CRC. Throws RangeError when it would be longer than {@link PSI_SECTION_MAX}. */
export function encodePsiSection(s: PsiSection): Uint8Array<ArrayBuffer> {
  const length = 12 + s.body.length;
  if (length > PSI_SECTION_MAX) throw new RangeError(`Cannot write a section of ${length} bytes`);
  const out = new Uint8Array(length);
  const rest = length - 3;
  out.set([s.tableId, 0xb0 | (rest >> 8), rest, s.extension >> 8, s.extension]);
  out.set([0xc0 | (s.version << 1) | (s.current ? 1 : 0), s.number, s.lastNumber], 5);
  out.set(s.body, 8);
  new DataView(out.buffer).setUint32(length - 4, sectionCrc(out, 0, length - 4));
  return out;
}

export interface PatEntry {
  /** 0: `pid` is the network's. */
  readonly program: number;
  readonly pid: number;
}

/** Decodes the programs of a PAT section. Never throws. */
export function decodePat(section: PsiSection): Decoded<readonly PatEntry[]> {
  const { body } = section;
  if (section.tableId !== TABLE_PAT) return bad(0, `table ${section.tableId} is no PAT`);
  if (body.length % 4 !== 0) return bad(0, `PAT of ${body.length} bytes`);
  const entries: PatEntry[] = [];
  for (let at = 0; at < body.length && entries.length < PSI_ENTRIES_MAX; at += 4) {
    const program = ((body[at] as number) << 8) | (body[at + 1] as number);
    entries.push({ program, pid: (((body[at + 2] as number) & 0x1f) << 8) | (body[at + 3] as number) });
  }
  return ok(entries, body.length);
}

/** Encodes a PAT. */
export function encodePat(
  streamId: number,
  version: number,
  entries: readonly PatEntry[],
): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(entries.length * 4);
  entries.forEach((e, i) => body.set([e.program >> 8, e.program, 0xe0 | (e.pid >> 8), e.pid], i * 4));
  const rest = { current: true, number: 0, lastNumber: 0, body };
  return encodePsiSection({ tableId: TABLE_PAT, extension: streamId, version, ...rest });
}

export interface PmtStream {
  readonly streamType: number;
  readonly pid: number;
  /** Descriptors side by side. */
  readonly descriptors: Uint8Array;
}

export interface Pmt {
  /** PID of the clock; 0x1FFF where there is none. */
  readonly pcrPid: number;
  /** Descriptors of the program, side by side. */
  readonly descriptors: Uint8Array;
  readonly streams: readonly PmtStream[];
}

/** Decodes a PMT section; descriptors are views. Never throws. */
export function decodePmt(section: PsiSection): Decoded<Pmt> {
  const { body } = section;
  if (section.tableId !== TABLE_PMT) return bad(0, `table ${section.tableId} is no PMT`);
  if (body.length < 4) return bad(0, `PMT of ${body.length} bytes`);
  const lengthAt = (at: number) => (((body[at] as number) & 0x0f) << 8) | (body[at + 1] as number);
  const pcrPid = (((body[0] as number) & 0x1f) << 8) | (body[1] as number);
  let at = 4 + lengthAt(2);
  if (at > body.length) return bad(2, "PMT ends inside the program's descriptors");
  const descriptors = body.subarray(4, at);
  const streams: PmtStream[] = [];
  while (at < body.length && streams.length < PSI_ENTRIES_MAX) {
    if (at + 5 > body.length) return bad(at, "PMT ends inside a stream");
    const end = at + 5 + lengthAt(at + 3);
    if (end > body.length) return bad(at, "PMT ends inside a stream's descriptors");
    const pid = (((body[at + 1] as number) & 0x1f) << 8) | (body[at + 2] as number);
    streams.push({ streamType: body[at] as number, pid, descriptors: body.subarray(at + 5, end) });
    at = end;
  }
  return ok({ pcrPid, descriptors, streams }, at);
}

/** Encodes a PMT. Throws RangeError when it does not fit a section. */
export function encodePmt(program: number, version: number, pmt: Pmt): Uint8Array<ArrayBuffer> {
  const body: number[] = [];
  const put = (value: number) => body.push(value >> 8, value & 0xff);
  put(0xe000 | pmt.pcrPid);
  put(0xf000 | pmt.descriptors.length);
  body.push(...pmt.descriptors);
  for (const s of pmt.streams) {
    body.push(s.streamType);
    put(0xe000 | s.pid);
    put(0xf000 | s.descriptors.length);
    body.push(...s.descriptors);
  }
  const rest = { current: true, number: 0, lastNumber: 0, body: Uint8Array.from(body) };
  return encodePsiSection({ tableId: TABLE_PMT, extension: program, version, ...rest });
}

/** Packets that a section takes, its pointer field included; `flagged` as for {@link writeSection}. */
export function sectionPackets(length: number, flagged = false): number {
  return Math.ceil((length + (flagged ? 3 : 1)) / TS_PAYLOAD);
}

/**
 * Writes a section as packets of `pid` from `out[at]` on, counting continuity from `counter`. Answers the next counter.
 * `flagged`: the first packet says that its counter does not go on from the one before.
 */
export function writeSection(
  out: Uint8Array,
  at: number,
  section: Uint8Array,
  pid: number,
  counter: number,
  flagged = false,
): number {
  let from = 0;
  for (let n = sectionPackets(section.length, flagged); n > 0; n--) {
    const first = from === 0;
    out[at] = TS_SYNC;
    out[at + 1] = (first ? 0x40 : 0) | (pid >> 8);
    out[at + 2] = pid;
    out[at + 3] = 0x10 | counter;
    counter = (counter + 1) & 15;
    let o = at + 4;
    if (first && flagged) {
      out[at + 3] = 0x30 | (out[at + 3] as number);
      out[o++] = 1;
      out[o++] = 0x80;
    }
    if (first) out[o++] = 0;
    const take = Math.min(at + TS_PACKET - o, section.length - from);
    out.set(section.subarray(from, from + take), o);
    from += take;
    out.fill(0xff, o + take, at + TS_PACKET);
    at += TS_PACKET;
  }
  return counter;
}

/** Whether a PID may carry a stream: not one of the reserved ones. */
export function isStreamPid(pid: number): boolean {
  return pid > PID_PAT + 15 && pid < 0x1fff;
}
