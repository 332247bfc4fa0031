import { bindUdp, bindUdpPair, type OnDatagram, type UdpSocket } from "../../host/udp.ts";

/** Two sockets on neighbouring ports, RTP on the even one: RFC 3550, 11. */
export interface UdpPorts {
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
  close(): void;
}

/** Away from the ports that the system gives to outgoing connections, and from those that cameras like. */
const PORTS = { from: 16_384, to: 21_999 };
/** A key frame of a 4K camera is sent in one burst. */
const RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024;
const RTCP_BUFFER_BYTES = 64 * 1024;

/** Binds a free pair. Throws where none is found. */
export async function openUdpPorts(
  address: string,
  onRtp: OnDatagram,
  onRtcp: OnDatagram,
): Promise<UdpPorts> {
  const { rtp, rtcp } = await bindUdpPair(
    { address, receiveBufferBytes: RECEIVE_BUFFER_BYTES, ports: PORTS },
    onRtp,
    onRtcp,
  );
  return pairOf(rtp, rtcp);
}

/** Joins a multicast group on its two ports; other processes may have joined it too. */
export async function joinUdpPorts(
  group: string,
  ports: readonly [number, number],
  about: { readonly interfaceAddress: string; readonly sources: readonly string[] },
  onRtp: OnDatagram,
  onRtcp: OnDatagram,
): Promise<UdpPorts> {
  const open = async (port: number, handler: OnDatagram, receiveBufferBytes: number) => {
    const socket = await bindUdp({ address: group, port, reuseAddr: true, receiveBufferBytes }, handler);
    try {
      const source = about.sources[0];
      socket.joinGroup(group, {
        ...(about.interfaceAddress === "" ? {} : { interface: about.interfaceAddress }),
        ...(source === undefined ? {} : { source }),
      });
    } catch (e) {
      socket.close();
      throw e;
    }
    return socket;
  };
  const rtp = await open(ports[0], onRtp, RECEIVE_BUFFER_BYTES);
  try {
    return pairOf(rtp, await open(ports[1], onRtcp, RTCP_BUFFER_BYTES));
  } catch (e) {
    rtp.close();
    throw e;
  }
}

function pairOf(rtp: UdpSocket, rtcp: UdpSocket): UdpPorts {
  return {
    rtp,
    rtcp,
    close() {
      rtp.close();
      rtcp.close();
    },
  };
}

/** The address as it is compared: an IPv4 one inside IPv6 is that IPv4 one. */
export function plainAddress(address: string): string {
  const text = address.toLowerCase();
  return text.startsWith("::ffff:") && text.includes(".") ? text.slice(7) : text.replace(/^\[|\]$/g, "");
}
