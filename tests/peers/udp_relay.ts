import { bindUdp } from "../../src/host/udp.ts";
import { BadNetwork, type Impairment, seededRandom } from "./impairment.ts";

export interface UdpRelay {
  readonly port: number;
  readonly passed: number;
  readonly lost: number;
  /** False: the cable is pulled. */
  connected: boolean;
  close(): void;
}

/** Passes datagrams that come to a port of its own on to `to` on loopback, over a bad network of the given seed. */
export async function startUdpRelay(
  to: { readonly port: number; readonly address: string },
  impairment: Impairment & { readonly jitterMillis?: number },
  seed: number,
  port = 0,
): Promise<UdpRelay> {
  const random = seededRandom(seed + 1);
  let passed = 0;
  let connected = true;
  const out = await bindUdp({ address: "127.0.0.1" }, () => {});
  const network = new BadNetwork<Uint8Array>(impairment, seed, (bytes) => {
    passed++;
    const send = () => void out.send(bytes, to.port, to.address);
    if (impairment.jitterMillis === undefined) send();
    else setTimeout(send, random() * impairment.jitterMillis);
  });
  const socket = await bindUdp({ address: "127.0.0.1", port, receiveBufferBytes: 1 << 20 }, (bytes) => {
    if (connected) network.send(bytes.slice());
  });
  return {
    port: socket.port,
    get passed() {
      return passed;
    },
    get lost() {
      return network.lost.length;
    },
    get connected() {
      return connected;
    },
    set connected(now: boolean) {
      connected = now;
    },
    close() {
      socket.close();
      out.close();
    },
  };
}
