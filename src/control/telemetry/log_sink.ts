import type { LogLine } from "../../base/log.ts";
import { LogRing } from "./log_ring.ts";
import { type LogFormat, printLogLine } from "./print_line.ts";
import { SEVERITIES } from "./syslog_line.ts";
import { TokenBucket } from "./token_bucket.ts";

export interface LogSinkSettings {
  readonly format: LogFormat;
  readonly colour: boolean;
  /** Each line begins with its priority, `<6>`, for the journal; see sd-daemon(3). */
  readonly priorities?: boolean;
  /** Lines kept. */
  readonly lines: number;
  /** Lines of one stream (or of the server) in a second; twice as many at once. Errors of the server pass always. */
  readonly linesPerSecond: number;
}

/** Streams whose rate is watched at the same time; beyond that the quiet ones are forgotten. */
export const BUCKETS_MAX = 1000;

interface Flow {
  readonly bucket: TokenBucket;
  dropped: number;
}

/**
 * Where every log line of the process ends. One noisy stream cannot drown the others, nor fill a disk: what goes
 * beyond its rate is counted and said once it is quieter. The owner calls `flush` about once a second.
 */
export class LogSink {
  readonly ring: LogRing;
  readonly #write: (text: string) => void;
  readonly #listeners: ((line: LogLine) => void)[] = [];
  #settings: LogSinkSettings;
  #flows = new Map<string, Flow>();

  constructor(settings: LogSinkSettings, write: (text: string) => void) {
    this.#settings = settings;
    this.#write = write;
    this.ring = new LogRing(settings.lines);
  }

  /** Calls `run` with each line that is printed. The answer stops that. */
  onLine(run: (line: LogLine) => void): () => void {
    this.#listeners.push(run);
    return () => {
      const at = this.#listeners.indexOf(run);
      if (at >= 0) this.#listeners.splice(at, 1);
    };
  }

  /** New settings at run time. */
  set(settings: LogSinkSettings): void {
    this.#settings = settings;
    this.#flows = new Map();
    this.ring.resize(settings.lines);
  }

  /** Takes one line; `line.at` is also the time that rates are measured by. */
  put(line: LogLine): void {
    const flow = this.#flowOf(line.stream, line.at);
    if (!flow.bucket.take(line.at) && !(line.stream === "" && line.level === "error")) {
      flow.dropped++;
      return;
    }
    if (flow.dropped > 0) this.#sayDropped(line.stream, flow, line.at);
    this.#out(line);
  }

  /** Says what was dropped, where the rate allows lines again. `now` in Unix milliseconds, as in lines. */
  flush(now: number): void {
    for (const [stream, flow] of this.#flows) {
      if (flow.dropped > 0 && flow.bucket.take(now)) this.#sayDropped(stream, flow, now);
    }
  }

  #sayDropped(stream: string, flow: Flow, at: number): void {
    const message = `${flow.dropped} lines dropped: more than ${this.#settings.linesPerSecond} a second`;
    flow.dropped = 0;
    this.#out({ at, level: "warn", stream, part: "log", message });
  }

  #out(line: LogLine): void {
    this.ring.put(line);
    const { format, colour, priorities } = this.#settings;
    const prefix = priorities === true ? `<${SEVERITIES[line.level]}>` : "";
    this.#write(prefix + printLogLine(line, format, colour));
    for (const run of this.#listeners) run(line);
  }

  #flowOf(stream: string, now: number): Flow {
    let flow = this.#flows.get(stream);
    if (flow === undefined) {
      if (this.#flows.size >= BUCKETS_MAX) this.#forget(now);
      const { linesPerSecond } = this.#settings;
      flow = { bucket: new TokenBucket(linesPerSecond, linesPerSecond * 2), dropped: 0 };
      this.#flows.set(stream, flow);
    }
    return flow;
  }

  /** Forgets flows that are quiet, and the oldest when none is. */
  #forget(now: number): void {
    for (const [stream, flow] of this.#flows) {
      if (flow.dropped === 0 && flow.bucket.isFull(now)) this.#flows.delete(stream);
    }
    if (this.#flows.size < BUCKETS_MAX) return;
    const [oldest] = this.#flows.keys();
    if (oldest !== undefined) this.#flows.delete(oldest);
  }
}
