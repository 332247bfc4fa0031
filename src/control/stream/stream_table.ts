import { baseOf } from "../../media/stream_name.ts";
import { decideAccess } from "../access/access.ts";
import type { StreamLegacy } from "../handover/stream_legacy.ts";
import type { OpenAnswer, OpenQuestion, StreamSummary } from "../messages.ts";
import {
  ManagedStream,
  type StreamObservation,
  type StreamPorts,
  type StreamSettings,
} from "./managed_stream.ts";
import type { Log } from "../../base/log.ts";

export interface TablePorts extends Omit<StreamPorts, "log"> {
  logOf(stream: string): Log;
  tagsOf(stream: string): readonly string[];
}

/** Most wildcard streams (`base+anything`) of one base at a time: each costs a worker, and anybody may ask. */
export const WILDCARDS_MAX = 64;

/**
 * All streams. A configured name `base` also answers for `base+anything`, each its own stream with the settings of
 * `base`, made when it is first asked for.
 */
export class StreamTable {
  readonly #ports: TablePorts;
  readonly #settings = new Map<string, StreamSettings>();
  readonly #streams = new Map<string, ManagedStream>();
  readonly #held = new Set<string>();

  constructor(ports: TablePorts) {
    this.#ports = ports;
  }

  /** Makes the table as the configuration says; touches only streams whose settings changed. */
  async configure(all: readonly StreamSettings[]): Promise<void> {
    const wanted = new Map(all.map((s) => [s.name, s]));
    this.#settings.clear();
    for (const s of all) this.#settings.set(s.name, s);
    const changes: Promise<void>[] = [];
    for (const [name, stream] of this.#streams) {
      const settings = wanted.get(baseOf(name));
      if (settings === undefined) {
        this.#streams.delete(name);
        changes.push(stream.close());
      } else changes.push(stream.reconfigure({ ...settings, name }));
    }
    for (const settings of all) if (!this.#streams.has(settings.name)) this.#add(settings);
    for (const name of this.#held) {
      const base = this.#settings.get(baseOf(name));
      if (base !== undefined && !this.#streams.has(name)) this.#add({ ...base, name, alwaysOn: false });
    }
    await Promise.all(changes);
  }

  open(question: OpenQuestion): OpenAnswer {
    const found = this.find(question);
    return found instanceof ManagedStream ? found.open() : found;
  }

  /** What RTSP players of a stream must show; undefined where nothing is asked for. */
  rtspPasswordOf(name: string): string | undefined {
    return this.#settings.get(baseOf(name))?.rtspPassword;
  }

  /** The stream that somebody asks for, a wildcard one made where there is none yet; or why not. */
  find(question: OpenQuestion): ManagedStream | Extract<OpenAnswer, { allowed: false }> {
    const access = decideAccess(question);
    if (!access.allowed) return access;
    const known = this.#streams.get(access.stream);
    if (known !== undefined) return known;
    const base = baseOf(access.stream);
    const settings = this.#settings.get(base);
    if (settings === undefined) return { allowed: false, status: 404, reason: "no such stream" };
    const alike = [...this.#streams.keys()].filter((name) => name !== base && baseOf(name) === base).length;
    if (alike >= WILDCARDS_MAX) {
      return {
        allowed: false,
        status: 503,
        reason: `${alike} streams of ${base} run already`,
        retryAfterSeconds: 10,
      };
    }
    return this.#add({ ...settings, name: access.stream, alwaysOn: false });
  }

  /** Streams that another process writes still: they start held when the table is configured. */
  hold(names: readonly string[]): void {
    for (const name of names) this.#held.add(name);
  }

  /** Resolves when every held stream may be handed over. `late` tells which are not ready by now. */
  held(): { readonly ready: Promise<unknown>; late(): readonly string[] } {
    const waiting = new Set<string>();
    const all = [...this.#streams].flatMap(([name, stream]) => {
      if (stream.ready === undefined) return [];
      waiting.add(name);
      return [stream.ready.then(() => waiting.delete(name))];
    });
    return { ready: Promise.all(all), late: () => [...waiting] };
  }

  /** Resolves when the stream's pages have come; undefined when nothing is to be waited for. */
  adopted(name: string): Promise<void> | undefined {
    return this.#streams.get(name)?.adopted;
  }

  /** The pages of a held stream; undefined: it begins afresh. */
  adopt(name: string, legacy: StreamLegacy | undefined): void {
    this.#held.delete(name);
    this.#streams.get(name)?.adopt(legacy);
  }

  /** Every held stream that nothing came for begins afresh. */
  adoptRest(): void {
    for (const stream of this.#streams.values()) stream.adopt(undefined);
    this.#held.clear();
  }

  /** Pages of all tracks of all streams. */
  pages(): SharedArrayBuffer[] {
    return [...this.#streams.values()].flatMap((stream) => [...stream.pages]);
  }

  /** Streams whose sources run. */
  running(): readonly string[] {
    return [...this.#streams].filter(([, stream]) => stream.running).map(([name]) => name);
  }

  /** Ends a stream for another process to go on. */
  async release(name: string): Promise<StreamLegacy | undefined> {
    return await this.#streams.get(name)?.release();
  }

  touch(name: string): void {
    this.#streams.get(name)?.touch();
  }

  /** The level of `logLevel()` changed: running workers take it too. */
  logLevelChanged(): void {
    for (const stream of this.#streams.values()) stream.logLevelChanged();
  }

  list(): StreamSummary[] {
    return [...this.#streams.values()].map((s) => s.summary()).sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** All streams as telemetry looks at them, in order of name. */
  observe(): StreamObservation[] {
    return [...this.#streams].map(([name, stream]) => ({
      ...stream.observe(),
      tags: this.#ports.tagsOf(name),
    }))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((s) => s.close()));
    this.#streams.clear();
  }

  #add(settings: StreamSettings): ManagedStream {
    const stream: ManagedStream = new ManagedStream(settings, {
      ...this.#ports,
      log: this.#ports.logOf(settings.name),
      closed: (name) => {
        // A wildcard stream that nobody looks at is forgotten; a configured one stays listed.
        if (!this.#settings.has(name) && this.#streams.get(name) === stream) this.#streams.delete(name);
        this.#ports.closed(name);
      },
    }, this.#held.has(settings.name));
    this.#streams.set(settings.name, stream);
    return stream;
  }
}
