import type { TcpConnection } from "../../host/tcp.ts";
import { plainAddress } from "../../host/tcp.ts";
import { printTransport, type RtspTransport } from "../../wire/protocol/rtsp/transport.ts";
import type { TrackPath } from "./server_track.ts";
import { openUdpPorts } from "./udp_ports.ts";

/** Bytes that may wait for a player over TCP; one that reads no faster loses whole packets. */
export const PLAYER_QUEUE_MAX = 4 * 1024 * 1024;

/** The way to a player, and the Transport field that tells of it. */
export interface AgreedPath {
  readonly path: TrackPath;
  readonly transport: string;
}

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
      close() {},
    },
    transport: printTransport({ tcp: true, interleaved: channels }),
  };
}

/**
 * Datagrams to the ports that the player names, at the address of its connection and nowhere else: a `destination`
 * would let it flood others. `alive` is called when the player reports.
 */
export async function datagramPath(
  tcp: TcpConnection,
  clientPort: readonly [number, number],
  alive: () => void,
): Promise<AgreedPath> {
  const address = plainAddress(tcp.remote.address);
  const ports = await openUdpPorts(
    address.includes(":") ? "::" : "0.0.0.0",
    () => {},
    (_bytes, _port, from) => plainAddress(from) === address && alive(),
  );
  return {
    path: {
      rtp: (packet) => void ports.rtp.send(packet, clientPort[0], address),
      rtcp: (packet) => void ports.rtcp.send(packet, clientPort[1], address),
      close: () => ports.close(),
    },
    transport: printTransport({ clientPort, serverPort: [ports.rtp.port, ports.rtcp.port] }),
  };
}
