import type { Clock } from "../../base/clock.ts";
import type { OptionDescriptor, PushDescriptor } from "../../config/option.ts";
import { type PushOptions, pushValue } from "./push.ts";

/** Longest delay and duration: ten years, milliseconds. */
const LONGEST = 315_360_000_000;
/** Unix seconds below that count from now, as the reference product takes them. */
const FROM_NOW = 36_000;

/** When a push sends: parameters of every push without an end of its own. */
export const TIMING_OPTIONS = [
  {
    name: "pushdelay",
    type: { kind: "duration", min: 0, max: LONGEST },
    default: 0,
    help: "Wait so long before the first frame",
  },
  {
    name: "duration",
    type: { kind: "duration", min: 0, max: LONGEST },
    default: 0,
    help: "End after so much media; 0 never",
  },
  {
    name: "start",
    type: { kind: "integer", min: 0, max: Number.MAX_SAFE_INTEGER },
    default: 0,
    help: "Stream time of the first frame, milliseconds, waited for; 0 at once",
    also: ["recstart"],
  },
  {
    name: "stop",
    type: { kind: "integer", min: 0, max: Number.MAX_SAFE_INTEGER },
    default: 0,
    help: "Stream time to end at, milliseconds; 0 never",
    also: ["recstop"],
  },
  {
    name: "startunix",
    type: { kind: "integer", min: 0, max: LONGEST },
    default: 0,
    help: "Unix time of the first frame, seconds, waited for; below 36 000 from now on; 0 at once",
    also: ["unixstart", "recstartunix"],
  },
  {
    name: "stopunix",
    type: { kind: "integer", min: 0, max: LONGEST },
    default: 0,
    help: "Unix time to end at, seconds; below 36 000 from now on; 0 never",
    also: ["unixstop", "recstopunix"],
  },
] as const satisfies readonly OptionDescriptor[];

export interface Timing {
  readonly delayMillis: number;
  /** Of media; Infinity without an end, as those below. */
  readonly durationMicros: number;
  /** Stream time. */
  readonly startMicros: number;
  readonly stopMicros: number;
  /** Unix milliseconds. */
  readonly startWall: number;
  readonly stopWall: number;
}

/** Reads what the target says of times; "from now on" is from when the push was first started. */
export function readTiming(descriptor: PushDescriptor, options: PushOptions, clock: Clock): Timing {
  const number = (name: string) => Number(pushValue(descriptor, options, name));
  const now = clock.wall();
  const { startedAt = now, sentMillis = 0 } = options;
  const orNever = (value: number) => value === 0 ? Infinity : value;
  const unix = (name: string) => {
    const seconds = number(name);
    return seconds > 0 && seconds < FROM_NOW ? startedAt + seconds * 1000 : seconds * 1000;
  };
  return {
    delayMillis: Math.max(0, startedAt + number("pushdelay") - now),
    durationMicros: orNever(number("duration") * 1000) - sentMillis * 1000,
    startMicros: number("start") * 1000,
    stopMicros: orNever(number("stop") * 1000),
    startWall: unix("startunix"),
    stopWall: orNever(unix("stopunix")),
  };
}
