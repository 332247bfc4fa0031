import { isPlainMap, type Plain, type PlainMap } from "../../config/edit/plain.ts";
import type { ConfigEdit } from "../config/config_keeper.ts";
import { refusedChange } from "./api_failure.ts";
import type { ApiPorts } from "./api_ports.ts";
import { CallLimiter } from "./call_limiter.ts";

/** What commands share: the ports, and the little that the API itself remembers. */
export class ApiState {
  readonly ports: ApiPorts;
  /** Tells one run of the server from the next. */
  readonly instance: string;
  /** Unix seconds. */
  readonly startedAt: number;
  /** Number of the first log line that is shown. */
  logsFrom = 0;
  /** Address of the API itself, for callers who came without a Host. */
  address = "";
  readonly calls: CallLimiter;
  #written: { readonly of: unknown; readonly plain: Promise<PlainMap> } | undefined;

  constructor(ports: ApiPorts) {
    this.ports = ports;
    this.calls = new CallLimiter(ports.clock);
    this.instance = hex(ports.secrets.randomBytes(8));
    this.startedAt = this.now();
  }

  /** Unix seconds. */
  now(): number {
    return Math.floor(this.ports.clock.wall() / 1000);
  }

  /** What the files say, read again only after the configuration was. */
  written(): Promise<PlainMap> {
    const of = this.ports.keeper.decided;
    if (this.#written?.of !== of) {
      const plain = this.ports.written().then((found: Plain | undefined) => isPlainMap(found) ? found : {});
      this.#written = { of, plain };
      plain.catch(() => this.#written = undefined);
    }
    return this.#written.plain;
  }

  /** Changes the configuration, in its files and in the running server. Throws what the keeper refuses. */
  async change(edits: readonly ConfigEdit[]): Promise<readonly string[]> {
    const answer = await this.ports.keeper.change(edits);
    if (!answer.ok) throw refusedChange(answer.reason, answer.errors);
    return answer.written;
  }
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
