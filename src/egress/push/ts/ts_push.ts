import type { Scope } from "../../../base/scope.ts";
import type { PushDescriptor } from "../../../config/option.ts";
import { bindUdp } from "../../../host/udp.ts";
import { segmentSends } from "../../../host/udp_segments.ts";
import { TS_PACKET } from "../../../wire/container/ts/packet.ts";
import type { FecShape } from "../../../wire/protocol/fec/encoder.ts";
import { FEC_HEADER } from "../../../wire/protocol/fec/header.ts";
import { RTP_HEADER } from "../../../wire/protocol/rtp/packet.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import { aim, localOf, sayRefused } from "../datagram/aim.ts";
import { byInterface, parseDestination, resolveDestination } from "../datagram/destination.ts";
import { PacedSender } from "../datagram/paced_sender.ts";
import { type Push, type PushOptions, PushRefused, type PushServices, pushValue } from "../push.ts";
import { TsDatagrams } from "./datagrams.ts";
import { fecShape, TS_RTP_PUSH, TS_UDP_PUSH } from "./descriptor.ts";
import { feedTs } from "./ts_taker.ts";

function makeTsPush(descriptor: PushDescriptor): Push {
  const rtp = descriptor === TS_RTP_PUSH;
  return {
    descriptor,
    async run(scope: Scope, options: PushOptions, stream: LiveStream, services: PushServices): Promise<void> {
      const number = (name: string) => Number(pushValue(descriptor, options, name));
      const destination = parseDestination(options.url);
      if (destination === undefined) throw new PushRefused(`expected ${descriptor.example}`);
      const local = String(pushValue(descriptor, options, "interface"));
      const to = await scope.race(resolveDestination(byInterface(destination, local)));
      const fec = rtp ? fecShape(options.values) : undefined;
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
        // parity is made of full ones, and a constant rate is one of full ones
        full: rate > 0 || fec !== undefined,
      };
      const pacing = {
        burst: number("burst"),
        spreadMillis: number("pace"),
        bitsPerSecond: rate * overhead(rtp, settings.packets * TS_PACKET, fec),
      };
      const slotBytes = TsDatagrams.size(settings);
      // parity makes slots longer than the media's datagrams, and lies between them
      const endSegments = fec === undefined ? await segmentSends(socket, slotBytes) : undefined;
      const way = { socket, address: to.address, slotBytes, endSegments, refused: sayRefused(to, services) };
      const sender = new PacedSender(services.clock, way, pacing, services.meter);
      scope.defer(() => sender.close());
      const time = () => Math.floor(services.clock.mono() * 90) % 2 ** 32;
      const datagrams = new TsDatagrams(sender, settings, time, () => services.random());
      await feedTs(scope, stream, descriptor, options, services, datagrams);
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

function random32(services: PushServices): number {
  return Math.floor(services.random() * 2 ** 32);
}

export const tsUdpPush = makeTsPush(TS_UDP_PUSH);
export const tsRtpPush = makeTsPush(TS_RTP_PUSH);
