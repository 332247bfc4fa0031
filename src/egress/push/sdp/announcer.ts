import type { Clock } from "../../../base/clock.ts";
import type { UdpSocket } from "../../../host/udp.ts";
import { encodeSap, SAP_PORT, sapGroup } from "../../../wire/protocol/sap/sap.ts";

/** Receivers learn of a session within so long; RFC 2974, 3.1 asks for 300 s where the whole Internet listens. */
const ANNOUNCE_MILLIS = 30_000;
/** The first ones follow one another sooner, each after twice the time: datagrams are lost, and groups joined late. */
const FIRST_MILLIS = 1000;

/** Announces a session again and again, and takes it back at the end. */
export class Announcer {
  readonly #clock: Clock;
  readonly #socket: Pick<UdpSocket, "send">;
  readonly #source: string;
  readonly #group: string;
  #description = "";
  #hash = 0;
  #wait = FIRST_MILLIS;
  #cancel = () => {};

  /** `source`: address of this machine; `group`: where the session's packets go. */
  constructor(clock: Clock, socket: Pick<UdpSocket, "send">, source: string, group: string) {
    this.#clock = clock;
    this.#socket = socket;
    this.#source = source;
    this.#group = sapGroup(group);
  }

  /** The session is described so from now on. */
  announce(description: string): void {
    this.#description = description;
    this.#hash = hashOf(description);
    this.#cancel();
    this.#wait = FIRST_MILLIS;
    this.#again();
  }

  /** Says no more; the session is not taken back. */
  rest(): void {
    this.#cancel();
  }

  close(): void {
    this.#cancel();
    if (this.#description !== "") this.#send(true);
  }

  #again(): void {
    this.#send(false);
    this.#cancel = this.#clock.after(this.#wait, () => this.#again());
    this.#wait = Math.min(ANNOUNCE_MILLIS, this.#wait * 2);
  }

  #send(deletion: boolean): void {
    const packet = encodeSap({
      source: this.#source,
      hash: this.#hash,
      deletion,
      description: this.#description,
    });
    this.#socket.send(packet, SAP_PORT, this.#group);
  }
}

/** 16 bits that differ for different descriptions, not 0. */
function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) & 0xffff;
  return hash === 0 ? 1 : hash;
}
