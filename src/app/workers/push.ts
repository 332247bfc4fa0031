/** What some streams send by themselves. Started by the controller, as few of them as will do. */
import { Scope } from "../../base/scope.ts";
import type { CommonReport } from "../../control/messages.ts";
import type {
  PushedStream,
  PushInit,
  PushOrder,
  PushReport,
  PushWorkerOrder,
} from "../../control/push/push_messages.ts";
import { LiveStream } from "../../egress/live/live_stream.ts";
import { type HandOver, PushRefused } from "../../egress/push/push.ts";
import { PushMeter } from "../../egress/push/push_meter.ts";
import { findPush } from "../../egress/push/pushes.ts";
import { systemClock } from "../../host/clock.ts";
import { runWorker } from "../../host/worker.ts";
import { startWorker } from "../worker_start.ts";

/** How often counts are reported, milliseconds. */
const COUNT_MILLIS = 1000;

interface Open {
  readonly live: LiveStream;
  addTrack(page: SharedArrayBuffer): void;
}

interface Running {
  readonly stream: string;
  readonly scope: Scope;
  readonly meter: PushMeter;
  readonly handOver: HandOver;
  begunAt: number;
}

runWorker((given, port) => {
  const init = given as PushInit;
  const report = (message: PushReport | CommonReport) => port.post(message);
  const worker = startWorker(init, report);

  const open = new Map<string, Open>();
  const running = new Map<number, Running>();

  const openStream = ({ stream, page, tracks, pushes }: PushedStream) => {
    let addTrack = (_: SharedArrayBuffer) => {};
    const live = new LiveStream(
      { name: stream, page, tracks, onTracks: (run) => void (addTrack = run), onClosed: () => {} },
      systemClock,
      worker.logOf(stream, "push"),
    );
    open.set(stream, { live, addTrack: (added) => addTrack(added) });
    for (const push of pushes) void start(live, push);
  };
  const dropStream = async (stream: string) => {
    const dropped = open.get(stream);
    open.delete(stream);
    await endAll((push) => push.stream === stream);
    dropped?.live.close();
  };
  const endAll = (which: (push: Running) => boolean) =>
    Promise.allSettled([...running.values()].filter(which).map(({ scope }) => scope.close()));

  const start = async (live: LiveStream, push: PushOrder) => {
    const { id, kind, url, values, select, startedAt, sentMillis, session } = push;
    const scope = new Scope();
    const entry: Running = {
      stream: live.name,
      scope,
      meter: new PushMeter(() => {
        entry.begunAt = systemClock.mono();
        report({ type: "pushRuns", id });
        log.info(`pushing to ${push.shown}`);
      }),
      handOver: { wanted: false, session: undefined },
      begunAt: 0,
    };
    const log = worker.logOf(live.name, kind, (line) => report({ type: "pushLog", id, line }));
    running.set(id, entry);
    let why = "the stream has ended";
    let refused = false, complete = false;
    try {
      const found = findPush(kind);
      if (found === undefined) throw new PushRefused(`there is no push ${kind}`);
      const services = {
        clock: systemClock,
        log,
        random: () => Math.random(),
        describe: (text: string | undefined) => report({ type: "pushDescribed", id, text }),
        meter: entry.meter,
        handOver: entry.handOver,
      };
      const before = { startedAt, sentMillis, ...(session === undefined ? {} : { session }) };
      await found.run(scope, { url, values, select, ...before }, live, services);
      complete = !scope.closed && !live.closed;
      if (complete) why = "all was sent that was asked for";
    } catch (e) {
      why = e instanceof Error ? e.message : String(e);
      refused = e instanceof PushRefused;
    } finally {
      await scope.close().catch((e) => log.warn(String(e)));
    }
    count();
    running.delete(id);
    const left = entry.handOver.session;
    report({
      type: "pushEnded",
      id,
      why,
      refused,
      complete,
      ...(left === undefined ? {} : { session: left }),
    });
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
      case "addStream":
        return openStream(order.added);
      case "dropStream":
        return void dropStream(order.stream);
      case "push": {
        const stream = open.get(order.stream);
        return stream === undefined ? undefined : void start(stream.live, order.push);
      }
      case "endPush": {
        const push = running.get(order.id);
        if (push !== undefined && order.handOver === true) push.handOver.wanted = true;
        return void push?.scope.close();
      }
      case "track":
        return open.get(order.stream)?.addTrack(order.page);
      case "logLevel":
        worker.level = order.level;
        return;
      case "stop":
        void endAll(() => true).then(() => report({ type: "stopped" }));
    }
  });
  for (const stream of init.streams) openStream(stream);
});
