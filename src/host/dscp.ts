import { type BoundSocket, socketOptions } from "./socket_option.ts";

/** What setsockopt(2) takes: level and name of the class of service, RFC 2474 and RFC 3542, 6.5. */
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IPPROTO_IPV6 = 41;
const IPV6_TCLASS = 67;

/**
 * Marks what a UDP socket sends with a differentiated services code point, 0 to 63. Answers what kept it from being done;
 * undefined: done.
 */
export async function setDscp(socket: BoundSocket, dscp: number): Promise<string | undefined> {
  const set = await socketOptions(socket);
  if (typeof set === "string") return set;
  const done = socket.address.includes(":")
    ? set(IPPROTO_IPV6, IPV6_TCLASS, dscp << 2)
    : set(IPPROTO_IP, IP_TOS, dscp << 2);
  return done ? undefined : "the system refused it";
}
