import type { Scope } from "../../../base/scope.ts";
import type { FrameRecord } from "../../../buffer/track_view.ts";
import type { PushDescriptor } from "../../../config/option.ts";
import { bindUdp } from "../../../host/udp.ts";
import { segmentSends } from "../../../host/udp_segments.ts";
import type { Track } from "../../../media/track.ts";
import { TsConstantRate } from "../../../wire/container/ts/mux/constant_rate.ts";
import type { TsFrame } from "../../../wire/container/ts/mux/frame.ts";
import { openProgram } from "../../../wire/container/ts/mux/program.ts";
import { TsStreamWriter } from "../../../wire/container/ts/mux/stream.ts";
import { TS_PACKET } from "../../../wire/container/ts/packet.ts";
import { type FecShape, refuseFecShape } from "../../../wire/protocol/fec/encoder.ts";
import { FEC_HEADER } from "../../../wire/protocol/fec/header.ts";
import { RTP_HEADER } from "../../../wire/protocol/rtp/packet.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import { aim, localOf } from "../datagram/aim.ts";
import { parseDestination, resolveDestination } from "../datagram/destination.ts";
import { PacedSender } from "../datagram/paced_sender.ts";
import { feedFrames, type FrameTaker } from "../frame_feed.ts";
import { type Push, type PushOptions, PushRefused, type PushServices, pushValue } from "../push.ts";
import { TsDatagrams } from "./datagrams.ts";
import { TS_RTP_PUSH, TS_UDP_PUSH } from "./descriptor.ts";

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

/** Frames into a transport stream, and that into datagrams. */
class TsTaker implements FrameTaker {
  readonly #out: TsDatagrams;
  readonly #sender: PacedSender;
  readonly #services: PushServices;
  readonly #rate: number;
  /** Datagrams are to be full: for a constant rate, and where parity is made of them. */
  readonly #whole: boolean;
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

  constructor(out: TsDatagrams, sender: PacedSender, rate: number, whole: boolean, services: PushServices) {
    this.#out = out;
    this.#sender = sender;
    this.#rate = rate;
    this.#whole = whole;
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
    if (!this.#whole) this.#out.end();
    this.#sender.flush();
  }

  /** Keeps a constant rate up while no frames come. */
  idle(): void {
    const constant = this.#constant;
    if (constant === undefined) return;
    const silent = this.#services.clock.mono() - this.#lastAt;
    // a frame that comes at its time must not find its place taken
    if (silent < 4 * IDLE_MILLIS) return this.#sender.flush();
    constant.idle(this.#lastDts + (silent - 4 * IDLE_MILLIS) * 90);
    this.#give();
    this.#sender.flush();
  }
}

function makeTsPush(descriptor: PushDescriptor): Push {
  const rtp = descriptor === TS_RTP_PUSH;
  return {
    descriptor,
    async run(scope: Scope, options: PushOptions, stream: LiveStream, services: PushServices): Promise<void> {
      const number = (name: string) => Number(pushValue(descriptor, options, name));
      const destination = parseDestination(options.url);
      if (destination === undefined) throw new PushRefused(`expected ${descriptor.example}`);
      const to = await scope.race(resolveDestination(destination));
      const fec = rtp ? fecShape(options) : undefined;
      const socket = await bindUdp({ address: localOf(to) }, () => {});
      scope.defer(() => socket.close());
      await aim(socket, to, descriptor, options, services);
      const rate = number("rate");
      const settings = {
        port: to.port,
        packets: number("pkts"),
        rtp: rtp ? { ssrc: random32(services), sequence: random32(services) & 0xffff } : undefined,
        fec,
        drop: number("drop") / 100,
      };
      const pacing = {
        burst: number("burst"),
        spreadMillis: number("pace"),
        bitsPerSecond: rate * overhead(rtp, settings.packets * TS_PACKET, fec),
      };
      const slotBytes = TsDatagrams.size(settings);
      // parity makes slots longer than the media's datagrams, and lies between them
      const endSegments = fec === undefined ? await segmentSends(socket, slotBytes) : undefined;
      const way = { socket, address: to.address, slotBytes, endSegments };
      const sender = new PacedSender(services.clock, way, pacing, services.meter);
      scope.defer(() => sender.close());
      const time = () => Math.floor(services.clock.mono() * 90) % 2 ** 32;
      const datagrams = new TsDatagrams(sender, settings, time, () => services.random());
      const taker = new TsTaker(datagrams, sender, rate, rate > 0 || fec !== undefined, services);
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
    },
  };
}

/** How much more than TS is sent: RTP headers and parity. `payload`: bytes of TS in a datagram. */
function overhead(rtp: boolean, payload: number, fec: FecShape | undefined): number {
  if (!rtp) return 1;
  const media = 1 + RTP_HEADER / payload;
  if (fec === undefined) return media;
  const parity = 1 + (RTP_HEADER + FEC_HEADER) / payload;
  return media + parity * (1 / fec.rows + (fec.rowParity ? 1 / fec.columns : 0));
}

function fecShape(options: PushOptions): FecShape | undefined {
  const kind = pushValue(TS_RTP_PUSH, options, "fec");
  if (kind === "none") return undefined;
  const shape = {
    columns: Number(pushValue(TS_RTP_PUSH, options, "columns")),
    rows: Number(pushValue(TS_RTP_PUSH, options, "rows")),
    rowParity: kind === "prompeg",
  };
  const wrong = refuseFecShape(shape);
  if (wrong !== undefined) {
    throw new PushRefused(`Cannot protect by ${shape.columns} × ${shape.rows}: ${wrong}`);
  }
  return shape;
}

function random32(services: PushServices): number {
  return Math.floor(services.random() * 2 ** 32);
}

export const tsUdpPush = makeTsPush(TS_UDP_PUSH);
export const tsRtpPush = makeTsPush(TS_RTP_PUSH);
