import { setDscp } from "../../../host/dscp.ts";
import type { UdpSocket } from "../../../host/udp.ts";
import { type PushOptions, type PushServices, pushValue } from "../push.ts";
import type { PushDescriptor } from "../../../config/option.ts";
import type { ResolvedDestination } from "./destination.ts";

/** A socket's own address to send to `to` by. */
export function localOf({ local, address }: ResolvedDestination): string {
  return local ?? (address.includes(":") ? "::" : "0.0.0.0");
}

/** How often it is said that nothing leaves, milliseconds. */
const SAY_MILLIS = 10_000;

/** Says, now and then, that the system takes no datagrams for `to`: it knows no way there, or an interface is down. */
export function sayRefused(to: ResolvedDestination, services: PushServices): () => void {
  let said = -Infinity;
  return () => {
    const now = services.clock.mono();
    if (now - said < SAY_MILLIS) return;
    said = now;
    const host = to.address.includes(":") ? `[${to.address}]` : to.address;
    services.log.warn(
      `the system takes no datagrams for ${host}:${to.port}: no way there, or its interface is down`,
    );
  };
}

/** Sets what `WAY_OPTIONS` say of a socket that sends to `to`. Datagrams that cannot be marked go out as they are. */
export async function aim(
  socket: UdpSocket,
  to: ResolvedDestination,
  descriptor: PushDescriptor,
  options: PushOptions,
  services: PushServices,
): Promise<void> {
  const ttl = Number(pushValue(descriptor, options, "ttl"));
  const dscp = Number(pushValue(descriptor, options, "dscp"));
  if (to.multicast) {
    socket.setMulticastTtl(ttl);
    if (to.local !== undefined) socket.setMulticastInterface(to.local);
  } else socket.setTtl(Math.max(1, ttl));
  if (dscp === 0) return;
  const failure = await setDscp(socket, dscp);
  if (failure !== undefined) services.log.warn(`datagrams go out without DSCP ${dscp}: ${failure}`);
}
