import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { TlsConfig } from "../../config/sections/tls.ts";
import type { ReadRecord } from "../config/read_record.ts";
import type { CertificatePair } from "../messages.ts";

/** How often dates are looked at, and what the program signs itself. */
export const LOOK_MILLIS = 3_600_000;
/** A certificate from a file that ends this soon is worth a warning. */
const SOON_DAYS = 14;
const DAY_MILLIS = 86_400_000;

/** A pair that was looked at. */
export interface CheckedPair extends CertificatePair {
  /** Unix milliseconds. */
  readonly notAfter: number;
}

/** What it needs of the outside. */
export interface CertificatePorts {
  readonly clock: Clock;
  readonly log: Log;
  read(path: string): Promise<string>;
  /** Names and end of a certificate. Throws, in words, what is wrong with it or with its key. */
  check(cert: string, key: string): { readonly names: readonly string[]; readonly notAfter: number };
  /** The one that the program signs itself, for these names beside its own; the same one while it is good. */
  own(names: readonly string[]): Promise<CheckedPair>;
  /** Calls `changed` when a file of `watched` changed. */
  watch(watched: () => ReadRecord, changed: () => Promise<unknown>): { start(): Promise<void>; stop(): void };
}

/**
 * The certificates of HTTPS, as the configuration names them. They are read again when their files change, and take the
 * place of the ones before when all of them are good.
 */
export class CertificateKeeper {
  readonly #ports: CertificatePorts;
  readonly #watch: { start(): Promise<void>; stop(): void };
  #tls: TlsConfig | undefined;
  #current: readonly CheckedPair[] = [];
  #changed: (pairs: readonly CertificatePair[]) => void = () => {};
  #watching = false;
  #warnedAt = -Infinity;
  #cancel = () => {};

  constructor(ports: CertificatePorts) {
    this.#ports = ports;
    const files = () => this.#tls?.certificates.flatMap(({ cert, key }) => [cert, key]) ?? [];
    this.#watch = ports.watch(
      () => ({ files: new Set(files()), folders: new Set<string>() }),
      () => this.#again("its files changed"),
    );
  }

  get current(): readonly CertificatePair[] {
    return this.#current;
  }

  /** Called with all of them when one was replaced. */
  onChange(run: (pairs: readonly CertificatePair[]) => void): void {
    this.#changed = run;
  }

  /** Reads the certificates; rejects, with nothing changed, when one of them is not good. */
  async configure(tls: TlsConfig | undefined): Promise<readonly CertificatePair[]> {
    const pairs = tls === undefined ? [] : await this.#load(tls);
    this.#tls = tls;
    this.#current = pairs;
    this.#cancel();
    if (tls !== undefined) {
      this.#warn();
      this.#tick();
    }
    if (!this.#watching) {
      this.#watching = true;
      await this.#watch.start();
    }
    return pairs;
  }

  close(): void {
    this.#cancel();
    this.#watch.stop();
  }

  async #load(tls: TlsConfig): Promise<readonly CheckedPair[]> {
    if (tls.certificates.length === 0) return [await this.#ports.own(tls.names)];
    return await Promise.all(tls.certificates.map(async (files) => {
      try {
        const [cert, key] = [await this.#ports.read(files.cert), await this.#ports.read(files.key)];
        return { cert, key, ...this.#ports.check(cert, key) };
      } catch (failure) {
        const why = failure instanceof Error ? failure.message : String(failure);
        throw new Error(`Cannot use the certificate ${files.cert} with the key ${files.key}: ${why}`);
      }
    }));
  }

  async #again(why: string): Promise<void> {
    const tls = this.#tls;
    if (tls === undefined) return;
    try {
      const pairs = await this.#load(tls);
      if (this.#tls !== tls || JSON.stringify(pairs) === JSON.stringify(this.#current)) return;
      this.#current = pairs;
      const shown = pairs.map(({ names, notAfter }) =>
        `${names.join(", ") || "no name"} until ${new Date(notAfter).toISOString().slice(0, 10)}`
      );
      this.#ports.log.info(`certificate read again, because ${why}: ${shown.join("; ")}`);
      this.#warnedAt = -Infinity;
      this.#warn();
      this.#changed(pairs);
    } catch (failure) {
      this.#ports.log.error(
        `${failure instanceof Error ? failure.message : String(failure)}; the one before stays`,
      );
    }
  }

  #tick(): void {
    this.#cancel = this.#ports.clock.after(LOOK_MILLIS, () => {
      this.#warn();
      if (this.#tls?.certificates.length === 0) void this.#again("it had to be made anew");
      this.#tick();
    });
  }

  /** Once a day at most. */
  #warn(): void {
    const now = this.#ports.clock.wall();
    if (now - this.#warnedAt < DAY_MILLIS) return;
    for (const [n, { notAfter }] of this.#current.entries()) {
      const file = this.#tls?.certificates[n]?.cert;
      if (file === undefined || notAfter - now > SOON_DAYS * DAY_MILLIS) continue;
      this.#warnedAt = now;
      const day = new Date(notAfter).toISOString().slice(0, 10);
      this.#ports.log.warn(
        `the certificate ${file} ${notAfter < now ? "ended" : "ends"} on ${day}: put a new one there`,
      );
    }
  }
}
