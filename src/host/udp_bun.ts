import type { MulticastJoin, OnDatagram, UdpOptions, UdpSocket } from "./udp_socket.ts";

type Socket = Bun.udp.Socket<"buffer">;
type Bytes = Uint8Array<ArrayBuffer>;

/** Packets handed to one `sendMany`; Bun turns them into `sendmmsg`. */
const BATCH = 64;

class BunUdpSocket implements UdpSocket {
  readonly address: string;
  readonly port: number;
  failures = 0;
  readonly #socket: Socket;
  /** Reused from call to call: packet, port, address, packet … as Bun wants it. */
  readonly #batch: (Bytes | number | string)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    this.address = socket.hostname;
    this.port = socket.port;
  }

  send(bytes: Uint8Array, port: number, address: string): boolean {
    if (this.#socket.closed) return false;
    try {
      if (this.#socket.send(bytes as Bytes, port, address)) return true;
    } catch (failure) {
      return this.#failed(failure);
    }
    this.failures++;
    return false;
  }

  sendMany(packets: readonly Uint8Array[], port: number, address: string): number {
    let sent = 0;
    while (sent < packets.length) {
      if (this.#socket.closed) return sent;
      const count = Math.min(BATCH, packets.length - sent);
      const batch = this.#batch;
      batch.length = count * 3;
      for (let i = 0; i < count; i++) {
        batch[i * 3] = packets[sent + i] as Bytes;
        batch[i * 3 + 1] = port;
        batch[i * 3 + 2] = address;
      }
      let taken = 0;
      try {
        taken = this.#socket.sendMany(batch);
      } catch (failure) {
        this.#failed(failure);
      }
      sent += taken;
      if (taken < count) {
        this.failures += packets.length - sent;
        return sent;
      }
    }
    return sent;
  }

  #failed(failure: unknown): false {
    // an unreachable network is the network's matter; anything but a system error is a mistake in the call
    if (!(failure instanceof Error) || !("code" in failure)) throw failure;
    this.failures++;
    return false;
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
    if (!this.#socket.closed) this.#socket.close();
  }
}

/** `bindUdp` over `Bun.udpSocket`: sends in batches, but has neither a receive queue's size nor a shared port. */
export async function bindBun(
  runtime: typeof Bun,
  options: UdpOptions,
  onDatagram: OnDatagram,
): Promise<UdpSocket> {
  const failed = (): void => {
    made.failures++;
  };
  const socket = await runtime.udpSocket({
    hostname: options.address ?? "0.0.0.0",
    port: options.port ?? 0,
    socket: {
      data(_socket, bytes, port, address) {
        try {
          onDatagram(bytes, port, address);
        } catch {
          failed();
        }
      },
      error: failed,
    },
  });
  const made = new BunUdpSocket(socket);
  return made;
}
