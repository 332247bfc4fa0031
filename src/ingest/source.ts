import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Scope } from "../base/scope.ts";
import type { Tally } from "../base/tally.ts";
import type { OptionValue, SourceDescriptor } from "../config/option.ts";
import type { FrameSink } from "./frame_sink.ts";
import type { InputMeter } from "./input_meter.ts";

/** What a source is to do: its URL, and the values of the options that its descriptor lists (all present or default). */
export interface SourceOptions {
  /** As configured, credentials included: never to be logged as it is. */
  readonly url: string;
  readonly values: Readonly<Record<string, OptionValue>>;
}

/** What a source may use of the world. */
export interface IngestServices {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  random(): number;
  readonly tally: Tally;
  /** What was learned about this input, kept from attempt to attempt; the source chooses the keys. */
  readonly remember: Map<string, string>;
  /** Where a source says how its counts are read. */
  readonly meter?: InputMeter;
  /** What was listened for begins to come; frames may be long in coming yet. */
  arrived?(): void;
}

/** An input. */
export interface Source {
  readonly descriptor: SourceDescriptor;
  /**
   * Receives until the scope closes or the other side ends the stream, then returns; throws when it failed, and
   * {@link Refused} when trying again soon is of no use. Never tries again by itself. All that it opened is closed when
   * it has returned or thrown.
   */
  run(scope: Scope, options: SourceOptions, sink: FrameSink, services: IngestServices): Promise<void>;
}

/** A failure that will not change by itself: a wrong password, an unknown stream, no codec that we read. */
export class Refused extends Error {}

/** Somebody else decides to send, and does not: whoever stops listening only misses the beginning. */
export class NothingComes extends Error {}

/** The value of an option, or the descriptor's default. Throws TypeError where the descriptor lists no such option. */
export function optionValue(descriptor: SourceDescriptor, options: SourceOptions, name: string): OptionValue {
  const value = options.values[name] ?? descriptor.options.find((o) => o.name === name)?.default;
  if (value === undefined) throw new TypeError(`${descriptor.name}: no value for option ${name}`);
  return value;
}
