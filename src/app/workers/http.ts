/** HTTP viewers of every stream. Several of these share one port. */
import { makeLog } from "../../base/log.ts";
import { makeHttpApp } from "../../egress/http/app.ts";
import { PartLatency } from "../../egress/http/segments/part_latency.ts";
import { Visitors } from "../../egress/http/visitors.ts";
import type { HttpInit, HttpListen, HttpOrder, HttpReport } from "../../control/messages.ts";
import { Admission } from "../../control/limits/admission.ts";
import { BEAT_MILLIS, Vitals } from "../../control/supervise/vitals.ts";
import { readAsset } from "../../host/assets.ts";
import { systemClock } from "../../host/clock.ts";
import { type HttpServer, serveHttp } from "../../host/http.ts";
import { servePassedOn } from "../../host/http_pass_on.ts";
import { cannotListen } from "../cannot_listen.ts";
import { ControllerDoor } from "../controller_door.ts";
import { PassOn } from "../pass_on.ts";
import { runWorker } from "../../host/worker.ts";

/** Longer than any request is held: three target durations of the longest segment. */
const IDLE_SECONDS = 120;

/** How often viewers' traffic is reported, milliseconds. */
const REPORT_MILLIS = 1000;

runWorker(async (given, port) => {
  const init = given as HttpInit;
  const report = (message: HttpReport) => port.post(message);
  const about = { stream: "", part: "http", least: init.logLevel };
  const log = makeLog((line) => report({ type: "log", line }), about, () => systemClock.wall());
  const vitals = new Vitals(init.vitals);
  const beat = () => {
    vitals.beat();
    systemClock.after(BEAT_MILLIS, beat);
  };
  beat();
  const door = new ControllerDoor(report);
  const admission = new Admission(init.admission);
  const visitors = new Visitors(systemClock, () => admission.enter());
  for (const { key, millis } of init.refused) visitors.refuse(key, millis);
  const latency = new PartLatency();
  const account = () => {
    const counted = visitors.report();
    if (counted !== undefined) report({ type: "sessions", report: counted });
    const streams = latency.take();
    if (streams.length > 0) report({ type: "latency", streams });
    systemClock.after(REPORT_MILLIS, account);
  };
  account();
  const list = () => door.list();
  const app = makeHttpApp({ door, assets: readAsset, clock: systemClock, log, visitors, latency, list });
  const passing = new PassOn(app);
  const answer = init.mayPassOn ? passing.answer : app;
  const servers: HttpServer[] = [];
  const listen = async (addresses: readonly HttpListen[]) => {
    const opened = await Promise.all(addresses.map((address) => {
      const { tls, hostname, port, http2, http3, shared } = address;
      const secure = tls === undefined ? {} : { tls, http2, http3 };
      return serveHttp(
        { hostname, port, reusePort: shared, idleTimeoutSeconds: IDLE_SECONDS, webSockets: true, ...secure },
        answer,
      ).catch((failure) => {
        throw cannotListen(address, failure);
      });
    }));
    servers.push(...opened);
    report({ type: "listening", ports: opened.map((server) => server.port) });
  };
  const closeSocket = init.socket === undefined
    ? undefined
    : servePassedOn(init.socket, (request) => passing.answerPassed(request, { remote: "" }));
  port.onMessage((message) => {
    const order = message as HttpOrder;
    if (order.type === "logLevel") {
      about.least = order.level;
      return;
    }
    if (order.type === "refuse") return visitors.refuse(order.key, order.millis);
    if (order.type === "listen") {
      return void listen(order.listen).catch((failure) => systemClock.after(0, () => fail(failure)));
    }
    if (order.type === "passOn") return passing.begin(order.socket, order.ours);
    if (order.type === "passed") {
      app.leaveSockets(order.stream);
      return passing.passed(order.stream);
    }
    if (order.type === "leave") {
      app.leaveSockets();
      void Promise.all(servers.map((server) => server.stop(true))).finally(() => report({ type: "stopped" }));
      return;
    }
    if (order.type !== "stop") return door.receive(order);
    app.close();
    void closeSocket?.();
    void Promise.all(servers.map((server) => server.stop(false))).finally(() => report({ type: "stopped" }));
  });
  await listen(init.listen);
});

/** Ends the worker, which is then started again. */
function fail(failure: unknown): never {
  throw failure;
}
