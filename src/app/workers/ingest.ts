/** One pulled stream: protocol → frames → shared memory. Started by the controller, one a stream. */
import { makeLog } from "../../base/log.ts";
import { Scope } from "../../base/scope.ts";
import { Tally } from "../../base/tally.ts";
import { HeldSession } from "../../buffer/held_session.ts";
import { StreamWriter } from "../../buffer/stream_writer.ts";
import {
  FINISH_MILLIS,
  type IngestInit,
  type IngestOrder,
  type IngestReport,
} from "../../control/messages.ts";
import { BEAT_MILLIS, Vitals } from "../../control/supervise/vitals.ts";
import { systemClock } from "../../host/clock.ts";
import { startTap } from "../../host/tap.ts";
import { runWorker } from "../../host/worker.ts";
import { InputMeter } from "../../ingest/input_meter.ts";
import { findSource } from "../../ingest/sources.ts";
import { runSource, type SourceState } from "../../ingest/run_source.ts";
import type { TrackKind } from "../../media/codec.ts";
import { publishCounts } from "../publish_counts.ts";

/** How long the frame with which a stream goes on is looked for; the old server may have been ahead of us by that. */
const MATCH_MILLIS = 1000;
/** So much earlier than the controller gives up waiting a session ends, milliseconds. */
const FINISH_MARGIN_MILLIS = 500;
/** How often tallied mishaps become log lines, milliseconds. */
const TALLY_MILLIS = 1000;
/** How often what was received is written into the vitals, milliseconds. */
const COUNT_MILLIS = 1000;

/** Calls `run` every `ms` until the scope closes. */
function every(scope: Scope, ms: number, run: () => void): void {
  let cancel = () => {};
  const again = () => {
    run();
    if (!scope.closed) cancel = systemClock.after(ms, again);
  };
  cancel = systemClock.after(ms, again);
  scope.defer(() => cancel());
}

runWorker(async (given, port) => {
  const init = given as IngestInit;
  const report = (message: IngestReport) => port.post(message);
  const source = findSource(init.url);
  const about = { stream: init.stream, part: source?.descriptor.name ?? "input", least: init.logLevel };
  const log = makeLog((line) => report({ type: "log", line }), about, () => systemClock.wall());
  if (init.tap !== undefined) startTap(init.tap, init.stream);
  const scope = new Scope();
  const vitals = new Vitals(init.vitals);
  const tally = new Tally((line) => log.warn(line));
  every(scope, BEAT_MILLIS, () => vitals.beat());
  every(scope, TALLY_MILLIS, () => tally.flush());
  const meter = new InputMeter();
  every(scope, COUNT_MILLIS, () => publishCounts(meter.sum(), vitals));

  const waiting = new Map<number, (page: SharedArrayBuffer) => void>();
  let asked = 0;
  const allocate = (trackId: number, kind: TrackKind) =>
    new Promise<SharedArrayBuffer>((resolve) => {
      const id = asked++;
      waiting.set(id, resolve);
      report({ type: "allocate", id, trackId, kind });
    });
  port.onMessage((message) => {
    const order = message as IngestOrder;
    if (order.type === "page") {
      waiting.get(order.id)?.(order.page);
      waiting.delete(order.id);
    } else if (order.type === "logLevel") about.least = order.level;
    else if (order.type === "adopt") adopt(order);
    else if (order.type === "finish") finish();
    else {
      scope.close().catch((error) => log.warn(String(error))).finally(() => report({ type: "stopped" }));
    }
  });

  const openWriter = (page: SharedArrayBuffer, tracks: readonly SharedArrayBuffer[]) =>
    new StreamWriter({
      page,
      tracks,
      allocate,
      settings: init.limits,
      now: () => systemClock.mono(),
      wall: () => systemClock.wall(),
    });
  let writer = init.page === undefined ? undefined : openWriter(init.page, init.tracks);
  let held: HeldSession | undefined;
  const begin = () => {
    if (writer !== undefined) return writer.begin();
    held = new HeldSession(() => report({ type: "held" }));
    return held;
  };
  const adopt = (order: Extract<IngestOrder, { type: "adopt" }>) => {
    writer = openWriter(order.page, order.tracks);
    const session = held;
    if (session === undefined) return;
    session.attach(writer, order.splice, (spliced) => {
      log.info(
        `taken over ${spliced ? "without a break" : "after a break: the source sends other frames to us"}`,
      );
    });
    systemClock.after(MATCH_MILLIS, () => session.giveUp());
  };
  const finish = () => {
    if (writer === undefined) return report({ type: "finished", splice: undefined });
    writer.finish((splice) => report({ type: "finished", splice }));
    systemClock.after(FINISH_MILLIS - FINISH_MARGIN_MILLIS, () => writer?.end());
  };
  const remember = new Map(init.remembered);
  let attempts = 0;
  if (source === undefined) throw new Error(`No input reads ${init.url.split(":")[0]}:`);
  await runSource(scope, await source.load(), { url: init.url, values: init.values }, begin, {
    clock: systemClock,
    log,
    random: () => Math.random(),
    tally,
    remember,
    meter,
  }, (state) => {
    if (state.kind === "connecting" && attempts++ > 0) vitals.add("reconnects", 1);
    report({ type: "state", ...shown(state) });
    for (const [key, value] of remember) report({ type: "remember", key, value });
    if (state.kind !== "waiting") return;
    held = undefined;
    writer?.end();
  });
});

function shown(
  state: SourceState,
): { state: "connecting" | "online" | "waiting" | "refused"; reason: string } {
  if (state.kind === "waiting") return { state: state.refused ? "refused" : "waiting", reason: state.why };
  return { state: state.kind === "running" ? "online" : "connecting", reason: "" };
}
