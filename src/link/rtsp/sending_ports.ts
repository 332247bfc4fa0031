import { bindUdpPair, type UdpSocket } from "../../host/udp.ts";
import { plainAddress } from "./udp_ports.ts";

/** Away from the ports that the system gives to outgoing connections. */
const PORTS = { from: 22_000, to: 27_999 };

/** The ports that datagrams to one player leave from. */
export interface PlayerPorts {
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
  close(): void;
}

interface Pair {
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
}

/**
 * Sockets that all players over UDP share, one pair for the first track of each, one for the second and so on: a
 * further player costs no descriptor. Reports are told apart by address and port.
 */
export class SendingPorts {
  readonly #pairs = new Map<string, Promise<Pair>>();
  readonly #heard = new Map<string, (rtcp: Uint8Array) => void>();
  #closed = false;

  /** The ports for a player at `address` with its ports `clientPort`; `heard` gets its reports. */
  async open(
    address: string,
    index: number,
    clientPort: readonly [number, number],
    heard: (rtcp: Uint8Array) => void,
  ): Promise<PlayerPorts> {
    const pair = await this.#pair(address.includes(":") ? "::" : "0.0.0.0", index);
    const keys = clientPort.map((port) => `${address} ${port}`);
    for (const key of keys) this.#heard.set(key, heard);
    return {
      ...pair,
      close: () => {
        for (const key of keys) if (this.#heard.get(key) === heard) this.#heard.delete(key);
      },
    };
  }

  /** Closes all sockets. */
  close(): void {
    this.#closed = true;
    for (const pair of this.#pairs.values()) {
      pair.then(closePair, () => undefined);
    }
    this.#pairs.clear();
    this.#heard.clear();
  }

  #pair(local: string, index: number): Promise<Pair> {
    const key = `${local} ${index}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const receive = (bytes: Uint8Array, port: number, from: string) =>
      this.#heard.get(`${plainAddress(from)} ${port}`)?.(bytes);
    // What comes to the RTP port are empty packets that open a way through a router.
    const made = bindUdpPair({ address: local, ports: PORTS }, () => {}, receive);
    this.#pairs.set(key, made);
    made.then((pair) => this.#closed && closePair(pair), () => this.#pairs.delete(key));
    return made;
  }
}

function closePair({ rtp, rtcp }: Pair): void {
  rtp.close();
  rtcp.close();
}
