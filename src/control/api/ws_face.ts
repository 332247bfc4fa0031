import type { LogLine } from "../../base/log.ts";
import { sessionTags } from "../session/session_row.ts";
import type { LogRing } from "../telemetry/log_ring.ts";
import type { Accounts } from "./accounts.ts";
import { ApiFailure } from "./api_failure.ts";
import type { ApiState } from "./api_state.ts";
import { parseBoundedJson } from "./bounded_json.ts";
import type { Caller } from "./command.ts";
import { printRow } from "./commands/log.ts";
import type { EventFeed } from "./event_feed.ts";
import { login } from "./login.ts";
import { isObject } from "./params.ts";
import { runCommands } from "./run_commands.ts";
import { statusCode } from "./stream_report.ts";
import type { SocketHandlers, SocketPeer } from "./web_ports.ts";

/** How long a peer may take to log in, milliseconds. */
const LOGIN_MILLIS = 10_000;
/** Messages of one peer that wait for their answers. */
const PENDING_MAX = 100;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

export interface SocketCaller extends Omit<Caller, "account"> {
  /** Undefined: must log in first. */
  readonly account: string | undefined;
}

/**
 * `/ws?logs=N|since:UNIX&accs=N&streams=1`: frames are lists, the first item says what they are. `["auth", …]` is sent
 * first, and taken as the login; log, access and stream frames follow. An object is taken as commands, as over HTTP.
 */
export class SocketFace implements SocketHandlers {
  readonly #api: ApiState;
  readonly #accounts: Accounts;
  readonly #feed: EventFeed;
  readonly #query: URLSearchParams;
  #caller: SocketCaller;
  #peer: SocketPeer | undefined;
  #leave: (() => void) | undefined;
  #cancelLogin: (() => void) | undefined;
  #turn: Promise<void> = Promise.resolve();
  #pending = 0;

  constructor(
    api: ApiState,
    accounts: Accounts,
    feed: EventFeed,
    caller: SocketCaller,
    query: URLSearchParams,
  ) {
    this.#api = api;
    this.#accounts = accounts;
    this.#feed = feed;
    this.#caller = caller;
    this.#query = query;
  }

  open(peer: SocketPeer): void {
    this.#peer = peer;
    if (this.#caller.account !== undefined) return this.#welcome();
    this.#send(["auth", { challenge: this.#accounts.challenge(this.#caller.remote) }]);
    this.#cancelLogin = this.#api.ports.clock.after(LOGIN_MILLIS, () => {
      peer.close(POLICY_VIOLATION, "no login");
    });
  }

  message(text: string): void {
    if (this.#pending >= PENDING_MAX) return this.#peer?.close(POLICY_VIOLATION, "too many messages at once");
    if (!this.#api.calls.take(this.#caller.remote)) {
      return this.#peer?.close(POLICY_VIOLATION, "too many messages in a second");
    }
    this.#pending++;
    this.#turn = this.#turn.then(() => this.#answer(text)).finally(() => this.#pending--);
  }

  close(): void {
    this.#cancelLogin?.();
    this.#leave?.();
    this.#leave = undefined;
  }

  async #answer(text: string): Promise<void> {
    try {
      const message = parseBoundedJson(text);
      if (Array.isArray(message) && message[0] === "auth") return await this.#login(message[1]);
      if (this.#caller.account === undefined) throw new ApiFailure(401, "log in first");
      if (!isObject(message)) throw new ApiFailure(400, "expected an object of commands");
      const caller = { ...this.#caller, account: this.#caller.account };
      this.#send(await runCommands(this.#api, message, caller, true));
    } catch (failure) {
      if (failure instanceof ApiFailure) this.#send(["error", failure.fields]);
      else throw failure;
    }
  }

  async #login(authorize: unknown): Promise<void> {
    const { answer, account } = await login(this.#accounts, this.#caller, authorize);
    if (account === undefined) return this.#send(["auth", answer]);
    const isNew = this.#caller.account === undefined;
    this.#caller = { ...this.#caller, account };
    if (isNew) this.#welcome();
  }

  #welcome(): void {
    this.#cancelLogin?.();
    this.#send(["auth", true]);
    const { logs, streams } = this.#api.ports;
    const wanted = this.#query.get("logs");
    const access = this.#query.get("accs") !== null;
    const states = this.#query.get("streams") !== null;
    for (const line of wanted === null ? [] : earlierLines(logs, this.#api.logsFrom, wanted)) {
      this.#send(["log", printRow(line)]);
    }
    if (states) { for (const s of streams()) this.#sendStream(s, false); }
    this.#leave = this.#feed.listen({
      ...(wanted === null ? {} : { log: (line) => this.#send(["log", printRow(line)]) }),
      ...(states ? { stream: (status, gone) => this.#sendStream(status, gone) } : {}),
      ...(access
        ? {
          session: (what, row) => {
            if (what !== "end") return;
            const { id, stream, protocol, remote, bytesOut, bytesIn } = row;
            const seconds = Math.max(0, Math.round((row.lastSeenAt - row.startedAt) / 1000));
            this.#send(["access", [
              this.#api.now(),
              id,
              stream,
              protocol,
              remote,
              seconds,
              bytesOut,
              bytesIn,
              sessionTags(row).join(", "),
            ]]);
          },
        }
        : {}),
      end: () => this.#peer?.close(GOING_AWAY, "the server ends"),
    });
  }

  #sendStream(status: Parameters<typeof statusOf>[0], gone: boolean): void {
    this.#send(["stream", statusOf(status, gone)]);
  }

  #send(frame: unknown): void {
    this.#peer?.send(JSON.stringify(frame));
  }
}

function statusOf(
  s: {
    name: string;
    state: Parameters<typeof statusCode>[0];
    viewers: number;
    inputs: number;
    outputs: number;
    tags: readonly string[];
  },
  gone: boolean,
): unknown[] {
  return [s.name, gone ? 0 : statusCode(s.state), s.viewers, s.inputs, s.outputs, s.tags.join(", ")];
}

/** `logs=N`: the last N lines; `logs=since:UNIX`: those from then on. */
function earlierLines(logs: LogRing, from: number, wanted: string): LogLine[] {
  const since = /^since:(\d{1,15})$/.exec(wanted)?.[1];
  if (since !== undefined) return logs.since(from).filter((line) => line.at >= Number(since) * 1000);
  const count = Number(wanted);
  return Number.isInteger(count) && count > 0 ? logs.since(from, count) : [];
}
