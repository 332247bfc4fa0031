import type { Clock } from "../../../base/clock.ts";
import { WEBSOCKET_FAILED, type WebSocketHandlers, type WebSocketPeer } from "../../../host/websocket.ts";
import type { Visit } from "../../door.ts";
import type { InfoDesk } from "./info_desk.ts";
import type { InfoQuestion } from "./stream_info.ts";

/** How often it is looked whether something has changed, milliseconds. */
const LOOK_MILLIS = 250;
/** How often a stream that was refused or given up is asked for again, in looks. */
const START_EVERY = 8;

/** Sends what a stream is, at once and whenever that changes; while it is open, the stream is kept running. */
export class InfoSocket implements WebSocketHandlers {
  readonly #name: string;
  readonly #desk: InfoDesk;
  readonly #clock: Clock;
  readonly #visit: Visit;
  readonly #question: InfoQuestion;
  readonly #ended: () => void;
  #peer: WebSocketPeer | undefined;
  #told = "";
  #looks = 0;
  #held = false;
  #cancel: (() => void) | undefined;

  constructor(
    name: string,
    desk: InfoDesk,
    clock: Clock,
    visit: Visit,
    question: InfoQuestion,
    ended: () => void,
  ) {
    this.#name = name;
    this.#desk = desk;
    this.#clock = clock;
    this.#visit = visit;
    this.#question = question;
    this.#ended = ended;
  }

  open(peer: WebSocketPeer): void {
    this.#peer = peer;
    this.#look();
  }

  /** What players say here is not looked at. */
  message(): void {}

  close(): void {
    this.#peer = undefined;
    this.#cancel?.();
    this.#ended();
  }

  get stream(): string {
    return this.#name;
  }

  /** Says nothing more until it is closed: another server knows how the stream is. */
  hold(): void {
    this.#cancel?.();
    this.#held = true;
  }

  leave(code: number, reason: string): void {
    this.#peer?.close(code, reason);
  }

  #look(): void {
    this.#tell().then(() => {
      if (this.#peer !== undefined && !this.#held) {
        this.#cancel = this.#clock.after(LOOK_MILLIS, () => this.#look());
      }
    }, () => this.#peer?.close(WEBSOCKET_FAILED, "internal error"));
  }

  async #tell(): Promise<void> {
    if (!this.#desk.keep(this.#name) && this.#looks++ % START_EVERY === 0) {
      await this.#desk.start(this.#name, this.#visit);
    }
    const stand = await this.#desk.stand(this.#name, () => this.#visit);
    if (this.#held || stand.key === this.#told || this.#peer === undefined) return;
    this.#told = stand.key;
    this.#peer.send(JSON.stringify(stand.print(this.#question)));
  }
}
