import { setDscp } from "../../../host/dscp.ts";
import type { UdpSocket } from "../../../host/udp.ts";
import type { PushServices } from "../push.ts";

/** Marks what a socket sends with a code point; 0 leaves it as it is. Says so where that cannot be, and goes on. */
export async function mark(
  socket: Pick<UdpSocket, "address" | "port">,
  dscp: number,
  services: PushServices,
): Promise<void> {
  if (dscp === 0) return;
  const failure = await setDscp(socket, dscp);
  if (failure !== undefined) services.log.warn(`datagrams go out without DSCP ${dscp}: ${failure}`);
}
