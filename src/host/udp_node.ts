import type { Socket } from "node:dgram";
import { nodeModule } from "./runtime.ts";
import type { MulticastJoin, OnDatagram, UdpOptions, UdpSocket } from "./udp_socket.ts";

/** Bytes that may be on their way to the system; more are refused. */
const IN_FLIGHT_MAX = 4 * 1024 * 1024;

class NodeUdpSocket implements UdpSocket {
  readonly address: string;
  readonly port: number;
  failures = 0;
  readonly #socket: Socket;
  #inFlight = 0;
  #closed = false;

  constructor(socket: Socket, onDatagram: OnDatagram) {
    this.#socket = socket;
    const bound = socket.address();
    this.address = bound.address;
    this.port = bound.port;
    socket.on("message", (bytes, from) => {
      if (this.#closed) return;
      try {
        onDatagram(bytes, from.port, from.address);
      } catch {
        this.failures++;
      }
    });
    socket.on("error", () => this.failures++);
  }

  send(bytes: Uint8Array, port: number, address: string): boolean {
    if (this.#closed) return false;
    if (this.#inFlight + bytes.length > IN_FLIGHT_MAX) {
      this.failures++;
      return false;
    }
    this.#inFlight += bytes.length;
    // sent after this call returns, when the owner may have overwritten them
    this.#socket.send(bytes.slice(), port, address, (failure) => {
      this.#inFlight -= bytes.length;
      if (failure) this.failures++;
    });
    return true;
  }

  sendMany(packets: readonly Uint8Array[], port: number, address: string): number {
    for (let i = 0; i < packets.length; i++) {
      if (!this.send(packets[i]!, port, address)) return i;
    }
    return packets.length;
  }

  joinGroup(group: string, { interface: local, source }: MulticastJoin = {}): void {
    if (source === undefined) this.#socket.addMembership(group, local);
    else this.#socket.addSourceSpecificMembership(source, group, local);
  }

  leaveGroup(group: string, { interface: local, source }: MulticastJoin = {}): void {
    if (source === undefined) this.#socket.dropMembership(group, local);
    else this.#socket.dropSourceSpecificMembership(source, group, local);
  }

  setMulticastTtl(hops: number): void {
    this.#socket.setMulticastTTL(hops);
  }

  setMulticastLoopback(on: boolean): void {
    this.#socket.setMulticastLoopback(on);
  }

  setMulticastInterface(address: string): void {
    this.#socket.setMulticastInterface(address);
  }

  setTtl(hops: number): void {
    this.#socket.setTTL(hops);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** `bindUdp` over `node:dgram`: everything under Deno; under Bun where the receive queue or a shared port matters. */
export function bindNode(options: UdpOptions, onDatagram: OnDatagram): Promise<UdpSocket> {
  const address = options.address ?? "0.0.0.0";
  const socket = nodeModule("node:dgram").createSocket({
    type: address.includes(":") ? "udp6" : "udp4",
    reuseAddr: options.reuseAddr ?? false,
    ...(options.receiveBufferBytes === undefined ? {} : { recvBufferSize: options.receiveBufferBytes }),
  });
  return new Promise((resolve, reject) => {
    const fail = (failure: Error): void => {
      socket.close();
      reject(failure);
    };
    socket.once("error", fail);
    socket.bind({ port: options.port ?? 0, address }, () => {
      socket.off("error", fail);
      resolve(new NodeUdpSocket(socket, onDatagram));
    });
  });
}
