import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Scope } from "../../base/scope.ts";
import type { OptionValue, PushDescriptor } from "../../config/option.ts";
import type { LiveStream } from "../live/live_stream.ts";
import type { PushMeter } from "./push_meter.ts";

/** What a push is to do. */
export interface PushOptions {
  /** Variables replaced, parameters taken off; credentials included: never to be logged as it is. */
  readonly url: string;
  /** Values of the options that its descriptor lists. */
  readonly values: Readonly<Record<string, OptionValue>>;
  /** The track selectors that were given (`audio`, `video`, …), for `media/select/`. */
  readonly select: Readonly<Record<string, string>>;
  /** When it was first started, Unix milliseconds, where that was before: its times count from there. */
  readonly startedAt?: number;
  /** Media time that it had sent before, milliseconds. */
  readonly sentMillis?: number;
  /** What it left in {@link HandOver} in another server. */
  readonly session?: string;
}

/** How one push leaves its session to the server that takes over. */
export interface HandOver {
  /** Another server goes on: receivers are not told that it ends. Looked at when the scope closes. */
  wanted: boolean;
  /** What the other one is to know, for the push to set when it ends. */
  session: string | undefined;
}

/** What a push may use of the world. */
export interface PushServices {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  random(): number;
  /** Takes what describes the session to receivers, an SDP text; undefined: it has ended. */
  describe?(text: string | undefined): void;
  /** Undefined: nobody goes on with it. */
  readonly handOver?: HandOver;
  /** Where it counts what it sends. */
  readonly meter: PushMeter;
}

/** Something that a stream sends by itself. */
export interface Push {
  readonly descriptor: PushDescriptor;
  /**
   * Sends until the scope closes or the stream is given up, then returns; throws when it failed, and {@link PushRefused}
   * when trying again soon is of no use. Never tries again by itself: the controller does. Calls `services.meter.begin()`
   * when the first frame goes out. All that it opened is closed when it has returned or thrown.
   */
  run(scope: Scope, options: PushOptions, stream: LiveStream, services: PushServices): Promise<void>;
}

/** A failure that will not change by itself: an address that cannot be, no codec that the receiver takes. */
export class PushRefused extends Error {}

/** The value of an option, or the descriptor's default. Throws TypeError where the descriptor lists no such option. */
export function pushValue(descriptor: PushDescriptor, options: PushOptions, name: string): OptionValue {
  const value = options.values[name] ?? descriptor.options.find((o) => o.name === name)?.default;
  if (value === undefined) throw new TypeError(`${descriptor.name}: no value for option ${name}`);
  return value;
}
