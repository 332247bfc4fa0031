import { createSocket } from "node:dgram";
import { listInterfaces } from "./interfaces.ts";

/** How long the system may take to choose a way, milliseconds. */
const PATIENCE_MILLIS = 1000;

/**
 * The address of this machine from which datagrams to `address` leave, as the routing table says; that of the first
 * interface where there is no way there. Sends nothing.
 */
export async function outwardAddress(address: string): Promise<string> {
  const family = address.includes(":") ? 6 : 4;
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MILLIS);
      socket.once("error", reject);
      socket.connect(9, address, () => {
        clearTimeout(timer);
        const { address: local } = socket.address();
        // a way without a source address of its own, such as that of groups over the loopback interface
        if (/^(?:0\.0\.0\.0|::)$/.test(local)) reject(new Error("no address of its own"));
        else resolve(local);
      });
    });
  } catch (failure) {
    const found = listInterfaces().find((at) => at.family === family && !at.internal) ??
      listInterfaces().find((at) => at.family === family);
    if (found === undefined) throw failure;
    return found.address;
  } finally {
    socket.close();
  }
}
