import { bun } from "./runtime.ts";
import { tapUdp } from "./tap.ts";
import { bindBun } from "./udp_bun.ts";
import { bindNode } from "./udp_node.ts";
import type { OnDatagram, UdpOptions, UdpSocket } from "./udp_socket.ts";

export * from "./udp_socket.ts";

/** Pairs tried before giving up. */
const PAIR_ATTEMPTS = 64;

/**
 * Binds a UDP socket. Rejects when the address is not this machine's or the port is taken.
 *
 * Under Bun a socket without `receiveBufferBytes` and `reuseAddr` sends in batches (2 µs a packet); one with them
 * receives as fast, but sends packet by packet.
 */
export function bindUdp(options: UdpOptions, onDatagram: OnDatagram): Promise<UdpSocket> {
  const plain = options.receiveBufferBytes === undefined && options.reuseAddr !== true;
  const heard = tapUdp(onDatagram);
  return bun !== undefined && plain ? bindBun(bun, options, heard) : bindNode(options, heard);
}

export interface UdpPairOptions {
  readonly address?: string;
  readonly receiveBufferBytes?: number;
  /** Ports to choose from, both ends included; any when left out. */
  readonly ports?: { readonly from: number; readonly to: number };
}

/** Two sockets for RTP and RTCP: an even port and the next one (RFC 3550, 11). Rejects when no pair is free. */
export async function bindUdpPair(
  options: UdpPairOptions,
  onRtp: OnDatagram,
  onRtcp: OnDatagram,
): Promise<{ readonly rtp: UdpSocket; readonly rtcp: UdpSocket }> {
  const { ports, ...rest } = options;
  let even = 0;
  let pairs = PAIR_ATTEMPTS;
  if (ports !== undefined) {
    const first = ports.from + (ports.from & 1);
    pairs = Math.floor((ports.to + 1 - first) / 2);
    even = first + 2 * Math.floor(Math.random() * Math.max(1, pairs));
  }
  for (let attempt = 0; attempt < pairs; attempt++) {
    const rtp = await tryBind({ ...rest, port: even }, onRtp);
    if (rtp !== undefined) {
      const rtcp = rtp.port % 2 === 0 ? await tryBind({ ...rest, port: rtp.port + 1 }, onRtcp) : undefined;
      if (rtcp !== undefined) return { rtp, rtcp };
      rtp.close();
    }
    // without a range, the next try asks for any port again, or for the even one below an odd answer
    if (ports !== undefined) even = even + 3 > ports.to ? ports.from + (ports.from & 1) : even + 2;
    else even = rtp !== undefined && rtp.port % 2 === 1 && even === 0 ? rtp.port - 1 : 0;
  }
  const where = ports === undefined ? "" : ` between ${ports.from} and ${ports.to}`;
  throw new Error(`No free pair of UDP ports${where}`);
}

async function tryBind(options: UdpOptions, onDatagram: OnDatagram): Promise<UdpSocket | undefined> {
  try {
    return await bindUdp(options, onDatagram);
  } catch (failure) {
    if (failure instanceof Error && "code" in failure && failure.code === "EADDRINUSE") return undefined;
    throw failure;
  }
}
