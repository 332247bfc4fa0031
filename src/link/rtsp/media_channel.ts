import { isGroup } from "../../base/multicast.ts";
import { printTransport, type RtspTransport } from "../../wire/protocol/rtsp/transport.ts";
import type { MediaDescription } from "../../wire/protocol/sdp/description.ts";
import { RtspError } from "./rtsp_error.ts";
import { joinUdpPorts, openUdpPorts, plainAddress, type UdpPorts } from "./udp_ports.ts";

/** How media come to us. */
export type MediaTransport = "tcp" | "udp" | "multicast";

/** Takes what arrives for one media; views are valid during the call. */
export interface MediaReceiver {
  rtp(bytes: Uint8Array): void;
  rtcp(bytes: Uint8Array): void;
}

/** The way of one media, before and after its SETUP. */
export interface MediaChannel {
  /** Transport field of the request. */
  readonly asked: string;
  /** Takes the transport that the camera chose. Throws RtspError when it cannot be used. */
  agree(answer: RtspTransport | undefined): void | Promise<void>;
  /** Interleaved channels, RTP then RTCP, after `agree`; undefined over UDP. */
  readonly channels: readonly [number, number] | undefined;
  /** Sends a packet that makes firewalls and address translation on the way let the camera's through. */
  knock(): void;
  sendRtcp(bytes: Uint8Array): void;
  close(): void;
}

/** What a channel needs to know of the connection. */
export interface ChannelSurroundings {
  readonly remoteAddress: string;
  readonly localAddress: string;
  sendInterleaved(channel: number, data: Uint8Array): void;
}

/** An empty RTP packet and an empty receiver report. */
const KNOCK_RTP = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const KNOCK_RTCP = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 0);

/** Media inside the RTSP connection: `index` is that of the SETUP, from 0. */
export function interleavedChannel(index: number, around: ChannelSurroundings): MediaChannel {
  const wish: [number, number] = [2 * index, 2 * index + 1];
  let channels: readonly [number, number] = wish;
  return {
    asked: printTransport({ tcp: true, interleaved: wish }),
    agree(answer) {
      if (answer === undefined) return;
      // Escam answers RTP/AVP without /TCP and means interleaved; a server port means that UDP is meant
      if (answer.interleaved !== undefined) channels = answer.interleaved;
      else if (!answer.tcp && answer.serverPort !== undefined) {
        throw new RtspError("camera answers a SETUP over TCP with UDP ports", "transport");
      }
    },
    get channels() {
      return channels;
    },
    knock() {},
    sendRtcp: (bytes) => around.sendInterleaved(channels[1], bytes),
    close() {},
  };
}

/** Media in datagrams from the camera's address to a pair of ports here. */
export async function unicastChannel(
  around: ChannelSurroundings,
  receiver: MediaReceiver,
): Promise<MediaChannel> {
  const remote = plainAddress(around.remoteAddress);
  const senders = new Set([remote]);
  let to: { address: string; ports: readonly [number, number] } | undefined;
  let channels: readonly [number, number] | undefined;
  const accept = (port: number, address: string, isRtcp: boolean): boolean => {
    if (!senders.has(address) && !senders.has(plainAddress(address))) return false;
    // no server_port in the answer (VLC, smolrtsp): reports go beside where the packets come from
    to ??= { address, ports: isRtcp ? [port - 1, port] : [port, port + 1] };
    return true;
  };
  const ports = await openUdpPorts(
    remote.includes(":") ? "::" : "0.0.0.0",
    (bytes, port, address) => accept(port, address, false) && receiver.rtp(bytes),
    (bytes, port, address) => accept(port, address, true) && receiver.rtcp(bytes),
  );
  return {
    asked: printTransport({ clientPort: [ports.rtp.port, ports.rtcp.port] }),
    agree(answer) {
      if (answer === undefined) return;
      if (answer.interleaved !== undefined && (answer.tcp || answer.serverPort === undefined)) {
        channels = answer.interleaved;
        return;
      }
      if (answer.tcp) throw new RtspError("camera answers a SETUP over UDP with TCP", "transport");
      const source = answer.source === undefined ? "" : plainAddress(answer.source);
      if (/^[\d.]+$|:/.test(source) && source !== "0.0.0.0") senders.add(source);
      if (answer.serverPort !== undefined) to = { address: remote, ports: answer.serverPort };
    },
    get channels() {
      return channels;
    },
    knock() {
      if (to === undefined) return;
      ports.rtp.send(KNOCK_RTP, to.ports[0], to.address);
      ports.rtcp.send(KNOCK_RTCP, to.ports[1], to.address);
    },
    sendRtcp(bytes) {
      if (channels !== undefined) around.sendInterleaved(channels[1], bytes);
      else if (to !== undefined) ports.rtcp.send(bytes, to.ports[1], to.address);
    },
    close: () => ports.close(),
  };
}

/** Media in datagrams to a group that the camera (or its description) names. */
export function multicastChannel(
  media: MediaDescription,
  around: ChannelSurroundings,
  receiver: MediaReceiver,
): MediaChannel {
  let ports: UdpPorts | undefined;
  let to: { group: string; port: number } | undefined;
  return {
    asked: printTransport({ multicast: true }),
    async agree(answer) {
      const group = answer?.destination ?? media.connection?.address ?? "";
      const pair = answer?.port ?? (media.port > 0 ? [media.port, media.port + 1] as const : undefined);
      if (!isGroup(group) || pair === undefined || answer?.tcp === true) {
        throw new RtspError("camera offers no multicast group", "transport");
      }
      try {
        ports = await joinUdpPorts(
          group,
          pair,
          { interfaceAddress: plainAddress(around.localAddress), sources: media.sources },
          (bytes) => receiver.rtp(bytes),
          (bytes) => receiver.rtcp(bytes),
        );
      } catch (e) {
        const why = e instanceof Error ? e.message : String(e);
        throw new RtspError(`cannot join multicast group ${group}:${pair[0]}: ${why}`, "transport");
      }
      to = { group, port: pair[1] };
    },
    channels: undefined,
    knock() {},
    sendRtcp(bytes) {
      if (to !== undefined) ports?.rtcp.send(bytes, to.port, to.group);
    },
    close: () => ports?.close(),
  };
}
