import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Tally } from "../base/tally.ts";
import type { Vitals } from "../control/supervise/vitals.ts";
import { InputMeter } from "../ingest/input_meter.ts";
import { readAnnounced, RtspPublication } from "../ingest/rtsp/publication.ts";
import type { Asked, Publishing, RtspRefusal } from "../link/rtsp/served.ts";
import { publishCounts } from "./publish_counts.ts";
import type { PublishPort } from "./publish_port.ts";

interface Running {
  readonly publication: RtspPublication;
  readonly meter: InputMeter;
  readonly vitals: Vitals;
  readonly tally: Tally;
}

/** Those who publish over RTSP. */
export class RtspPublishers {
  readonly #port: PublishPort;
  readonly #clock: Clock;
  readonly #logOf: (stream: string) => Log;
  readonly #running = new Set<Running>();

  constructor(port: PublishPort, clock: Clock, logOf: (stream: string) => Log) {
    this.#port = port;
    this.#clock = clock;
    this.#logOf = logOf;
  }

  /** To be called about once a second. */
  account(): void {
    for (const { publication, meter, vitals, tally } of this.#running) {
      publishCounts(meter.sum(), vitals);
      vitals.set("inputAt", publication.lastAt);
      tally.flush();
    }
  }

  async announce(asked: Asked, sdp: string): Promise<Publishing | RtspRefusal> {
    const medias = readAnnounced(sdp);
    if (medias === undefined) return { status: 415, reason: "nothing in it that fogcast reads" };
    const { path, remote, url, userAgent, proof } = asked;
    const password = asked.query("pass") ?? asked.query("password") ?? "";
    const question = { stream: path, remote, url, protocol: "RTSP", userAgent, password, proof };
    const opened = await this.#port.open(question);
    if ("allowed" in opened) return opened;
    const { writer, vitals, name } = opened;
    const log = this.#logOf(name);
    const meter = new InputMeter();
    const tally = new Tally((line) => log.warn(line));
    const publication = new RtspPublication(medias, {
      clock: this.#clock,
      log,
      tally,
      meter,
      begin: () => writer.begin(),
      online: () => opened.online(),
      stopped: () => {
        publishCounts(meter.sum(), vitals);
        this.#running.delete(running);
        tally.flush();
        opened.leave();
        log.info("publisher has left");
      },
    });
    const running: Running = { publication, meter, vitals, tally };
    this.#running.add(running);
    opened.onEnd((reason) => publication.dismiss(reason));
    return publication;
  }
}
