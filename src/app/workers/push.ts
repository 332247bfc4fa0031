/** Everything that one stream sends by itself. Started by the controller, one a stream that has pushes. */
import { makeLog } from "../../base/log.ts";
import { Scope } from "../../base/scope.ts";
import type { CommonReport } from "../../control/messages.ts";
import type { PushInit, PushOrder, PushReport, PushWorkerOrder } from "../../control/push/push_messages.ts";
import { BEAT_MILLIS, Vitals } from "../../control/supervise/vitals.ts";
import { LiveStream } from "../../egress/live/live_stream.ts";
import { PushRefused } from "../../egress/push/push.ts";
import { PushMeter } from "../../egress/push/push_meter.ts";
import { findPush } from "../../egress/push/pushes.ts";
import { systemClock } from "../../host/clock.ts";
import { runWorker } from "../../host/worker.ts";

/** How often counts are reported, milliseconds. */
const COUNT_MILLIS = 1000;

interface Running {
  readonly scope: Scope;
  readonly meter: PushMeter;
  begunAt: number;
}

runWorker((given, port) => {
  const init = given as PushInit;
  const report = (message: PushReport | CommonReport) => port.post(message);
  let level = init.logLevel;
  const about = (part: string) => ({
    stream: init.stream,
    part,
    get least() {
      return level;
    },
  });
  const now = () => systemClock.wall();
  const log = makeLog((line) => report({ type: "log", line }), about("push"), now);
  const vitals = new Vitals(init.vitals);
  const beat = () => {
    vitals.beat();
    systemClock.after(BEAT_MILLIS, beat);
  };
  beat();

  let addTrack = (_: SharedArrayBuffer) => {};
  const opened = {
    name: init.stream,
    page: init.page,
    tracks: init.tracks,
    onTracks: (run: (page: SharedArrayBuffer) => void) => void (addTrack = run),
    onClosed: () => {},
  };
  const stream = new LiveStream(opened, systemClock, log);
  const running = new Map<number, Running>();

  const start = async (push: PushOrder) => {
    const { id, kind, url, values, select } = push;
    const scope = new Scope();
    const entry: Running = {
      scope,
      meter: new PushMeter(() => {
        entry.begunAt = systemClock.mono();
        report({ type: "pushRuns", id });
        pushLog.info(`pushing to ${push.shown}`);
      }),
      begunAt: 0,
    };
    const pushLog = makeLog((line) => report({ type: "pushLog", id, line }), about(kind), now);
    running.set(id, entry);
    let why = "the stream has ended";
    let refused = false;
    try {
      const found = findPush(kind);
      if (found === undefined) throw new PushRefused(`there is no push ${kind}`);
      const services = {
        clock: systemClock,
        log: pushLog,
        random: () => Math.random(),
        describe: (text: string | undefined) => report({ type: "pushDescribed", id, text }),
        meter: entry.meter,
      };
      await found.run(scope, { url, values, select }, stream, services);
    } catch (e) {
      why = e instanceof Error ? e.message : String(e);
      refused = e instanceof PushRefused;
    } finally {
      await scope.close().catch((e) => pushLog.warn(String(e)));
    }
    count();
    running.delete(id);
    report({ type: "pushEnded", id, why, refused });
  };
  const count = () => {
    const counts = [...running].map(([id, { meter, begunAt }]) => {
      const { bytes, packets, lost, retransmitted, mediaMillis, tracks } = meter;
      const activeMillis = meter.sending ? systemClock.mono() - begunAt : 0;
      return { id, activeMillis, bytes, packets, lost, retransmitted, mediaMillis, tracks };
    });
    if (counts.length > 0) report({ type: "pushCounts", counts });
  };
  const countAgain = () => {
    count();
    systemClock.after(COUNT_MILLIS, countAgain);
  };
  systemClock.after(COUNT_MILLIS, countAgain);

  port.onMessage((message) => {
    const order = message as PushWorkerOrder;
    switch (order.type) {
      case "push":
        return void start(order.push);
      case "endPush":
        return void running.get(order.id)?.scope.close();
      case "track":
        return addTrack(order.page);
      case "logLevel":
        level = order.level;
        return;
      case "stop":
        void Promise.allSettled([...running.values()].map(({ scope }) => scope.close()))
          .then(() => report({ type: "stopped" }));
    }
  });
  for (const push of init.pushes) void start(push);
});
