import { TS_PACKET, TS_PAYLOAD, writePcrPacket } from "../packet.ts";
import { sectionPackets, writeSection } from "../psi.ts";
import { type TsFrame, tsTicks, wrapPcr } from "./frame.ts";
import { FRAME_MAX, GroupPlan } from "./group_plan.ts";
import { FLAGS_FIELD, PCR_FIELD, PesPackets, writePacketHead } from "./pes_packets.ts";
import { type ProgramTrack, tablesSize, type TsProgram, writeTables } from "./program.ts";

/** Flags of the adaptation field: random_access_indicator. */
const RANDOM_ACCESS = 0x40;

/** Clock references do not go back by less than this: a frame was shorter than it was said to be. 2 s of 27 MHz. */
const BACK = 54_000_000;

/** Frames into packets: the one walk over a list of frames that both measures and writes. */
export class Multiplexer {
  readonly program: TsProgram;
  /** Continuity counters: PAT, PMT. */
  readonly tableCounters = new Uint8Array(2);
  /** Continuity counters of the tracks. */
  readonly counters: Uint8Array;
  /** Time of the last tables, ticks of 90 kHz; NaN: there are to be none. */
  tablesAt = Number.NEGATIVE_INFINITY;
  /** Tables say that their counters do not go on from those before. */
  tablesFlagged = false;
  /** The last clock reference, unwrapped ticks of 27 MHz. */
  clockAt = Number.NEGATIVE_INFINITY;
  readonly #pes = new PesPackets();
  readonly #plan = new GroupPlan();
  #taken = new Uint8Array(256);
  readonly #last: Int32Array;

  constructor(program: TsProgram) {
    this.program = program;
    this.counters = new Uint8Array(program.tracks.length);
    this.#last = new Int32Array(program.tracks.length);
  }

  /**
   * Walks over `frames`; writes at `out[at]` where there is an `out`. Answers the bytes. `sealed`: every PID's counter
   * is brought back to 0 by the end. `tablesEvery`: ticks of 90 kHz after which tables are repeated.
   */
  run(
    frames: readonly TsFrame[],
    out: Uint8Array | undefined,
    at: number,
    sealed: boolean,
    tablesEvery: number,
  ): number {
    if (this.#taken.length < frames.length) this.#taken = new Uint8Array(frames.length * 2);
    const taken = this.#taken;
    taken.fill(0, 0, frames.length);
    const last = sealed ? this.#last : undefined;
    if (sealed) { for (let i = 0; i < frames.length; i++) this.#last[(frames[i] as TsFrame).track] = i; }
    const { tracks } = this.program;
    let o = at;
    for (let i = 0; i < frames.length; i++) {
      if (taken[i] === 1) continue;
      const frame = frames[i] as TsFrame;
      const to = tracks[frame.track] as ProgramTrack;
      const time = tsTicks(to.track, frame.dts);
      if (time - this.tablesAt >= tablesEvery || this.tablesAt - time >= tablesEvery) {
        if (out !== undefined) writeTables(out, o, this.program, this.tableCounters, this.tablesFlagged);
        this.tablesAt = time;
        o += tablesSize(this.program, this.tablesFlagged);
      }
      o += to.packing.sections === true
        ? this.#section(out, o, frame, to, sealed)
        : this.#group(frames, i, taken, last, out, o, to);
    }
    return o - at;
  }

  #section(
    out: Uint8Array | undefined,
    at: number,
    frame: TsFrame,
    to: ProgramTrack,
    sealed: boolean,
  ): number {
    const packets = sectionPackets(frame.data.length, sealed);
    const counter = sealed ? 0 : this.counters[frame.track] as number;
    if (out !== undefined) writeSection(out, at, frame.data, to.pid, counter, sealed);
    this.counters[frame.track] = (counter + packets) & 15;
    return packets * TS_PACKET;
  }

  #group(
    frames: readonly TsFrame[],
    index: number,
    taken: Uint8Array,
    last: Int32Array | undefined,
    out: Uint8Array | undefined,
    at: number,
    to: ProgramTrack,
  ): number {
    const plan = this.#plan;
    const frame = frames[index] as TsFrame;
    const counter = this.counters[frame.track] as number;
    plan.make(this.program, frames, index, taken, last, counter);
    if (to.track.kind !== "video" && plan.payload > FRAME_MAX) {
      throw new RangeError(`Cannot write a frame of ${plan.payload} bytes: at most ${FRAME_MAX}`);
    }
    for (let i = 0; i < plan.count; i++) taken[plan.frames[i] as number] = 1;
    this.counters[frame.track] = (counter + plan.packets) & 15;
    if (out !== undefined) this.#write(out, at, frames, to, counter);
    return (plan.packets + plan.trailing) * TS_PACKET;
  }

  #write(out: Uint8Array, at: number, frames: readonly TsFrame[], to: ProgramTrack, counter: number): void {
    const { program } = this;
    const plan = this.#plan;
    const pes = this.#pes;
    const { packing, pid } = to;
    const key = to.track.kind === "video" && (frames[plan.frames[0] as number] as TsFrame).key;
    pes.begin(packing, plan.pts + program.origin, plan.dts + program.origin, plan.payload, plan.stuffing);
    for (let i = 0; i < plan.count; i++) pes.frame(packing, frames[plan.frames[i] as number] as TsFrame);
    const begins = (plan.dts + program.origin - program.delay) * 300;
    const { packets, pcrs } = plan;
    // All bytes go at once to the end of where the packets will be, and from there forward, packet by packet: one long
    // copy and short ones in the cache are twice as fast as as many short ones from elsewhere. What is not yet moved
    // always lies behind what is written, by the headers that are still to come.
    let { left } = pes;
    let from = at + packets * TS_PACKET - left;
    pes.gather(out, from);
    let given = 0;
    let nextPcr = pcrs > 0 ? 0 : -1;
    for (let i = 0; i < packets; i++) {
      let pcr = -1;
      if (i === nextPcr) {
        pcr = this.#clock(begins + Math.floor((plan.span * 300 * given) / pcrs));
        nextPcr = ++given < pcrs ? Math.floor((given * packets) / pcrs) : -1;
      }
      const flags = i === 0 && key ? RANDOM_ACCESS : 0;
      const room = TS_PAYLOAD - (pcr >= 0 ? PCR_FIELD : flags !== 0 ? FLAGS_FIELD : 0);
      const take = Math.min(room, left - (packets - 1 - i));
      const field = TS_PAYLOAD - take;
      writePacketHead(out, at, pid, counter, i === 0, flags, pcr, field);
      out.copyWithin(at + 4 + field, from, from + take);
      from += take;
      left -= take;
      counter = (counter + 1) & 15;
      at += TS_PACKET;
    }
    for (let i = 0; i < plan.trailing; i++) {
      const after = plan.span * 300 + Math.floor((plan.rest * 300 * i) / plan.trailing);
      writePcrPacket(out, at, pid, counter - 1, this.#clock(begins + after));
      at += TS_PACKET;
    }
  }

  /** A clock reference, wrapped; moved behind the one before where it lies a little before that. */
  #clock(time: number): number {
    const { clockAt } = this;
    if (time <= clockAt && clockAt - time < BACK) time = clockAt + 1;
    this.clockAt = time;
    return wrapPcr(time);
  }
}
