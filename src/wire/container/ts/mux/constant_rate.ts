// ISO/IEC 13818-1, 2.4.2.2: at a constant rate a byte's place tells its time; null packets fill the rest.
import { TS_PACKET, TS_PAYLOAD, writeNullPacket, writePcrPacket } from "../packet.ts";
import { sectionPackets, writeSection } from "../psi.ts";
import { type TsFrame, tsTicks, wrapPcr } from "./frame.ts";
import { FRAME_MAX } from "./group_plan.ts";
import { FLAGS_FIELD, packedSize, PCR_FIELD, pesHeaderSize, PesPackets } from "./pes_packets.ts";
import { type ProgramTrack, type TsProgram, writeTables } from "./program.ts";
import { TABLES_MILLIS } from "./stream.ts";

/** Packets that are handed over together at most: 28 datagrams of seven. */
const CHUNK_PACKETS = 196;
/** A frame whose time lies this far from the stream's begins it anew: 10 s of 27 MHz. */
const JUMP = 270_000_000;
const MHZ = 27_000_000;

export interface ConstantRateOptions {
  /** Bits per second of all packets, 1 or more. */
  readonly bitsPerSecond: number;
  /** Takes packets; the bytes are valid during the call. */
  readonly send: (bytes: Uint8Array) => void;
}

/** Writes one endless stream at a constant bit rate. Frames are to come in the order of their decoding times. */
export class TsConstantRate {
  readonly program: TsProgram;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #pes = new PesPackets();
  readonly #out = new Uint8Array(CHUNK_PACKETS * TS_PACKET);
  #at = 0;
  readonly #counters: Uint8Array;
  readonly #tableCounters = new Uint8Array(2);
  /** Ticks of 27 MHz that a packet lasts. */
  readonly #step: number;
  /** Time of packet 0, unwrapped; NaN before the first frame. */
  #base = NaN;
  #packets = 0;
  /** Packet numbers of the last clock reference and the last tables. */
  #clockAt = Number.NEGATIVE_INFINITY;
  #tablesAt = Number.NEGATIVE_INFINITY;
  readonly #clockEvery: number;
  readonly #tablesEvery: number;
  #restarted = false;
  /** Null packets written so far. */
  nullPackets = 0;
  /** The most that a frame's last byte was sent behind its decoding time, in ms: more than 0 when the rate is too low. */
  lateMillis = 0;

  constructor(program: TsProgram, options: ConstantRateOptions) {
    if (!(options.bitsPerSecond >= 1)) throw new RangeError(`Cannot send at ${options.bitsPerSecond} bit/s`);
    this.program = program;
    this.#send = options.send;
    this.#counters = new Uint8Array(program.tracks.length);
    this.#step = (TS_PACKET * 8 * MHZ) / options.bitsPerSecond;
    // A reference goes into the packet in which it is due, or before that; tables may stand in its way.
    const wait = 1 + program.tablesSize / TS_PACKET;
    this.#clockEvery = Math.max(1, Math.floor((program.pcrTicks * 300) / this.#step) - wait);
    this.#tablesEvery = (TABLES_MILLIS * 27_000) / this.#step;
  }

  /** Sends what is to stand before the frame, and the frame. Throws RangeError for audio or data above 65 471 bytes. */
  write(frame: TsFrame): void {
    const to = this.program.tracks[frame.track] as ProgramTrack;
    const dts = tsTicks(to.track, frame.dts);
    const time = (dts + this.program.origin - this.program.delay) * 300;
    const ahead = time - this.#now();
    if (!(Math.abs(ahead) < JUMP)) this.#restart(time);
    this.#fill(time);
    this.#due(false);
    if (to.packing.sections === true) this.#section(frame, to);
    else this.#frame(frame, to, dts);
    this.lateMillis = Math.max(this.lateMillis, (this.#now() - time) / 27_000 - this.program.delay / 90);
    this.flush();
  }

  /** Sends null packets and clock references until the clock is at this decoding time, ticks of 90 kHz. */
  idle(dts: number): void {
    if (Number.isNaN(this.#base)) return;
    const time = (dts + this.program.origin - this.program.delay) * 300;
    if (time - this.#now() < JUMP) this.#fill(time);
    this.flush();
  }

  /** Hands over what is written. */
  flush(): void {
    if (this.#at > 0) this.#send(this.#out.subarray(0, this.#at));
    this.#at = 0;
  }

  #now(): number {
    return this.#base + Math.floor(this.#packets * this.#step);
  }

  #restart(time: number): void {
    this.#restarted = !Number.isNaN(this.#base);
    this.#base = time;
    this.#packets = 0;
    this.#clockAt = Number.NEGATIVE_INFINITY;
    this.#tablesAt = Number.NEGATIVE_INFINITY;
  }

  #fill(time: number): void {
    while (this.#now() < time) {
      if (this.#due()) continue;
      writeNullPacket(this.#out, this.#place());
      this.nullPackets++;
    }
  }

  /** Where the next packet goes. */
  #place(): number {
    if (this.#at === this.#out.length) this.flush();
    const at = this.#at;
    this.#at += TS_PACKET;
    this.#packets++;
    return at;
  }

  #clockDue(): boolean {
    return this.program.clock >= 0 && this.#packets - this.#clockAt >= this.#clockEvery;
  }

  /** Writes tables, or where `clock` a packet with the clock alone, when they are due; whether it did. */
  #due(clock = true): boolean {
    if (this.#packets - this.#tablesAt >= this.#tablesEvery) {
      this.#tablesAt = this.#packets;
      this.#tables();
      return true;
    }
    if (!clock || !this.#clockDue()) return false;
    const { pid } = this.program.tracks[this.program.clock] as ProgramTrack;
    const pcr = wrapPcr(this.#now());
    this.#clockAt = this.#packets;
    const at = this.#place();
    writePcrPacket(this.#out, at, pid, (this.#counters[this.program.clock] as number) - 1, pcr);
    if (this.#restarted) this.#out[at + 5] = (this.#out[at + 5] as number) | 0x80;
    this.#restarted = false;
    return true;
  }

  #tables(): void {
    const { tablesSize } = this.program;
    if (this.#at + tablesSize > this.#out.length) this.flush();
    writeTables(this.#out, this.#at, this.program, this.#tableCounters);
    this.#at += tablesSize;
    this.#packets += tablesSize / TS_PACKET;
  }

  #section(frame: TsFrame, to: ProgramTrack): void {
    const size = sectionPackets(frame.data.length) * TS_PACKET;
    if (this.#at + size > this.#out.length) this.flush();
    const counter = this.#counters[frame.track] as number;
    this.#counters[frame.track] = writeSection(this.#out, this.#at, frame.data, to.pid, counter);
    this.#at += size;
    this.#packets += size / TS_PACKET;
  }

  #frame(frame: TsFrame, to: ProgramTrack, dts: number): void {
    const { packing, pid, track } = to;
    const { origin, clock } = this.program;
    const pts = tsTicks(track, frame.dts + frame.ptsOffset);
    const payload = packedSize(packing, frame);
    if (track.kind !== "video" && payload > FRAME_MAX) {
      throw new RangeError(`Cannot write a frame of ${payload} bytes: at most ${FRAME_MAX}`);
    }
    const stuffing = packing.stuffing ?? 0;
    const pes = this.#pes;
    pes.begin(packing, pts + origin, dts + origin, payload, stuffing);
    pes.frame(packing, frame);
    let counter = this.#counters[frame.track] as number;
    const begins = pesHeaderSize(pts, dts, stuffing) + payload;
    while (pes.left > 0) {
      const start = pes.left === begins;
      const carries = frame.track === clock && !this.#restarted && this.#clockDue();
      // Packets of the clock alone repeat this PID's counter where it is the clock's.
      this.#counters[frame.track] = counter;
      if (this.#due(!carries)) continue;
      const pcr = carries ? wrapPcr(this.#now()) : -1;
      if (carries) this.#clockAt = this.#packets;
      const flags = start && frame.key && track.kind === "video" ? 0x40 : 0;
      const room = TS_PAYLOAD - (carries ? PCR_FIELD : flags !== 0 ? FLAGS_FIELD : 0);
      pes.packet(this.#out, this.#place(), pid, counter, start, flags, pcr, Math.min(room, pes.left));
      counter = (counter + 1) & 15;
    }
    this.#counters[frame.track] = counter;
  }
}
