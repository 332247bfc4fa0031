import type { TcpConnection } from "../../host/tcp.ts";
import type { PacketBatch } from "../../wire/protocol/rtp/packetize/packet_place.ts";
import { printTransport, type RtspTransport } from "../../wire/protocol/rtsp/transport.ts";
import type { MulticastGroup } from "./served.ts";
import type { SendingPorts } from "./sending_ports.ts";

/** Bytes that may wait for a player over TCP; one that reads no faster loses whole packets. */
export const PLAYER_QUEUE_MAX = 4 * 1024 * 1024;

/** How RTP and RTCP of one track get to the player. */
export interface TrackPath {
  rtp(packet: Uint8Array): void;
  rtcp(packet: Uint8Array): void;
  /** Packets `[from, to)` of a batch; answers the bytes sent. */
  batch(batch: PacketBatch, from: number, to: number): number;
  readonly datagrams: boolean;
  readonly multicast: boolean;
  /** Channels of the connection that carry the track, -1 without. */
  readonly channels: readonly [number, number];
  close(): void;
}

/** The way to a player, and the Transport field that tells of it. */
export interface AgreedPath {
  readonly path: TrackPath;
  readonly transport: string;
}

const NO_CHANNELS = [-1, -1] as const;

/** Packets inside the RTSP connection; `free` is the pair of channels for a player that names none. */
export function interleavedPath(
  tcp: TcpConnection,
  wish: RtspTransport,
  free: readonly [number, number],
): AgreedPath {
  const channels = wish.interleaved ?? free;
  const send = (channel: number, packet: Uint8Array) => {
    if (tcp.queued > PLAYER_QUEUE_MAX || packet.length > 0xffff) return;
    const frame = new Uint8Array(4 + packet.length);
    frame.set([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    frame.set(packet, 4);
    tcp.write(frame);
  };
  return {
    path: {
      rtp: (packet) => send(channels[0], packet),
      rtcp: (packet) => send(channels[1], packet),
      batch(batch, from, to) {
        const bytes = batch.interleaved(channels[0], from, to);
        tcp.write(bytes);
        return bytes.length;
      },
      datagrams: false,
      multicast: false,
      channels,
      close() {},
    },
    transport: printTransport({ tcp: true, interleaved: channels }),
  };
}

/**
 * Datagrams to the ports that the player names, at the address of its connection and nowhere else: a `destination`
 * would let it flood others. `heard` is called with what the player reports.
 */
export async function datagramPath(
  tcp: TcpConnection,
  clientPort: readonly [number, number],
  index: number,
  sending: SendingPorts,
  heard: (rtcp: Uint8Array) => void,
): Promise<AgreedPath> {
  const { address } = tcp.remote;
  const ports = await sending.open(address, index, clientPort, heard);
  return {
    path: {
      rtp: (packet) => void ports.rtp.send(packet, clientPort[0], address),
      rtcp: (packet) => void ports.rtcp.send(packet, clientPort[1], address),
      batch(batch, from, to) {
        const packets = batch.packets(from, to);
        ports.rtp.sendMany(packets, clientPort[0], address);
        let bytes = 0;
        for (const packet of packets) bytes += packet.length;
        return bytes;
      },
      datagrams: true,
      multicast: false,
      channels: NO_CHANNELS,
      close: () => ports.close(),
    },
    transport: printTransport({ clientPort, serverPort: [ports.rtp.port, ports.rtcp.port] }),
  };
}

/** A group that the track is sent to, for this player and others. */
export function groupPath(group: MulticastGroup, source: string): AgreedPath {
  return {
    path: {
      rtp() {},
      rtcp() {},
      batch: () => 0,
      datagrams: true,
      multicast: true,
      channels: NO_CHANNELS,
      close: () => group.leave(),
    },
    transport: printTransport({
      multicast: true,
      destination: group.address,
      source,
      port: group.ports,
      ttl: group.ttl,
    }),
  };
}
