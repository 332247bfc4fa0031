import { type BoundSocket, socketOptions } from "./socket_option.ts";

/** What setsockopt(2) takes, udp(7): the size of the datagrams that a longer one is cut into; 0: none is. */
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

/** Datagrams that the system makes of what is sent at once, at most: UDP_MAX_SEGMENTS of older kernels. */
export const SEGMENTS_MAX = 64;
/** Bytes that may be sent at once. */
export const SEGMENTED_MAX = 65_000;

/**
 * From now on what is sent at once by `socket` leaves as datagrams of `size` bytes each, the last one perhaps shorter: the
 * network's stack is passed through once for all of them, which takes a third of the time. Needs Linux; answers what ends
 * it, to be called while the socket is open; undefined where the system does not do it.
 *
 * Sending fails where a datagram of `size` bytes does not fit the network, or the interface makes no checksums: end it
 * then, and send one by one.
 */
export async function segmentSends(socket: BoundSocket, size: number): Promise<(() => void) | undefined> {
  const set = await socketOptions(socket);
  if (typeof set === "string" || !set(SOL_UDP, UDP_SEGMENT, size)) return undefined;
  return () => void set(SOL_UDP, UDP_SEGMENT, 0);
}
