import { Tally } from "../../base/tally.ts";
import type { ApiState } from "./api_state.ts";
import { ApiFailure } from "./api_failure.ts";
import { parseBoundedJson } from "./bounded_json.ts";
import { isLoopback } from "./caller.ts";
import type { Caller } from "./command.ts";
import { isObject, type JsonObject } from "./params.ts";
import { type Answers, runCommands } from "./run_commands.ts";
import type { DatagramSocket } from "./web_ports.ts";

/** Datagrams that wait for their turn; further ones are dropped and counted. */
export const QUEUE_MAX = 4096;
export const QUEUE_BYTES_MAX = 4 * 1024 * 1024;
/**
 * Of every `SLICE_MILLIS`, at most `WORK_MILLIS` go to datagrams, however many come: what is left of the thread is the
 * door of new viewers and the rest of the API.
 */
export const SLICE_MILLIS = 10;
export const WORK_MILLIS = 3;
/** Commands of datagrams that are waited for at the same time. */
const ASYNC_MAX = 8;
/** Longest answer: a datagram over IPv4. */
export const ANSWER_MAX = 65_507;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly port: number;
  readonly address: string;
}

/** Commands in datagrams from programs on this machine: one datagram in, one answer back to the sender's port. */
export class UdpFace {
  readonly #api: ApiState;
  readonly #tally: Tally;
  readonly #queue: Waiting[] = [];
  #at = 0;
  #queuedBytes = 0;
  #socket: DatagramSocket | undefined;
  #running = 0;
  #cancel: (() => void) | undefined;
  #cancelFlush: (() => void) | undefined;

  constructor(api: ApiState) {
    this.#api = api;
    this.#tally = new Tally((line) => api.ports.log.warn(line));
  }

  /** How many were dropped, by reason. */
  get dropped(): ReadonlyMap<string, number> {
    return this.#tally.totals();
  }

  open(socket: DatagramSocket): void {
    this.#socket = socket;
    this.#flush();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#cancelFlush?.();
    this.#socket?.close();
    this.#socket = undefined;
    this.#queue.length = 0;
    this.#at = 0;
    this.#queuedBytes = 0;
  }

  /** Takes one datagram. Never throws. */
  receive(bytes: Uint8Array, port: number, address: string): void {
    // bound to the loopback address already; a wrong route or a changed binding must not open it
    if (!isLoopback(address)) return this.#drop("udp from elsewhere", address);
    if (port === this.#socket?.port) return this.#drop("udp from itself", "");
    const full = this.#queue.length - this.#at >= QUEUE_MAX ||
      this.#queuedBytes + bytes.length > QUEUE_BYTES_MAX;
    if (full) return this.#drop("udp queue full", "");
    this.#queuedBytes += bytes.length;
    this.#queue.push({ bytes: bytes.slice(), port, address });
    if (this.#cancel === undefined) this.#work();
  }

  #parse(bytes: Uint8Array): JsonObject | undefined {
    try {
      const request = parseBoundedJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      if (isObject(request)) return request;
      this.#drop("udp malformed", "no object");
    } catch (failure) {
      this.#drop("udp malformed", failure instanceof ApiFailure ? failure.message : "no UTF-8");
    }
    return undefined;
  }

  #drop(why: string, last: string): void {
    this.#tally.add(why, last);
  }

  #work(): void {
    const { clock } = this.#api.ports;
    const until = clock.mono() + WORK_MILLIS;
    while (this.#at < this.#queue.length && this.#running < ASYNC_MAX) {
      const waiting = this.#queue[this.#at++] as Waiting;
      this.#queuedBytes -= waiting.bytes.length;
      this.#run(waiting);
      if (clock.mono() >= until) break;
    }
    if (this.#at === this.#queue.length) {
      this.#queue.length = 0;
      this.#at = 0;
    }
    // also without anything left: a datagram that comes in this slice waits for the next
    this.#cancel = clock.after(SLICE_MILLIS, () => {
      this.#cancel = undefined;
      if (this.#queue.length > this.#at) this.#work();
    });
  }

  #run({ bytes, port, address }: Waiting): void {
    const request = this.#parse(bytes);
    if (request === undefined) return;
    const caller: Caller = { local: true, account: "", remote: address, host: "" };
    const answers = runCommands(this.#api, request, caller, true);
    if (!(answers instanceof Promise)) return this.#answer(answers, port, address);
    this.#running++;
    void answers.then((answers) => this.#answer(answers, port, address)).finally(() => this.#running--);
  }

  #answer(answers: Answers, port: number, address: string): void {
    const encoder = new TextEncoder();
    let bytes = encoder.encode(JSON.stringify({ LTS: 1, ...answers }));
    if (bytes.length > ANSWER_MAX) {
      bytes = encoder.encode(
        JSON.stringify({ LTS: 1, error: `the answer is longer than ${ANSWER_MAX} bytes` }),
      );
    }
    this.#socket?.send(bytes, port, address);
  }

  #flush(): void {
    this.#cancelFlush = this.#api.ports.clock.after(1000, () => {
      this.#tally.flush();
      this.#flush();
    });
  }
}
