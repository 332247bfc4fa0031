import type { MonoMillis } from "../../base/units.ts";
import { Refused } from "../source.ts";
import type { TsIntake } from "./intake.ts";

/** Data without tables for so long is no transport stream, milliseconds; tables come every 0.1 to 1 s. */
export const TABLELESS_MILLIS = 10_000;
/** Data without one frame for so long is not a stream; smart codecs space key frames up to a minute apart. */
export const FRAMELESS_MILLIS = 90_000;
/** The same where there is not one packet, or nothing in the program is read. */
const HOPELESS_MILLIS = 3000;

/** What keeps a stream from running, `since` when data have come; undefined where nothing does. */
export function troubleOf(
  intake: TsIntake,
  since: MonoMillis,
  now: MonoMillis,
  wanted: number,
): Error | undefined {
  return lackOf(intake, now - since, wanted, (ms) => `in ${ms / 1000} s of data`);
}

/** Why a stream of so many bytes that has ended had no frames; undefined where it had. */
export function emptinessOf(intake: TsIntake, bytes: number, wanted: number): Error | undefined {
  if (bytes === 0) return new Error("it ended before anything came");
  return lackOf(intake, Infinity, wanted, () => "to its end");
}

function lackOf(
  intake: TsIntake,
  waited: number,
  wanted: number,
  span: (ms: number) => string,
): Error | undefined {
  if (waited < HOPELESS_MILLIS || intake.frames > 0) return undefined;
  const { chosen, listed, counters } = intake;
  if (chosen === undefined) {
    if (wanted !== 0 && listed.length > 0 && !listed.includes(wanted)) {
      return new Error(`no program ${wanted}: the stream has ${listed.slice(0, 20).join(", ")}`);
    }
    if (counters.packets === 0) return new Error("what comes is no MPEG transport stream");
    if (waited < TABLELESS_MILLIS) return undefined;
    const what = listed.length > 0 ? "program map (PMT)" : "program table (PAT)";
    return new Error(`no ${what} ${span(TABLELESS_MILLIS)}`);
  }
  if (chosen.streams.every((s) => s.track === undefined)) {
    const types = chosen.streams.map((s) => `0x${s.streamType.toString(16).padStart(2, "0")}`).join(", ");
    return new Refused(
      `nothing in program ${chosen.program} that fogcast reads: stream types ${types || "none"}`,
    );
  }
  if (waited < TABLELESS_MILLIS) return undefined;
  if (counters.scrambled > 0) return new Refused(`program ${chosen.program} is scrambled`);
  if (waited < FRAMELESS_MILLIS) return undefined;
  return new Error(`no whole frame ${span(FRAMELESS_MILLIS)}`);
}
