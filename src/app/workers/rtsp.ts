/** RTSP players and publishers of every stream, one worker for all of them. */
import type { ListenAddress } from "../../config/listen_address.ts";
import type { CommonReport } from "../../control/messages.ts";
import type {
  DoorInit,
  DoorWorkerOrder,
  DoorWorkerReport,
  PlayAnswer,
} from "../../control/publish/door_messages.ts";
import { Admission } from "../../control/limits/admission.ts";
import { Visitors } from "../../egress/http/visitors.ts";
import { LiveStreams } from "../../egress/live/live_streams.ts";
import { RtspDoor } from "../../egress/rtsp/rtsp_door.ts";
import { systemClock } from "../../host/clock.ts";
import { md5Hex, randomBytes, sha256Hex } from "../../host/hash.ts";
import { runWorker } from "../../host/worker.ts";
import { type RtspServer, type RtspServerOptions, serveRtsp } from "../../link/rtsp/server.ts";
import { cannotListen } from "../cannot_listen.ts";
import { ControllerDoor } from "../controller_door.ts";
import { PublishPort } from "../publish_port.ts";
import { Questions } from "../questions.ts";
import { RtspPublishers } from "../rtsp_publishers.ts";
import type { RtspSettings } from "../rtsp_settings.ts";
import { startWorker } from "../worker_start.ts";

/** How often players' traffic is reported, milliseconds. */
const REPORT_MILLIS = 1000;
/** When a port that is taken is tried again first: the server before this one may have it still. Then ever less often. */
const LISTEN_MILLIS = 1000;
const LISTEN_MAX_MILLIS = 5000;

runWorker((given, port) => {
  const init = given as DoorInit<RtspSettings>;
  const { settings } = init;
  const report = (message: DoorWorkerReport | CommonReport) => port.post(message);
  const worker = startWorker(init, report);
  const log = worker.logOf("", "rtsp");
  const door = new ControllerDoor(report);
  const admission = new Admission(init.admission);
  const visitors = new Visitors(systemClock, () => admission.enter());
  for (const { key, millis } of init.refused) visitors.refuse(key, millis);
  const live = new LiveStreams(door, { clock: systemClock, log });
  const hashes = { md5: md5Hex, sha256: sha256Hex };
  const judged = new Questions<PlayAnswer>();
  const players = new RtspDoor({
    live,
    visitors,
    clock: systemClock,
    log,
    hashes,
    accounts: new Map(Object.entries(settings.accounts)),
    judge: (stream, proof) => judged.ask((id) => report({ type: "play", id, stream, proof })),
    packetMax: settings.packetSize,
    groups: settings.groups,
    random: random32,
  });
  const publish = new PublishPort(report, systemClock);
  const publishers = new RtspPublishers(publish, systemClock, (stream) => worker.logOf(stream, "rtsp"));
  const account = () => {
    players.account();
    publishers.account();
    const counted = visitors.report();
    if (counted !== undefined) report({ type: "sessions", report: counted });
    systemClock.after(REPORT_MILLIS, account);
  };
  account();

  const servers: RtspServer[] = [];
  let stopping = false;
  const serve = async (at: ListenAddress, tls: RtspServerOptions["tls"], wait: number): Promise<void> => {
    const options: RtspServerOptions = {
      ...(at.hostname === "" ? {} : { host: at.hostname }),
      ...(tls === undefined ? {} : { tls }),
      port: at.port,
      clock: systemClock,
      log,
      timeoutSeconds: settings.timeoutMillis / 1000,
      describe: (path, asked) => players.describe(path, asked),
      cue: (session) => players.cue(session),
      announce: (asked, sdp) => publishers.announce(asked, sdp),
    };
    try {
      const server = await serveRtsp(options);
      if (stopping) server.close();
      else servers.push(server);
    } catch (failure) {
      if (wait === LISTEN_MILLIS) {
        const { message } = cannotListen(
          at,
          failure,
          tls === undefined ? "rtspServer.listen" : "rtspServer.tls.listen",
        );
        log.warn(`${message}; tried again until it works`);
      }
      const next = Math.min(LISTEN_MAX_MILLIS, wait * 2);
      systemClock.after(wait, () => void (stopping ? undefined : serve(at, tls, next).then(listening)));
    }
  };
  let told = 0;
  const listening = () => {
    if (servers.length === told) return;
    told = servers.length;
    report({ type: "listening", ports: servers.map((server) => server.port) });
  };
  const { tls } = settings;
  const all = [
    ...settings.listen.map((at) => serve(at, undefined, LISTEN_MILLIS)),
    ...(tls === undefined ? [] : tls.listen.map((at) => serve(at, tls, LISTEN_MILLIS))),
  ];
  void Promise.all(all).then(listening);

  port.onMessage((message) => {
    const order = message as DoorWorkerOrder;
    switch (order.type) {
      case "logLevel":
        worker.level = order.level;
        return;
      case "refuse":
        visitors.refuse(order.key, order.millis);
        return players.dismiss();
      case "mayPlay":
        return judged.answer(order.id, order.answer);
      case "published":
      case "page":
      case "endPublish":
        return publish.receive(order);
      case "stop":
        stopping = true;
        for (const server of servers) server.close();
        live.close();
        return report({ type: "stopped" });
      default:
        return door.receive(order);
    }
  });
});

function random32(): number {
  const [a = 0, b = 0, c = 0, d = 0] = randomBytes(4);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
