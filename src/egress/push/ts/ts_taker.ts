import type { FrameRecord } from "../../../buffer/track_view.ts";
import type { Scope } from "../../../base/scope.ts";
import type { PushDescriptor } from "../../../config/option.ts";
import type { Track } from "../../../media/track.ts";
import { TsConstantRate } from "../../../wire/container/ts/mux/constant_rate.ts";
import type { TsFrame } from "../../../wire/container/ts/mux/frame.ts";
import { openProgram } from "../../../wire/container/ts/mux/program.ts";
import { TsStreamWriter } from "../../../wire/container/ts/mux/stream.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import { feedFrames, type FrameTaker } from "../frame_feed.ts";
import { type PushOptions, type PushServices, pushValue } from "../push.ts";

/** Takes the transport stream. */
export interface TsOut {
  /** Takes whole TS packets; the bytes are valid during the call. */
  write(ts: Uint8Array): void;
  /** What there is was written: it may leave. */
  flush(): void;
}

/** How often a constant rate is kept up while no frames come, milliseconds. */
const IDLE_MILLIS = 20;

class TsFrameOf implements TsFrame {
  track = 0;
  dts = 0;
  ptsOffset = 0;
  duration = 0;
  key = false;
  data: Uint8Array = new Uint8Array(0);
}

/** Frames into a transport stream. */
class TsTaker implements FrameTaker {
  readonly #out: TsOut;
  readonly #services: PushServices;
  readonly #rate: number;
  readonly #frame = new TsFrameOf();
  readonly #frames = [this.#frame];
  #tracks: readonly Track[] = [];
  #writer: TsStreamWriter | undefined;
  #constant: TsConstantRate | undefined;
  /** What was made of the last frame. */
  #scratch = new Uint8Array(256 * 1024);
  #size = 0;
  #version = -1;
  #lastDts = 0;
  #lastAt = 0;
  #firstMillis = NaN;

  constructor(out: TsOut, rate: number, services: PushServices) {
    this.#out = out;
    this.#rate = rate;
    this.#services = services;
  }

  begin(tracks: readonly Track[]): void {
    const before = this.#tracks;
    const same = tracks.length === before.length && tracks.every((t, n) => t.codec === before[n]?.codec);
    this.#tracks = tracks;
    this.#version = (this.#version + 1) % 32;
    const program = openProgram(tracks, { version: this.#version });
    if (this.#rate === 0) {
      if (same && this.#writer !== undefined) this.#writer.change(program);
      else this.#writer = new TsStreamWriter(program);
    } else {
      const send = (bytes: Uint8Array) => this.#keep(bytes);
      this.#constant = new TsConstantRate(program, { bitsPerSecond: this.#rate, send });
    }
  }

  frame(n: number, record: FrameRecord): void {
    const frame = this.#frame;
    frame.track = n;
    frame.dts = record.dts;
    frame.ptsOffset = record.ptsOffset;
    frame.duration = record.duration;
    frame.key = record.key;
    frame.data = record.data;
    const track = this.#tracks[n] as Track;
    const millis = (record.dts / track.timescale) * 1000;
    if (Number.isNaN(this.#firstMillis)) this.#firstMillis = millis;
    this.#services.meter.mediaMillis = Math.max(this.#services.meter.mediaMillis, millis - this.#firstMillis);
    this.#lastDts = millis * 90;
    this.#lastAt = this.#services.clock.mono();
    try {
      this.#write(frame, track);
    } catch (e) {
      if (!(e instanceof RangeError)) throw e;
      // one frame that TS does not carry does not keep the others back
      this.#services.log.debug(`a frame is left out: ${e.message}`);
      this.#size = 0;
    }
  }

  #write(frame: TsFrame, track: Track): void {
    if (this.#constant !== undefined) return this.#constant.write(frame);
    const writer = this.#writer as TsStreamWriter;
    if (track.kind === "video" && frame.key) writer.tablesNext();
    const size = writer.size(this.#frames);
    if (size > this.#scratch.length) this.#scratch = new Uint8Array(size * 2);
    this.#size = writer.write(this.#scratch, 0, this.#frames);
  }

  /** Of the constant rate: packets to send once their frame is proven. */
  #keep(packets: Uint8Array): void {
    const size = this.#size + packets.length;
    if (size > this.#scratch.length) {
      const longer = new Uint8Array(size * 2);
      longer.set(this.#scratch.subarray(0, this.#size));
      this.#scratch = longer;
    }
    this.#scratch.set(packets, this.#size);
    this.#size = size;
  }

  #give(): void {
    this.#out.write(this.#scratch.subarray(0, this.#size));
    this.#size = 0;
  }

  proven(whole: boolean): void {
    if (whole) return this.#give();
    // null packets and clock references are whole in any case, and of a frame nobody knows which bytes are not
    this.#size = 0;
    this.#writer?.discard();
    this.#services.meter.lost++;
  }

  flush(): void {
    this.#out.flush();
  }

  /** Keeps a constant rate up while no frames come. */
  idle(): void {
    const constant = this.#constant;
    if (constant === undefined) return;
    const silent = this.#services.clock.mono() - this.#lastAt;
    // a frame that comes at its time must not find its place taken
    if (silent < 4 * IDLE_MILLIS) return this.#out.flush();
    constant.idle(this.#lastDts + (silent - 4 * IDLE_MILLIS) * 90);
    this.#give();
    this.#out.flush();
  }
}

/** Gives a stream to `out` as MPEG-TS, at the constant rate that the options may ask for, until the push ends. */
export async function feedTs(
  scope: Scope,
  stream: LiveStream,
  descriptor: PushDescriptor,
  options: PushOptions,
  services: PushServices,
  out: TsOut,
): Promise<void> {
  const rate = Number(pushValue(descriptor, options, "rate"));
  const taker = new TsTaker(out, rate, services);
  if (rate > 0) {
    let cancel = () => {};
    const idle = () => {
      taker.idle();
      cancel = services.clock.after(IDLE_MILLIS, idle);
    };
    idle();
    scope.defer(() => cancel());
  }
  const playable = ({ track }: { readonly track: Track }) => descriptor.codecs.includes(track.codec);
  const kinds = ["video", "audio", "subtitle", "meta"] as const;
  const tracks = { playable, kinds, several: true };
  await feedFrames(scope, stream, { descriptor, options, tracks }, services, taker);
}
