import type { Scope } from "../../../base/scope.ts";
import { streamMicros, wallMillis } from "../../../base/units.ts";
import type { FrameRecord } from "../../../buffer/track_view.ts";
import { makeDirectory, removeFile, writeFileAtomic } from "../../../host/files.ts";
import { segmentSends } from "../../../host/udp_segments.ts";
import { outwardAddress } from "../../../host/outward_address.ts";
import { bindUdpPair, type UdpSocket } from "../../../host/udp.ts";
import type { Track } from "../../../media/track.ts";
import { decodeRtcp } from "../../../wire/protocol/rtcp/packet.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import { aim, localOf, sayRefused } from "../datagram/aim.ts";
import {
  byInterface,
  type Destination,
  parseDestination,
  type ResolvedDestination,
  resolveDestination,
} from "../datagram/destination.ts";
import { PacedSender } from "../datagram/paced_sender.ts";
import { feedFrames, type FrameTaker } from "../frame_feed.ts";
import { type Push, type PushOptions, PushRefused, type PushServices, pushValue } from "../push.ts";
import { Announcer } from "./announcer.ts";
import { SDP_PUSH } from "./descriptor.ts";
import { RtpOut } from "./rtp_out.ts";
import { parseSessionState, printSessionState, type RtpNumbers, type SessionState } from "./session_state.ts";
import { describeSession, groupOf, portOf } from "./session_text.ts";

/** RFC 3550, 6.2: reports about every five seconds; the first soon, so that receivers can align tracks. */
const REPORT_MILLIS = 5000;
const FIRST_REPORT_MILLIS = 200;
const FIRST_PAYLOAD_TYPE = 96;

interface Session {
  readonly to: ResolvedDestination;
  readonly port: number;
  readonly ttl: number;
  readonly packetMax: number;
  /** The session that another server sent, to go on with. */
  readonly before: SessionState | undefined;
  /** Address that packets come from. */
  readonly origin: string;
  /** Unix seconds of the start. */
  readonly id: number;
  readonly stream: LiveStream;
  readonly services: PushServices;
  /** The description is another now. */
  described(text: string): void;
}

/** Frames into RTP packets of each track, and the session's description. */
class RtpTaker implements FrameTaker {
  readonly #session: Session;
  readonly #sender: PacedSender;
  #outs: RtpOut[] = [];
  #tracks: readonly Track[] = [];
  #ids: readonly number[] = [];
  #mark = 0;
  #version: number;
  #text = "";
  #firstMicros = NaN;

  constructor(session: Session, sender: PacedSender) {
    this.#session = session;
    this.#sender = sender;
    this.#version = (session.before?.version ?? 1) - 1;
  }

  get outs(): readonly RtpOut[] {
    return this.#outs;
  }

  begin(tracks: readonly Track[], ids: readonly number[]): void {
    this.#ids = ids;
    const { port, packetMax, services, origin } = this.#session;
    this.#tracks = tracks;
    this.#outs = tracks.map((track, n) => {
      const before = this.#outs[n];
      if (before?.suits(track)) {
        before.update(track);
        return before;
      }
      return new RtpOut(track, this.#sender, {
        payloadType: FIRST_PAYLOAD_TYPE + n,
        port: port + 2 * n,
        packetMax,
        cname: `fogcast@${origin}`,
        random32: () => Math.floor(services.random() * 2 ** 32),
        before: before === undefined ? this.#numbersOf(n, track) : undefined,
      });
    });
    this.#describe();
  }

  frame(n: number, record: FrameRecord): void {
    this.#mark = this.#sender.mark();
    const out = this.#outs[n] as RtpOut;
    try {
      out.frame(record);
    } catch (e) {
      if (!(e instanceof RangeError)) throw e;
      // one frame that cannot be sent as RTP does not keep the others back
      this.#session.services.log.debug(`a frame is left out: ${e.message}`);
      this.#sender.rewind(this.#mark);
    }
    if (Number.isNaN(this.#firstMicros)) this.#firstMicros = out.micros;
    const { meter } = this.#session.services;
    meter.mediaMillis = Math.max(meter.mediaMillis, (out.micros - this.#firstMicros) / 1000);
  }

  proven(whole: boolean): void {
    if (whole) return;
    this.#sender.rewind(this.#mark);
    this.#session.services.meter.lost++;
  }

  flush(): void {
    this.#sender.flush();
  }

  /** Each track's sender report with the port that it goes to; `bye`: the last one. */
  reports(bye: boolean): readonly { readonly port: number; readonly packet: Uint8Array }[] {
    const { stream, services } = this.#session;
    return this.#outs.map((out) => {
      const wall = stream.stream.wallAt(streamMicros(out.micros)) ?? wallMillis(services.clock.wall());
      return { port: out.port + 1, packet: bye ? out.bye(wall) : out.report(wall) };
    });
  }

  /** For another server to go on with; undefined where nothing was sent. */
  get state(): SessionState | undefined {
    if (this.#outs.length === 0) return undefined;
    const { id } = this.#session;
    return {
      id,
      version: this.#version,
      text: this.#text,
      outs: this.#outs.map((out, n) => out.numbers(this.#ids[n] as number)),
    };
  }

  #numbersOf(n: number, track: Track): RtpNumbers | undefined {
    const numbers = this.#session.before?.outs[n];
    return numbers?.codec === track.codec ? numbers : undefined;
  }

  #describe(): void {
    this.#text = this.#description();
    // what another server said under that number has changed
    const { before } = this.#session;
    if (this.#version === before?.version && this.#text !== before.text) this.#text = this.#description();
    this.#session.described(this.#text);
  }

  #description(): string {
    const { to, origin, ttl, id, stream } = this.#session;
    return describeSession({
      name: stream.name,
      id,
      version: ++this.#version,
      origin,
      address: to.address,
      multicast: to.multicast,
      ttl,
      tracks: this.#tracks.map((track, n) => {
        const out = this.#outs[n] as RtpOut;
        return { track, payloadType: out.payloadType, port: out.port };
      }),
    });
  }
}

/** Writes the description to a file, one after the other; removes the file at the end. */
class SdpFile {
  readonly #path: string;
  #turn: Promise<unknown> = Promise.resolve();
  #failed: (failure: unknown) => void;

  constructor(path: string, failed: (failure: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
  }

  write(text: string): void {
    this.#turn = this.#turn.then(async () => {
      await makeDirectory(this.#path.replace(/\/[^/]*$/, "") || "/");
      await writeFileAtomic(this.#path, text);
    }).catch(this.#failed);
  }

  /** Leaves the file to others. */
  async rest(): Promise<void> {
    await this.#turn;
  }

  async remove(): Promise<void> {
    await this.#turn;
    await removeFile(this.#path);
  }
}

export const sdpPush: Push = {
  descriptor: SDP_PUSH,
  async run(scope: Scope, options: PushOptions, stream: LiveStream, services: PushServices): Promise<void> {
    const number = (name: string) => Number(pushValue(SDP_PUSH, options, name));
    const text = (name: string) => String(pushValue(SDP_PUSH, options, name));
    const isFile = options.url.startsWith("/");
    const destination = isFile ? destinationOf(options, stream.name) : parseDestination(options.url);
    if (destination === undefined) throw new PushRefused(`expected ${SDP_PUSH.example}`);
    const path = isFile ? options.url : text("file");
    // it is written over, and removed at the end
    if (path !== "" && !/\.sdp$/i.test(path)) {
      throw new PushRefused(`file: expected the path of an .sdp file, got ${path}`);
    }
    const to = await scope.race(resolveDestination(byInterface(destination, text("interface"))));
    const { rtp, rtcp } = await bindSockets(to, services);
    scope.defer(() => {
      rtp.close();
      rtcp.close();
    });
    for (const socket of [rtp, rtcp]) await aim(socket, to, SDP_PUSH, options, services);
    const file = path === "" ? undefined : new SdpFile(path, (failure) => {
      services.log.error(
        `cannot write ${path}: ${failure instanceof Error ? failure.message : String(failure)}`,
      );
    });
    const { handOver } = services;
    if (file !== undefined) scope.defer(() => handOver?.wanted === true ? file.rest() : file.remove());
    const origin = to.local ?? await outwardAddress(to.address);
    const announcer = text("sap") === "true"
      ? new Announcer(services.clock, rtcp, origin, to.address)
      : undefined;
    if (announcer !== undefined) {
      scope.defer(() => handOver?.wanted === true ? announcer.rest() : announcer.close());
    }
    scope.defer(() => services.describe?.(undefined));
    const pacing = { burst: number("burst"), spreadMillis: number("pace") };
    const packetMax = number("maxsend");
    const endSegments = await segmentSends(rtp, packetMax);
    const way = {
      socket: rtp,
      address: to.address,
      slotBytes: packetMax,
      endSegments,
      refused: sayRefused(to, services),
    };
    const sender = new PacedSender(services.clock, way, pacing, services.meter);
    const before = parseSessionState(options.session);
    const taker = new RtpTaker({
      to,
      port: destination.port,
      ttl: number("ttl"),
      packetMax,
      before,
      origin,
      id: before?.id ?? Math.floor(services.clock.wall() / 1000),
      stream,
      services,
      described(description) {
        file?.write(description);
        announcer?.announce(description);
        services.describe?.(description);
      },
    }, sender);
    let cancel = () => {};
    const report = () => {
      cancel = services.clock.after(REPORT_MILLIS, report);
      if (!services.meter.sending) return;
      for (const { port, packet } of taker.reports(false)) rtcp.send(packet, port, to.address);
    };
    cancel = services.clock.after(FIRST_REPORT_MILLIS, report);
    scope.defer(() => {
      cancel();
      sender.close();
      if (handOver?.wanted === true) {
        const { state = before } = taker;
        if (state !== undefined) handOver.session = printSessionState(state);
        return;
      }
      if (!services.meter.sending) return;
      for (const { port, packet } of taker.reports(true)) rtcp.send(packet, port, to.address);
    });
    const playable = ({ track }: { readonly track: Track }) => SDP_PUSH.codecs.includes(track.codec);
    const tracks = { playable, several: true };
    const next = before === undefined
      ? undefined
      : new Map(before.outs.map(({ track, nextFrame }) => [track, nextFrame] as const));
    await feedFrames(scope, stream, { descriptor: SDP_PUSH, options, tracks, next }, services, taker);
  },
};

function destinationOf(options: PushOptions, stream: string): Destination {
  const host = String(pushValue(SDP_PUSH, options, "targetIP"));
  const port = Number(pushValue(SDP_PUSH, options, "startPort"));
  return {
    host: host === "" ? groupOf(stream) : host,
    port: port === 0 ? portOf(stream) : port,
    interface: "",
  };
}

/** Sockets to send by; receivers' reports come back to the second one. */
function bindSockets(
  to: ResolvedDestination,
  services: PushServices,
): Promise<{ readonly rtp: UdpSocket; readonly rtcp: UdpSocket }> {
  return bindUdpPair({ address: localOf(to) }, () => {}, (bytes) => {
    const decoded = decodeRtcp(bytes);
    if (decoded.kind !== "ok") return;
    for (const packet of decoded.value) {
      if (packet.kind !== "rr") continue;
      for (const block of packet.blocks) services.meter.lost = Math.max(services.meter.lost, block.lost);
    }
  });
}
