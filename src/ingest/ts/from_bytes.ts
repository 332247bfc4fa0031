import { pause } from "../../base/pause.ts";
import type { Scope } from "../../base/scope.ts";
import type { MonoMillis } from "../../base/units.ts";
import type { InputCounts } from "../input_meter.ts";
import type { IngestServices } from "../source.ts";
import type { TsIntake } from "./intake.ts";
import { troubleOf } from "./trouble.ts";

/**
 * How far media may be ahead of the clock, milliseconds: what a live server hands out at once when it is joined. Files
 * and programs that give media as fast as they are read are held to their own speed from there on.
 */
export const AHEAD_MILLIS = 5000;

/** Bytes that are taken before the time is looked at again. */
const PIECE_BYTES = 188 * 50;

export interface ByteStreamOptions {
  readonly program: number;
  readonly silenceMillis: number;
}

/**
 * Reads a stream of bytes to its end, or until the scope closes; answers how many there were. Throws when nothing comes,
 * or nothing of use.
 */
export async function runBytes(
  scope: Scope,
  bytes: AsyncIterable<Uint8Array>,
  o: ByteStreamOptions,
  intake: TsIntake,
  services: IngestServices,
): Promise<number> {
  const { clock } = services;
  let length = 0;
  const closeMeter = services.meter?.open((into: InputCounts) => {
    into.packets += intake.counters.packets;
    into.bytes += length;
    intake.addCounts(into);
  }) ?? (() => {});
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    let first: MonoMillis | undefined;
    let begun: MonoMillis | undefined;
    while (!scope.closed) {
      const next = await nextWithin(iterator, scope, o.silenceMillis, services);
      if (next === undefined) break;
      if (next.done === true) {
        intake.flush();
        break;
      }
      // one piece may hold minutes of a file
      for (let at = 0; at < next.value.length && !scope.closed; at += PIECE_BYTES) {
        const piece = next.value.subarray(at, at + PIECE_BYTES);
        const now = clock.mono();
        first ??= now;
        length += piece.length;
        intake.push(piece);
        if (intake.frames > 0) begun ??= now;
        const trouble = troubleOf(intake, first, now, o.program);
        if (trouble !== undefined) throw trouble;
        if (begun === undefined) continue;
        const ahead = intake.newestMillis - (now - begun) - AHEAD_MILLIS;
        if (ahead > 0) await pause(scope, services.clock, ahead);
      }
    }
    return length;
  } finally {
    closeMeter();
  }
}

/** The next bytes; undefined when the scope closed first. Throws after `ms` of silence. */
function nextWithin(
  iterator: AsyncIterator<Uint8Array>,
  scope: Scope,
  ms: number,
  services: IngestServices,
): Promise<IteratorResult<Uint8Array> | undefined> {
  return new Promise((resolve, reject) => {
    const done = () => {
      cancel();
      scope.signal.removeEventListener("abort", stop);
    };
    const stop = () => {
      done();
      resolve(undefined);
    };
    const cancel = services.clock.after(ms, () => {
      done();
      reject(new Error(`silent for ${Math.round(ms / 100) / 10} s`));
    });
    scope.signal.addEventListener("abort", stop, { once: true });
    iterator.next().then((result) => {
      done();
      resolve(result);
    }, (e: unknown) => {
      done();
      if (scope.closed) resolve(undefined);
      else reject(e);
    });
  });
}
