import { type InterfaceAddress, listInterfaces } from "../host/interfaces.ts";
import { bindUdp, type MulticastJoin, type OnDatagram, type UdpSocket } from "../host/udp.ts";

/** Where datagrams are received. */
export interface ReceiveAt {
  /** Group, or own address; empty: any of this machine's addresses. */
  readonly host: string;
  readonly port: number;
  readonly group: boolean;
  /** Name or address of the interface to join on; empty: the routing table's choice. */
  readonly interface: string;
  /** Senders to take multicast of, RFC 4607; empty: all. */
  readonly sources: readonly string[];
  readonly receiveBufferBytes: number;
}

/** A socket that receives at an address, or in a group. */
export class DatagramReceiver {
  readonly socket: UdpSocket;
  readonly #group: string;
  readonly #joins: readonly MulticastJoin[];

  /** `joins`: how the group is joined; none for an address. */
  constructor(socket: UdpSocket, group: string, joins: readonly MulticastJoin[]) {
    this.socket = socket;
    this.#group = group;
    this.#joins = joins;
  }

  /** Joins the group. Throws where its interface is away. */
  join(): void {
    for (const join of this.#joins) this.socket.joinGroup(this.#group, join);
  }

  /** Leaves the group, to join it anew; false where there is none. Throws where its interface is away. */
  leave(): boolean {
    for (const join of this.#joins) this.socket.leaveGroup(this.#group, join);
    return this.#joins.length > 0;
  }

  close(): void {
    this.socket.close();
  }
}

/**
 * Opens a socket for a group or an address. The socket of a group is bound to it, so that other groups on the same port
 * do not reach it, and shares the port, so that several receivers on this machine each get everything.
 */
export async function receiveDatagrams(at: ReceiveAt, onDatagram: OnDatagram): Promise<DatagramReceiver> {
  const { host, port, group, receiveBufferBytes } = at;
  const where = `${host === "" ? "port" : host} ${port}`;
  let socket: UdpSocket;
  try {
    const address = group ? host : ownAddress(host);
    socket = await bindUdp({
      ...(address === "" ? {} : { address }),
      port,
      receiveBufferBytes,
      reuseAddr: group,
    }, onDatagram);
  } catch (e) {
    throw new Error(`cannot receive at ${where}: ${e instanceof Error ? e.message : String(e)}`);
  }
  if (!group) return new DatagramReceiver(socket, host, []);
  try {
    const local: MulticastJoin = at.interface === ""
      ? {}
      : { interface: interfaceToJoin(at.interface, host) };
    // what is sent to the group leaves where it is received
    if (local.interface !== undefined) socket.setMulticastInterface(local.interface);
    const joins = at.sources.length === 0 ? [local] : at.sources.map((source) => ({ ...local, source }));
    const receiver = new DatagramReceiver(socket, host, joins);
    receiver.join();
    return receiver;
  } catch (e) {
    socket.close();
    throw new Error(`cannot join ${where}: ${e instanceof Error ? e.message : String(e)}`);
  }
}

/** The address of an interface that is named, else the host itself. */
function ownAddress(host: string): string {
  if (host === "") return "";
  const named = listInterfaces().filter((i) => i.name === host);
  return (named.find((i) => i.family === 4) ?? named[0])?.address ?? host;
}

/** What the system's calls want: the address of an interface, or for IPv6 its name as a zone. */
function interfaceToJoin(wanted: string, group: string): string {
  const all = listInterfaces();
  const six = group.includes(":");
  const mine = all.filter((i) => i.name === wanted || i.address === wanted);
  // one without a cable is not listed: it may come back
  if (mine.length === 0) throw new Error(`no interface ${wanted}: there are ${namesOf(all)}`);
  if (six) return `::%${(mine[0] as InterfaceAddress).name}`;
  const found = mine.find((i) => i.family === 4);
  if (found === undefined) throw new Error(`interface ${wanted} has no IPv4 address`);
  return found.address;
}

function namesOf(all: readonly InterfaceAddress[]): string {
  return [...new Set(all.map((i) => i.name))].join(", ");
}
