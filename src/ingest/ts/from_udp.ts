import type { Scope } from "../../base/scope.ts";
import { type MonoMillis, monoMillis } from "../../base/units.ts";
import { Arrivals } from "../arrivals.ts";
import { type DatagramReceiver, receiveDatagrams } from "../multicast_receiver.ts";
import type { IngestServices } from "../source.ts";
import { tickUntil } from "../tick_until.ts";
import type { TsUdpAddress } from "./address.ts";
import { DatagramIntake } from "./datagram_intake.ts";
import type { TsIntake } from "./intake.ts";
import { troubleOf } from "./trouble.ts";

/** Another sender is taken when the present one was silent so long, milliseconds. */
export const SENDER_SILENT = 500;
/** How long parity is waited for before its ports are left, milliseconds. */
export const PARITY_WAIT = 10_000;
/** ST 2022-1, 8.2: columns and rows come on these ports, counted from that of the media. */
const PARITY_PORTS = [2, 4];
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export interface UdpOptions {
  readonly program: number;
  readonly silenceMillis: number;
  readonly reorderMillis: number;
  readonly parity: boolean;
  /** Interface where the address names none; empty: the routing table's choice. */
  readonly interface: string;
  /** Throws when the address is not to be received any more. */
  readonly valid?: () => void;
}

/** Receives datagrams until the scope closes; throws when nothing comes, or nothing of use. */
export async function runUdp(
  scope: Scope,
  address: TsUdpAddress,
  o: UdpOptions,
  intake: TsIntake,
  services: IngestServices,
): Promise<void> {
  const receiver = new UdpReceiver(address, o, intake, services);
  try {
    await receiver.run(scope);
  } finally {
    receiver.close();
  }
}

class UdpReceiver {
  readonly #address: TsUdpAddress;
  readonly #o: UdpOptions;
  readonly #intake: TsIntake;
  readonly #datagrams: DatagramIntake;
  readonly #services: IngestServices;
  readonly #closeMeter: () => void;
  readonly #arrivals: Arrivals;
  #receiver: DatagramReceiver | undefined;
  #parity: DatagramReceiver[] = [];
  #parityAsked = false;
  #parityUntil: MonoMillis = monoMillis(0);
  #senderAddress = "";
  #senderPort = 0;
  /** The last look: a silence since then may be one of this machine. */
  #looked: MonoMillis;
  #closed = false;

  constructor(address: TsUdpAddress, o: UdpOptions, intake: TsIntake, services: IngestServices) {
    this.#address = address;
    this.#o = o;
    this.#intake = intake;
    this.#services = services;
    this.#datagrams = new DatagramIntake(intake, o.reorderMillis, services.tally);
    this.#looked = services.clock.mono();
    this.#arrivals = new Arrivals(this.#looked, o.silenceMillis, services);
    this.#closeMeter = services.meter?.open((into) => {
      this.#datagrams.addCounts(into);
      intake.addCounts(into);
    }) ?? (() => {});
  }

  async run(scope: Scope): Promise<void> {
    const { clock } = this.#services;
    this.#receiver = await this.#open(0, (bytes, port, from) => this.#media(bytes, port, from));
    this.#arrivals.begin(clock.mono());
    await tickUntil(scope, clock, (now) => this.#tick(now));
  }

  close(): void {
    this.#closed = true;
    this.#receiver?.close();
    this.#leaveParity();
    this.#closeMeter();
  }

  #open(
    further: number,
    onDatagram: (bytes: Uint8Array, port: number, from: string) => void,
  ): Promise<DatagramReceiver> {
    const { host, port, group, source } = this.#address;
    return receiveDatagrams({
      host,
      port: port + further,
      group,
      interface: this.#address.interface || this.#o.interface,
      sources: group && source !== "" ? [source] : [],
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    }, onDatagram);
  }

  #media(bytes: Uint8Array, port: number, from: string): void {
    const now = this.#services.clock.mono();
    if ((port !== this.#senderPort || from !== this.#senderAddress) && !this.#sender(port, from)) return;
    if (!this.#datagrams.receive(bytes, now)) return;
    this.#arrivals.came(now);
    if (!this.#parityAsked && this.#datagrams.wrapping === "rtp") this.#joinParity(now);
  }

  /** Datagrams of two senders would make one garbled stream: the first one is followed as long as it sends. */
  #sender(port: number, from: string): boolean {
    const { source, group } = this.#address;
    if (!group && source !== "" && source !== from) {
      this.#services.tally.add("datagram of another sender", `${from}:${port}`);
      return false;
    }
    const { last } = this.#arrivals;
    if (last !== undefined && this.#looked - last < SENDER_SILENT) {
      this.#services.tally.add("datagram of another sender", `${from}:${port}`);
      return false;
    }
    if (last !== undefined) this.#intake.missing(Infinity);
    this.#senderAddress = from;
    this.#senderPort = port;
    return true;
  }

  #joinParity(now: MonoMillis): void {
    this.#parityAsked = true;
    if (!this.#o.parity || this.#address.port + Math.max(...PARITY_PORTS) > 65535) return;
    this.#datagrams.parityExpected = true;
    this.#parityUntil = monoMillis(now + PARITY_WAIT);
    for (const further of PARITY_PORTS) {
      this.#open(further, (bytes, _port, from) => {
        if (from === this.#senderAddress) this.#datagrams.parity(bytes, this.#services.clock.mono());
      }).then((receiver) => {
        if (this.#closed || !this.#datagrams.parityExpected) receiver.close();
        else this.#parity.push(receiver);
      }, (e: unknown) => {
        // another stream may have the port: then there is no parity for this one
        this.#services.log.debug(`no error correction: ${e instanceof Error ? e.message : String(e)}`);
      });
    }
  }

  #leaveParity(): void {
    this.#datagrams.parityExpected = false;
    for (const receiver of this.#parity) receiver.close();
    this.#parity = [];
  }

  #tick(now: MonoMillis): boolean {
    this.#looked = now;
    this.#datagrams.tick(now);
    if (this.#parity.length > 0 && now > this.#parityUntil && !this.#datagrams.protected) this.#leaveParity();
    this.#o.valid?.();
    this.#arrivals.look(now, () => this.#receiver === undefined ? [] : [this.#receiver, ...this.#parity]);
    const { first } = this.#arrivals;
    if (first === undefined) return false;
    const trouble = troubleOf(this.#intake, first, now, this.#o.program);
    if (trouble !== undefined) throw trouble;
    return false;
  }
}
