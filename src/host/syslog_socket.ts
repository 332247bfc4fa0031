import { lookup } from "node:dns/promises";
import { bindUdp } from "./udp.ts";
import { openUnixDatagram } from "./unix_datagram.ts";

/** Where syslog messages go; the runtime behind it is chosen by the address. */
export interface SyslogSocket {
  /** Never waits; false when it was not taken. */
  send(bytes: Uint8Array): boolean;
  close(): void;
}

/** A way to a syslog server. */
export type SyslogPlace =
  | { readonly kind: "udp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Opens it; a name is looked up once. Rejects when it cannot be, or sockets of this kind are not to be had. */
export async function openSyslogSocket(place: SyslogPlace): Promise<SyslogSocket> {
  if (place.kind === "unix") return await openUnixDatagram(place.path);
  const { address, family } = await lookup(place.host);
  const socket = await bindUdp({ address: family === 6 ? "::" : "0.0.0.0" }, () => {});
  return {
    send: (bytes) => socket.send(bytes, place.port, address),
    close: () => socket.close(),
  };
}
