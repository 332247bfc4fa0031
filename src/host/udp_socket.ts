/** Called for each datagram; the view is valid during the call only. An error thrown here is counted and dropped. */
export type OnDatagram = (bytes: Uint8Array, port: number, address: string) => void;

export interface UdpOptions {
  /**
   * Address to bind, of this machine or of a multicast group (then nothing but that group's datagrams arrive);
   * `0.0.0.0` when left out. One with a colon makes an IPv6 socket.
   */
  readonly address?: string;
  /** 0 or left out: any free port. */
  readonly port?: number;
  /** Wished size of the system's receive queue; the system may grant less. */
  readonly receiveBufferBytes?: number;
  /** Lets several sockets share the port: needed to receive a multicast group next to other programs. */
  readonly reuseAddr?: boolean;
}

export interface MulticastJoin {
  /** Address of the local interface to join on; the routing table's choice when left out. */
  readonly interface?: string;
  /** Takes this sender's datagrams only (source-specific multicast, RFC 4607). */
  readonly source?: string;
}

export interface UdpSocket {
  readonly address: string;
  readonly port: number;
  /** What went wrong so far: datagrams that could not be sent, errors from the network, failed handlers. */
  readonly failures: number;
  /** Sends one datagram, also from shared memory. False when the system's queue is full or the socket closed. */
  send(bytes: Uint8Array, port: number, address: string): boolean;
  /** Sends several to one address with as few system calls as there are; answers how many were taken. */
  sendMany(packets: readonly Uint8Array[], port: number, address: string): number;
  /** Joins a group. Throws when the interface is unknown or the address is no group. */
  joinGroup(group: string, join?: MulticastJoin): void;
  leaveGroup(group: string, join?: MulticastJoin): void;
  /** Hops that multicast may pass: 1 stays in the local network, 0 on this machine. */
  setMulticastTtl(hops: number): void;
  /** Whether other programs on this machine get what is sent to a group. */
  setMulticastLoopback(on: boolean): void;
  /** Address of the local interface that multicast leaves by. */
  setMulticastInterface(address: string): void;
  /** Hops that unicast may pass. */
  setTtl(hops: number): void;
  /** Closes at once; further calls do nothing. */
  close(): void;
}
