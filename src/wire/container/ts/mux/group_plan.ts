// Which frames share a PES packet, and how its bytes and the clock's are spread over transport packets.
import { TS_PAYLOAD } from "../packet.ts";
import { PES_LENGTH_MAX } from "../pes.ts";
import { type TsFrame, tsTicks } from "./frame.ts";
import { FLAGS_FIELD, packedSize, PCR_FIELD, pesHeaderSize } from "./pes_packets.ts";
import type { ProgramTrack, TsProgram } from "./program.ts";

/** Bytes of frames that share a PES packet; a longer one has it for itself. */
export const SHARED_BYTES = 4096;
/** Time that frames sharing a PES packet last together, ticks of 90 kHz. */
export const SHARED_TICKS = 9000;
export const SHARED_FRAMES = 32;
/** Frames that are looked through for ones to share. */
const AHEAD = 256;
/** A frame joins the one before it when it begins this close to its end, seconds. */
const JOIN = 0.002;
/** Clock references of one PES packet at most: where a track pauses for seconds, the clock does too. */
export const PCRS_MAX = 64;
/** A PES packet this short is lengthened before it is spread over more packets. */
const SHORT = 32;

/** The plan of one PES packet; filled again and again. */
export class GroupPlan {
  /** Indexes of its frames in the list. */
  readonly frames = new Uint32Array(SHARED_FRAMES);
  count = 0;
  /** Ticks of 90 kHz, before the program's origin. */
  dts = 0;
  pts = 0;
  /** Bytes of the frames with what stands before each. */
  payload = 0;
  stuffing = 0;
  /** Bytes of the PES packet. */
  bytes = 0;
  /** Transport packets with payload. */
  packets = 0;
  /** Clock references in these, evenly spread. */
  pcrs = 0;
  /** Ticks of 90 kHz that these cover. */
  span = 0;
  /** Packets with a clock reference alone behind them, and the ticks that those cover. */
  trailing = 0;
  rest = 0;

  /**
   * Plans for the frame at `index` and those that may share with it. `taken` marks the frames that are written.
   * `last[track]` is the index of the track's last frame where its counters are to end at 0, and `counter` the present.
   */
  make(
    program: TsProgram,
    frames: readonly TsFrame[],
    index: number,
    taken: Uint8Array,
    last: Int32Array | undefined,
    counter: number,
  ): void {
    const first = frames[index] as TsFrame;
    const to = program.tracks[first.track] as ProgramTrack;
    this.#gather(to, frames, index, taken);
    this.dts = tsTicks(to.track, first.dts);
    this.pts = tsTicks(to.track, first.dts + first.ptsOffset);
    const hasClock = first.track === program.clock;
    const duration = hasClock ? this.#duration(to, frames, first.track) : 0;
    this.stuffing = to.packing.stuffing ?? 0;
    this.bytes = this.payload + pesHeaderSize(this.pts, this.dts, this.stuffing);
    const sealed = last !== undefined &&
      (last[first.track] as number) <= (this.frames[this.count - 1] as number);
    if (sealed && this.bytes < SHORT) {
      this.stuffing += SHORT;
      this.bytes += SHORT;
    }
    this.#spread(program, hasClock, duration, first.key && to.track.kind === "video");
    if (sealed) this.packets += (16 - ((counter + this.packets) & 15)) & 15;
  }

  #gather(to: ProgramTrack, frames: readonly TsFrame[], index: number, taken: Uint8Array): void {
    const first = frames[index] as TsFrame;
    this.frames[0] = index;
    this.count = 1;
    this.payload = packedSize(to.packing, first);
    if (to.packing.shared !== true) return;
    const { timescale } = to.track;
    const most = first.dts + (SHARED_TICKS * timescale) / 90_000;
    let end = first.dts + first.duration;
    const stop = Math.min(frames.length, index + AHEAD);
    for (let i = index + 1; i < stop && this.count < SHARED_FRAMES; i++) {
      const next = frames[i] as TsFrame;
      if (next.track !== first.track || taken[i] === 1) continue;
      const size = this.payload + packedSize(to.packing, next);
      if (size > SHARED_BYTES || Math.abs(next.dts - end) > JOIN * timescale) return;
      end = next.dts + next.duration;
      if (end > most) return;
      this.frames[this.count++] = i;
      this.payload = size;
    }
  }

  /** Ticks of 90 kHz to the next frame of the track: as listed, else as its last frame says. */
  #duration(to: ProgramTrack, frames: readonly TsFrame[], track: number): number {
    const at = this.frames[this.count - 1] as number;
    for (let i = at + 1; i < frames.length; i++) {
      const next = frames[i] as TsFrame;
      if (next.track === track) return Math.max(0, tsTicks(to.track, next.dts) - this.dts);
    }
    const last = frames[at] as TsFrame;
    return Math.max(0, tsTicks(to.track, last.dts + last.duration) - this.dts);
  }

  #spread(program: TsProgram, hasClock: boolean, duration: number, randomAccess: boolean): void {
    this.pcrs = 0;
    this.trailing = 0;
    if (!hasClock) {
      this.packets = Math.ceil((this.bytes + (randomAccess ? FLAGS_FIELD : 0)) / TS_PAYLOAD);
      return;
    }
    const every = program.pcrTicks;
    const whole = Math.min(duration, PCRS_MAX * every);
    // Bytes are not sent later than half the delay; what the frame lasts longer only the clock goes on.
    const span = Math.min(whole, program.delay >> 1);
    const pcrs = Math.max(1, Math.ceil(span / every));
    this.packets = Math.ceil((this.bytes + pcrs * PCR_FIELD) / TS_PAYLOAD);
    if (this.packets >= pcrs) {
      this.pcrs = pcrs;
      this.span = span;
    } else {
      this.packets = Math.ceil((this.bytes + PCR_FIELD) / TS_PAYLOAD);
      this.pcrs = 1;
      this.span = Math.min(whole, every);
    }
    this.rest = whole - this.span;
    this.trailing = Math.ceil(this.rest / every);
  }
}

/** Bytes of frames that no PES packet but one of video can hold. */
export const FRAME_MAX = PES_LENGTH_MAX - 64;
