import { AddressRanges } from "../../base/address_range.ts";
import type { Log } from "../../base/log.ts";
import { LOCAL_PROXIES, type PublicSettings } from "./public_address.ts";

/** The public settings of a worker, which may change while it runs. What strangers claim is counted, and said once. */
export class BelievedProxies implements PublicSettings {
  proxies = new AddressRanges(LOCAL_PROXIES);
  addresses: readonly string[] = [];
  ports: Readonly<Record<string, number>> = {};
  noStreamText = "";
  /** Headers that were not believed since the last {@link take}. */
  #ignored = 0;
  #said = false;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** `proxies`: addresses and networks, beside those of this machine. */
  set(
    proxies: readonly string[],
    addresses: readonly string[],
    ports: Readonly<Record<string, number>> = {},
  ): void {
    this.proxies = new AddressRanges([...LOCAL_PROXIES, ...proxies]);
    this.addresses = addresses;
    this.ports = ports;
    this.#said = false;
  }

  ignored(peer: string, header: string): void {
    this.#ignored++;
    if (this.#said || peer === "") return;
    this.#said = true;
    this.#log.warn(
      `${header} from ${peer} is not believed, because that is not in http.proxies; others are only counted`,
    );
  }

  /** How many headers were not believed since the last call. */
  take(): number {
    const count = this.#ignored;
    this.#ignored = 0;
    return count;
  }
}
