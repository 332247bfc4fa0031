import { Scope } from "../../../src/base/scope.ts";
import { Tally } from "../../../src/base/tally.ts";
import type { Clock } from "../../../src/base/clock.ts";
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
  /** It ended because too little came until `limitMillis`. */
  readonly limited: boolean;
}

export interface PullOptions {
  /** Left out: RTSP. */
  readonly source?: Source;
  readonly values?: Record<string, OptionValue>;
  readonly remember?: Map<string, string>;
  /** The pull ends when this is so, at the latest after `limitMillis`. */
  readonly enough?: (sink: ArraySink) => boolean;
  readonly limitMillis?: number;
  /** Ends the pull as well. */
  readonly until?: Promise<unknown>;
  /** Left out: the machine's. */
  readonly clock?: Clock;
  /** Where frames go, for those who look at them meanwhile. */
  readonly sink?: ArraySink;
}

/** Services as a test passes them: log lines in `lines`. */
export function testServices(
  lines: string[],
  remember = new Map<string, string>(),
  clock: Clock = systemClock,
): IngestServices {
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return {
    clock,
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error"), debugging: true },
    random,
    tally: new Tally((line) => void lines.push(`tally: ${line}`)),
    remember,
  };
}

/** Longest pull: nobody is so slow. */
const LIMIT_MILLIS = 18_000;

/** Runs a source until enough has come. */
export async function pull(url: string, o: PullOptions = {}): Promise<Pulled> {
  const lines: string[] = [];
  const services = testServices(lines, o.remember, o.clock);
  const sink = o.sink ?? new ArraySink();
  const scope = new Scope();
  const enough = o.enough ?? ((s: ArraySink) => s.frames >= 10);
  let limited = false;
  const cancel = systemClock.after(o.limitMillis ?? LIMIT_MILLIS, () => {
    limited = true;
    void scope.close();
  });
  void o.until?.then(() => scope.close());
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
  return { sink, error, lines, tally, remember, millis: performance.now() - begun, limited };
}
