/** HTTP viewers of every stream. Several of these share one port. */
import { makeHttpApp } from "../../egress/http/app.ts";
import { BelievedProxies } from "../../egress/http/believed_proxies.ts";
import { redirectToTls } from "../../egress/http/redirect.ts";
import { PartLatency } from "../../egress/http/segments/part_latency.ts";
import { Visitors } from "../../egress/http/visitors.ts";
import type { HttpInit, HttpListen, HttpOrder, HttpReport, PublicInit } from "../../control/messages.ts";
import { Admission } from "../../control/limits/admission.ts";
import { readAsset } from "../../host/assets.ts";
import { systemClock } from "../../host/clock.ts";
import { type RequestInfo, serveHttp } from "../../host/http.ts";
import { servePassedOn } from "../../host/http_pass_on.ts";
import { cannotListen } from "../cannot_listen.ts";
import { ControllerDoor } from "../controller_door.ts";
import { HttpListeners } from "../http_listeners.ts";
import { Questions } from "../questions.ts";
import { PassOn } from "../pass_on.ts";
import { startWorker } from "../worker_start.ts";
import { runWorker } from "../../host/worker.ts";

/** Longer than any request is held: three target durations of the longest segment. */
const IDLE_SECONDS = 120;

/** How long sockets stay open once the public addresses are closed, milliseconds. */
const SOCKETS_STAY_MILLIS = 200;

/** How often viewers' traffic is reported, milliseconds. */
const REPORT_MILLIS = 1000;

runWorker(async (given, port) => {
  const init = given as HttpInit;
  const report = (message: HttpReport) => port.post(message);
  const worker = startWorker(init, report);
  const log = worker.logOf("", "http");
  const door = new ControllerDoor(report);
  const admission = new Admission(init.admission);
  const visitors = new Visitors(systemClock, () => admission.enter());
  for (const { key, millis } of init.refused) visitors.refuse(key, millis);
  const latency = new PartLatency();
  const believed = new BelievedProxies(log);
  let redirect = false;
  let lowLatency = true;
  const setPublic = (given: PublicInit) => {
    believed.set(given.proxies, given.addresses, given.ports);
    believed.noStreamText = given.noStreamText ?? "";
    redirect = given.redirect;
    lowLatency = given.lowLatency ?? true;
  };
  setPublic(init.public);
  const account = () => {
    const counted = visitors.report();
    if (counted !== undefined) report({ type: "sessions", report: counted });
    const streams = latency.take();
    if (streams.length > 0) report({ type: "latency", streams });
    const count = believed.take();
    if (count > 0) report({ type: "disbelieved", count });
    systemClock.after(REPORT_MILLIS, account);
  };
  account();
  const list = () => door.list();
  /** What describes the sessions that streams send by themselves. */
  const texts = new Questions<string | undefined>();
  const app = makeHttpApp({
    door,
    assets: readAsset,
    clock: systemClock,
    log,
    visitors,
    latency,
    list,
    describe: (stream) => texts.ask((id) => report({ type: "describe", id, stream })),
    publicSettings: believed,
    lowLatency: () => lowLatency,
  });
  const passing = new PassOn(app);
  const answer = init.mayPassOn ? passing.answer : app;
  const answerPlain = (request: Request, info: RequestInfo) => {
    const { securePort } = listeners;
    const elsewhere = redirect && securePort !== undefined
      ? redirectToTls(request, info, believed, securePort)
      : undefined;
    return elsewhere ?? answer(request, info);
  };
  const listeners = new HttpListeners((address) => {
    const { tls, hostname, port, http2, http3 } = address;
    const secure = tls === undefined ? {} : { tls, http2, http3 };
    // shared with other workers, with the server of an upgrade, and with the one that has the next certificate
    const idleTimeoutSeconds = IDLE_SECONDS;
    const options = { hostname, port, reusePort: true, idleTimeoutSeconds, webSockets: true, ...secure };
    return serveHttp(options, tls === undefined ? answerPlain : answer).catch((failure) => {
      throw cannotListen(address, failure, tls === undefined ? undefined : "http.tls.listen");
    });
  });
  let turn = Promise.resolve();
  const listen = (addresses: readonly HttpListen[]): Promise<void> => {
    turn = turn.then(() => listeners.configure(addresses)).then(
      (ports) => report({ type: "listening", ports }),
      (failure) => report({ type: "notListening", why: failure.message }),
    );
    return turn;
  };
  const closeSocket = init.socket === undefined
    ? undefined
    : servePassedOn(init.socket, passing.answerPassed);
  port.onMessage((message) => {
    const order = message as HttpOrder;
    if (order.type === "logLevel") {
      worker.level = order.level;
      return;
    }
    if (order.type === "refuse") return visitors.refuse(order.key, order.millis);
    if (order.type === "listen") return void listen(order.listen);
    if (order.type === "public") return setPublic(order.public);
    if (order.type === "passOn") return passing.begin(order.socket, order.ours);
    if (order.type === "passed") {
      app.leaveSockets(order.stream, passing.connect);
      return passing.passed(order.stream);
    }
    if (order.type === "leave") {
      // Not before nobody can come here any more: their players come again at once.
      systemClock.after(SOCKETS_STAY_MILLIS, () => app.leaveSockets());
      void listeners.stop(true).finally(() => report({ type: "stopped" }));
      return;
    }
    if (order.type === "described") return texts.answer(order.id, order.text);
    if (order.type !== "stop") return door.receive(order);
    app.close();
    void closeSocket?.();
    void listeners.stop(false).finally(() => report({ type: "stopped" }));
  });
  await listen(init.listen);
});
