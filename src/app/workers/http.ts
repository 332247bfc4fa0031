/** HTTP viewers of every stream. Several of these share one port. */
import { makeLog } from "../../base/log.ts";
import type { OpenedStream, StreamDoor } from "../../egress/http/door.ts";
import { makeHttpApp } from "../../egress/http/app.ts";
import { PartLatency } from "../../egress/http/hls/part_latency.ts";
import { Visitors } from "../../egress/http/visitors.ts";
import type {
  CommonOrder,
  HttpInit,
  HttpListen,
  HttpOrder,
  HttpReport,
  OpenAnswer,
  StreamSummary,
} from "../../control/messages.ts";
import { Admission } from "../../control/limits/admission.ts";
import { BEAT_MILLIS, Vitals } from "../../control/supervise/vitals.ts";
import { readAsset } from "../../host/assets.ts";
import { systemClock } from "../../host/clock.ts";
import { type HttpServer, serveHttp } from "../../host/http.ts";
import { servePassedOn } from "../../host/http_pass_on.ts";
import { cannotListen } from "../cannot_listen.ts";
import { PassOn } from "../pass_on.ts";
import { runWorker, type WorkerPort } from "../../host/worker.ts";

/** Longer than any request is held: three target durations of the longest segment. */
const IDLE_SECONDS = 120;

/** How often viewers' traffic is reported, milliseconds. */
const REPORT_MILLIS = 1000;

/** The door of this worker: asks the controller, and hands pages that come later to whoever has the stream open. */
class ControllerDoor implements StreamDoor {
  readonly #port: WorkerPort;
  readonly #asked = new Map<number, (answer: OpenAnswer) => void>();
  readonly #listed = new Map<number, (streams: readonly StreamSummary[]) => void>();
  readonly #opened = new Map<string, Set<PageFeed>>();
  #next = 0;

  constructor(port: WorkerPort) {
    this.#port = port;
  }

  async open(name: string, about: { remote: string; url: string; protocol: string }) {
    const id = this.#next++;
    const feed = new PageFeed();
    const answer = await new Promise<OpenAnswer>((resolve) => {
      // Pages may follow right behind the answer: the feed must be known before the next message is handled.
      this.#asked.set(id, (given) => {
        if (given.allowed) this.#feeds(given.name).add(feed);
        resolve(given);
      });
      this.#post({ type: "open", id, question: { stream: name, ...about } });
    });
    if (!answer.allowed) {
      const { status, reason, retryAfterSeconds } = answer;
      return retryAfterSeconds === undefined ? { status, reason } : { status, reason, retryAfterSeconds };
    }
    const opened = feed.opened(answer.name, answer.page, answer.tracks);
    return { ...opened, release: () => void this.#feeds(answer.name).delete(feed) };
  }

  touch(stream: string): void {
    this.#post({ type: "touch", stream });
  }

  list(): Promise<readonly StreamSummary[]> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#listed.set(id, resolve);
      this.#post({ type: "list", id });
    });
  }

  receive(order: Exclude<HttpOrder, CommonOrder | { type: "refuse" }>): void {
    switch (order.type) {
      case "opened":
        this.#asked.get(order.id)?.(order.answer);
        this.#asked.delete(order.id);
        return;
      case "listed":
        this.#listed.get(order.id)?.(order.streams);
        this.#listed.delete(order.id);
        return;
      case "track":
        for (const feed of this.#feeds(order.stream)) feed.add(order.page);
        return;
      case "closed":
        for (const feed of this.#feeds(order.stream)) feed.close();
        this.#opened.delete(order.stream);
        return;
    }
  }

  #feeds(name: string): Set<PageFeed> {
    let feeds = this.#opened.get(name);
    if (feeds === undefined) this.#opened.set(name, feeds = new Set());
    return feeds;
  }

  #post(report: HttpReport): void {
    this.#port.post(report);
  }
}

/** Pages of one opened stream, as they come. */
class PageFeed {
  readonly #later: SharedArrayBuffer[] = [];
  #added: ((page: SharedArrayBuffer) => void) | undefined;
  #closedBy: (() => void) | undefined;
  #closed = false;

  add(page: SharedArrayBuffer): void {
    if (this.#added === undefined) this.#later.push(page);
    else this.#added(page);
  }

  close(): void {
    this.#closed = true;
    this.#closedBy?.();
  }

  opened(name: string, page: SharedArrayBuffer, tracks: readonly SharedArrayBuffer[]): OpenedStream {
    return {
      name,
      page,
      tracks,
      onTracks: (added) => {
        this.#added = added;
        for (const later of this.#later.splice(0)) added(later);
      },
      onClosed: (closed) => {
        this.#closedBy = closed;
        if (this.#closed) closed();
      },
    };
  }
}

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
  const door = new ControllerDoor(port);
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
        { hostname, port, reusePort: shared, idleTimeoutSeconds: IDLE_SECONDS, ...secure },
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
    if (order.type === "passed") return passing.passed(order.stream);
    if (order.type === "leave") {
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
