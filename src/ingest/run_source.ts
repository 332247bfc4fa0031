import { Backoff } from "../base/backoff.ts";
import { pause } from "../base/pause.ts";
import { Scope } from "../base/scope.ts";
import type { FrameSink, TrackSink } from "./frame_sink.ts";
import { type IngestServices, NothingComes, Refused, type Source, type SourceOptions } from "./source.ts";

/** How long to wait between attempts, milliseconds. */
export const RETRY_FIRST_MILLIS = 500;
export const RETRY_CAP_MILLIS = 15_000;
export const REFUSED_MILLIS = 30_000;

/** Who listens for what somebody else sends goes on at once. */
export const LISTEN_MILLIS = 100;

/** An attempt that held this long was a success: the next one begins with the shortest wait. */
const HELD_MILLIS = 10_000;

/** What a source is doing, said once at each change. */
export type SourceState =
  | { readonly kind: "connecting" }
  /** The first frame of this attempt has come. */
  | { readonly kind: "running" }
  | {
    readonly kind: "waiting";
    readonly why: string;
    readonly refused: boolean;
    readonly retryMillis: number;
  };

/**
 * Runs a source until the scope closes, and returns then: the one owner of retries. `begin` gives the sink of each new
 * attempt. A failure is said once, as long as it stays the same.
 */
export async function runSource(
  scope: Scope,
  source: Source,
  options: SourceOptions,
  begin: () => FrameSink,
  services: IngestServices,
  report: (state: SourceState) => void,
): Promise<void> {
  const { clock, log } = services;
  const backoff = new Backoff(RETRY_FIRST_MILLIS, RETRY_CAP_MILLIS, services.random);
  let said = "";
  let listens = false;
  while (!scope.closed) {
    const started = clock.mono();
    const attempt = new Scope();
    const stop = () => void attempt.close(scope.signal.reason);
    scope.signal.addEventListener("abort", stop, { once: true });
    // what is listened for comes or not: until then the state is that nothing comes
    if (!listens) report({ kind: "connecting" });
    let why: string;
    let refused = false;
    let frames = false;
    try {
      await source.run(
        attempt,
        options,
        noticing(begin(), () => {
          frames = true;
          said = "";
          report({ kind: "running" });
        }),
        {
          ...services,
          arrived() {
            if (listens) report({ kind: "connecting" });
            listens = false;
          },
        },
      );
      why = "the stream has ended";
      listens = false;
    } catch (e) {
      why = e instanceof Error ? e.message : String(e);
      refused = e instanceof Refused;
      listens = e instanceof NothingComes;
    } finally {
      scope.signal.removeEventListener("abort", stop);
      await attempt.close();
    }
    if (scope.closed) return;
    if (frames && clock.mono() - started >= HELD_MILLIS) backoff.reset();
    const retryMillis = refused ? REFUSED_MILLIS : listens ? LISTEN_MILLIS : backoff.next();
    report({ kind: "waiting", why, refused, retryMillis });
    const next = listens ? "listens on" : `next try in ${(retryMillis / 1000).toFixed(1)} s`;
    if (why === said) log.debug(`${why}; ${next}`);
    else if (refused) log.error(`${why}; next try every ${REFUSED_MILLIS / 1000} s`);
    else log.warn(`${why}; ${next}`);
    said = why;
    await pause(scope, services.clock, retryMillis);
  }
}

/** The sink, with `first` called at the first frame. */
function noticing(sink: FrameSink, first: () => void): FrameSink {
  let seen = false;
  return {
    async addTrack(track) {
      const inner = await sink.addTrack(track);
      return {
        update: (changed) => inner.update(changed),
        write(info, data) {
          if (!seen) {
            seen = true;
            first();
          }
          inner.write(info, data);
        },
      } satisfies TrackSink;
    },
    wallClock: (at, wall) => sink.wallClock(at, wall),
  };
}
