// ISO/IEC 13818-1, 2.4: transport stream.
import { emptyTsHeader, PID_NULL, PID_PAT, readTsHeader, TS_PACKET, type TsHeader } from "../packet.ts";
import { decodePat, decodePmt, decodePsiSection, isStreamPid } from "../psi.ts";
import { PacketSync, type PacketTaker } from "./packet_sync.ts";
import { PidState } from "./pid_state.ts";
import { OpenProgram, TrackNumbers } from "./program.ts";
import type { PidReader } from "./program_streams.ts";
import { SectionBuffer } from "./section_buffer.ts";
import type { TsSink } from "./track_sink.ts";

/** Programs that are kept at a time; more are left out. */
export const TS_PROGRAMS_MAX = 256;

export interface TsDemuxerOptions {
  /** program_number to read, or all; without it the first one whose PMT comes. */
  readonly program?: number | "all";
}

/** Packets after which a continuity counter is where it was: so many missing ones do not show. */
const COUNTER_CYCLE = 16;

/** What was counted since the demuxer was made. */
export interface TsCounters {
  readonly packets: number;
  readonly nullPackets: number;
  /** Packets of a stream that is read with a counter that does not go on; each is one gap. */
  readonly continuityErrors: number;
  readonly duplicates: number;
  /** Packets that the transport marked as damaged; they are dropped. */
  readonly transportErrors: number;
  /** Packets of a stream that is read whose payload is scrambled; they are dropped. */
  readonly scrambled: number;
  /** Packets whose header makes no sense. */
  readonly badPackets: number;
  readonly syncLosses: number;
  /** Bytes between packets that belong to none. */
  readonly skippedBytes: number;
  /** Sections of tables with a wrong check value or of senseless form. */
  readonly sectionErrors: number;
  /** Jumps of a program's clock. */
  readonly clockJumps: number;
}

const NO_COUNTS = {
  packets: 0,
  nullPackets: 0,
  continuityErrors: 0,
  duplicates: 0,
  transportErrors: 0,
  scrambled: 0,
  badPackets: 0,
  syncLosses: 0,
  sectionErrors: 0,
};

/**
 * Reads a transport stream that comes in pieces of any length: packets of 188, 192 or 204 bytes, any program of several,
 * tables that change. Never throws on bad input. What is damaged is dropped: PES packets with a gap in them whole, video
 * up to the next key frame. Memory is bounded by `PES_VIDEO_MAX` and `PES_OTHER_MAX` (`pes_buffer.ts`) for each of at most
 * `PSI_ENTRIES_MAX` streams of a program (`psi.ts`), of which at most `TS_VIDEOS_MAX` are video (`program.ts`).
 */
export class TsDemuxer implements PacketTaker {
  readonly #sink: TsSink;
  readonly #wanted: number | "all" | undefined;
  readonly #sync = new PacketSync(this);
  readonly #header: TsHeader = emptyTsHeader();
  readonly #counts = { ...NO_COUNTS };
  readonly #pids = new Map<number, PidState>();
  readonly #numbers = new TrackNumbers();
  readonly #programs = new Map<number, OpenProgram>();
  /** The only program that is read, once it is chosen. */
  #chosen: number | undefined;
  readonly #pat = new SectionBuffer((section) => this.#patSection(section));
  #patVersion = -1;
  #listed: readonly number[] = [];
  /** PMT readers by PID; several programs may share one. */
  readonly #tables = new Map<number, SectionBuffer>();
  #readers = new Map<number, PidReader>();
  /** Programs by the PID of their clock. */
  #clocks = new Map<number, OpenProgram[]>();

  constructor(sink: TsSink, options: TsDemuxerOptions = {}) {
    this.#sink = sink;
    this.#wanted = options.program;
    if (typeof options.program === "number") this.#chosen = options.program;
  }

  get counters(): TsCounters {
    let clockJumps = 0;
    for (const program of this.#programs.values()) clockJumps += program.clock.jumps;
    return { ...this.#counts, skippedBytes: this.#sync.skipped, clockJumps };
  }

  /** Bytes from packet to packet, 188, 192 or 204; 0 while it is not known. */
  get packetSize(): number {
    return this.#sync.stride;
  }

  /** Programs that the newest PAT lists; empty before the first one. */
  get listed(): readonly number[] {
    return this.#listed;
  }

  /**
   * At least `packets` transport packets never came before the next one, as whoever carried them knows. As many as a
   * continuity counter counts may hide a gap in any stream: then all that is in work is dropped.
   */
  missing(packets: number): void {
    if (packets < COUNTER_CYCLE) return;
    this.#pat.lost();
    for (const table of this.#tables.values()) table.lost();
    for (const reader of this.#readers.values()) reader.lost();
  }

  /** Takes the next bytes, as many as there are. */
  push(bytes: Uint8Array): void {
    this.#sync.push(bytes);
  }

  /** The end of the stream: the last frames are handed over. */
  flush(): void {
    this.#sync.flush();
    for (const program of this.#programs.values()) program.flush();
  }

  /** One packet, for whoever has cut them already: `bytes[at, at + 188)`. */
  packet(bytes: Uint8Array, at: number): void {
    const header = this.#header;
    this.#counts.packets++;
    const why = readTsHeader(bytes, at, header);
    if (header.transportError) {
      this.#counts.transportErrors++;
      return;
    }
    if (why !== undefined) {
      this.#counts.badPackets++;
      return this.#sink.mishap("ts packet", why);
    }
    const { pid } = header;
    if (pid === PID_NULL) {
      this.#counts.nullPackets++;
      return;
    }
    const table = pid === PID_PAT ? this.#pat : this.#tables.get(pid);
    const reader = this.#readers.get(pid);
    if (table === undefined && reader === undefined && (header.pcr < 0 || !this.#clocks.has(pid))) return;
    const go = this.#continues(header, bytes, at, table ?? reader);
    if (header.pcr >= 0) this.#clock(header);
    if (!go || !header.hasPayload) return;
    if (header.scrambling !== 0) {
      this.#counts.scrambled++;
      (table ?? reader)?.lost();
      return this.#sink.mishap("ts scrambled", `PID ${pid}`);
    }
    const from = at + header.payloadAt;
    if (reader !== undefined) reader.payload(bytes, from, at + TS_PACKET, header.unitStart);
    else if (table !== undefined) {
      const wrong = table.push(bytes.subarray(from, at + TS_PACKET), header.unitStart);
      if (wrong !== undefined) this.#sectionError(wrong);
    }
  }

  syncLost(): void {
    this.#counts.syncLosses++;
    this.#sink.mishap("ts synchronisation lost", "");
  }

  /** False: the packet was there before. */
  #continues(
    header: TsHeader,
    bytes: Uint8Array,
    at: number,
    reader: { lost(): void } | undefined,
  ): boolean {
    let state = this.#pids.get(header.pid);
    if (state === undefined) this.#pids.set(header.pid, state = new PidState());
    const judged = state.judge(header, bytes, at);
    if (judged === "duplicate") {
      this.#counts.duplicates++;
      return false;
    }
    if (judged === "lost") {
      this.#counts.continuityErrors++;
      this.#sink.mishap("ts continuity", `PID ${header.pid}`);
      reader?.lost();
    } else if (judged === "restart" && !header.unitStart) reader?.lost();
    return true;
  }

  #clock(header: TsHeader): void {
    const programs = this.#clocks.get(header.pid);
    if (programs === undefined) return;
    for (const { clock } of programs) {
      const before = clock.jumps;
      clock.reference(Math.floor(header.pcr / 300), header.discontinuity);
      if (clock.jumps !== before) this.#sink.mishap("ts clock jump", `PID ${header.pid}`);
      if (clock.broken) this.missing(COUNTER_CYCLE);
    }
  }

  #sectionError(why: string): void {
    this.#counts.sectionErrors++;
    this.#sink.mishap("ts section", why);
  }

  #patSection(bytes: Uint8Array): void {
    const section = decodePsiSection(bytes);
    if (section.kind !== "ok") return this.#sectionError(section.kind === "bad" ? section.why : "cut short");
    const pat = decodePat(section.value);
    if (pat.kind !== "ok") return this.#sectionError(pat.kind === "bad" ? pat.why : "cut short");
    if (!section.value.current) return;
    // Programs that a new version does not list any more are gone; a PAT of several sections adds them up.
    const fresh = section.value.version !== this.#patVersion;
    this.#patVersion = section.value.version;
    const listed = new Set(pat.value.map((e) => e.program));
    this.#listed = [...listed].filter((program) => program !== 0);
    if (fresh || section.value.lastNumber === 0) {
      for (const [number, program] of this.#programs) if (!listed.has(number)) this.#close(number, program);
    }
    for (const { program, pid } of pat.value) {
      if (program === 0 || !isStreamPid(pid)) continue;
      const open = this.#programs.get(program);
      if (open?.pmtPid === pid) continue;
      if (open !== undefined) this.#close(program, open);
      if (typeof this.#wanted === "number" && program !== this.#wanted) continue;
      if (this.#programs.size >= TS_PROGRAMS_MAX) break;
      this.#programs.set(program, new OpenProgram(program, pid, this.#sink, this.#numbers));
      if (!this.#tables.has(pid)) {
        this.#tables.set(
          pid,
          new SectionBuffer((bytes) => this.#pmtSection(bytes, pid)),
        );
      }
    }
  }

  #pmtSection(bytes: Uint8Array, pid: number): void {
    const number = ((bytes[3] ?? 0) << 8) | (bytes[4] ?? 0);
    const program = this.#programs.get(number);
    if (bytes[0] !== 2 || program?.pmtPid !== pid || program.holds(bytes)) return; // another table shares the PID
    const section = decodePsiSection(bytes);
    if (section.kind !== "ok") return this.#sectionError(section.kind === "bad" ? section.why : "cut short");
    const pmt = decodePmt(section.value);
    if (pmt.kind !== "ok") return this.#sectionError(pmt.kind === "bad" ? pmt.why : "cut short");
    if (!section.value.current) return;
    if (this.#wanted !== "all") {
      this.#chosen ??= number;
      if (number !== this.#chosen) return;
    }
    program.use(bytes, section.value.version, pmt.value);
    this.#collect();
  }

  #close(number: number, program: OpenProgram): void {
    program.flush();
    this.#programs.delete(number);
    if (![...this.#programs.values()].some((p) => p.pmtPid === program.pmtPid)) {
      this.#tables.delete(program.pmtPid);
    }
    if (this.#wanted === undefined && this.#chosen === number) this.#chosen = undefined;
    this.#collect();
  }

  /** Readers and clocks of all programs by PID; where two share a stream, the first one listed has it. */
  #collect(): void {
    const readers = new Map<number, PidReader>();
    this.#clocks = new Map();
    for (const program of this.#programs.values()) {
      for (const [pid, reader] of program.readers) if (!readers.has(pid)) readers.set(pid, reader);
      const sharing = this.#clocks.get(program.pcrPid);
      if (sharing === undefined) this.#clocks.set(program.pcrPid, [program]);
      else sharing.push(program);
    }
    this.#readers = readers;
    for (const pid of this.#pids.keys()) {
      if (pid !== PID_PAT && !this.#tables.has(pid) && !readers.has(pid) && !this.#clocks.has(pid)) {
        this.#pids.delete(pid);
      }
    }
  }
}
