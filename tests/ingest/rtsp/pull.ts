import { Scope } from "../../../src/base/scope.ts";
import { Tally } from "../../../src/base/tally.ts";
import type { OptionValue } from "../../../src/config/option.ts";
import { systemClock } from "../../../src/host/clock.ts";
import { random } from "../../../src/host/hash.ts";
import { rtspSource } from "../../../src/ingest/rtsp/source.ts";
import type { IngestServices, Source } from "../../../src/ingest/source.ts";
import { ArraySink } from "../array_sink.ts";

/** What a pull left behind. */
export interface Pulled {
  readonly sink: ArraySink;
  /** What `run` threw; undefined when it returned. */
  readonly error: Error | undefined;
  readonly lines: readonly string[];
  readonly tally: Tally;
  readonly remember: Map<string, string>;
  readonly millis: number;
}

export interface PullOptions {
  /** Left out: RTSP. */
  readonly source?: Source;
  readonly values?: Record<string, OptionValue>;
  readonly remember?: Map<string, string>;
  /** The pull ends when this is so, at the latest after `limitMillis`. */
  readonly enough?: (sink: ArraySink) => boolean;
  readonly limitMillis?: number;
}

/** Services as a test passes them: the machine's clock, log lines in `lines`. */
export function testServices(lines: string[], remember = new Map<string, string>()): IngestServices {
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return {
    clock: systemClock,
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error"), debugging: true },
    random,
    tally: new Tally((line) => void lines.push(`tally: ${line}`)),
    remember,
  };
}

/** Runs a source until enough has come. */
export async function pull(url: string, o: PullOptions = {}): Promise<Pulled> {
  const lines: string[] = [];
  const services = testServices(lines, o.remember);
  const sink = new ArraySink();
  const scope = new Scope();
  const enough = o.enough ?? ((s: ArraySink) => s.frames >= 10);
  const cancel = systemClock.after(o.limitMillis ?? 8000, () => void scope.close());
  void sink.until(() => enough(sink)).then(() => scope.close());
  const begun = performance.now();
  let error: Error | undefined;
  try {
    await (o.source ?? rtspSource).run(scope, { url, values: o.values ?? {} }, sink, services);
  } catch (e) {
    error = e instanceof Error ? e : new Error(String(e));
  }
  cancel();
  await scope.close();
  services.tally.flush();
  const { tally, remember } = services;
  return { sink, error, lines, tally, remember, millis: performance.now() - begun };
}
