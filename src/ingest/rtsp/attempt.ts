import type { Scope } from "../../base/scope.ts";
import { type MonoMillis, monoMillis } from "../../base/units.ts";
import { RtspClient, type RtspClientOptions } from "../../link/rtsp/client.ts";
import type { KeepAliveMethod } from "../../link/rtsp/keep_alive.ts";
import type { MediaTransport } from "../../link/rtsp/media_channel.ts";
import { RtspError } from "../../link/rtsp/rtsp_error.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import type { SessionDescription } from "../../wire/protocol/sdp/description.ts";
import type { FrameSink } from "../frame_sink.ts";
import { RtpTimeline } from "../rtp/timeline.ts";
import { refuseFormat } from "../rtp/readable.ts";
import { openRtpTrack } from "../rtp/rtp_track.ts";
import { type IngestServices, Refused } from "../source.ts";
import { LateTicks } from "../late_ticks.ts";
import { VideoFirst } from "../video_first.ts";
import { chooseMedias, type ChosenMedia, type WantedTracks } from "./choose_medias.ts";
import { MediaIntake } from "./media_intake.ts";
import { PICTURELESS_MILLIS, senseless, type Survey, surveyMedias } from "./survey.ts";

/** How often reorder windows, reports and silence are looked at, milliseconds. */
const TICK_MILLIS = 100;
/** The same where packets come in order: nothing waits for it, and each look wakes a thread of its own. */
const TICK_MILLIS_ORDERED = 500;

export interface AttemptOptions {
  readonly client: Omit<RtspClientOptions, "clock" | "log" | "random">;
  /** To try in this order, all but the last for a short time only. */
  readonly transports: readonly MediaTransport[];
  readonly tracks: WantedTracks;
  readonly reorderMillis: number;
  /** Longest wait for the first packet where another transport is left. */
  readonly firstMillis: number;
  /** Longest silence. */
  readonly silenceMillis: number;
  /** Called at the first packet. */
  readonly arrived: (transport: MediaTransport) => void;
  /** Called when the camera hung up on a keep-alive. */
  readonly hungUp: (during: KeepAliveMethod) => void;
}

/** The transport was agreed on and did not work: a new conversation over another one may do better. */
export class TransportFailed extends RtspError {
  constructor(message: string, readonly transport: MediaTransport) {
    super(message, "transport");
  }
}

/** One conversation over one transport, from connecting to TEARDOWN. See `Source.run` for how it ends. */
export async function runAttempt(
  scope: Scope,
  o: AttemptOptions,
  sink: FrameSink,
  services: IngestServices,
): Promise<void> {
  const attempt = new Attempt(scope, o, sink, services);
  try {
    await attempt.run();
  } finally {
    await attempt.close();
  }
}

class Attempt {
  readonly #o: AttemptOptions;
  readonly #scope: Scope;
  readonly #sink: VideoFirst;
  readonly #services: IngestServices;
  readonly #client: RtspClient;
  /** By media index of the description; holes where none was set up. */
  readonly #intakes: (MediaIntake | undefined)[] = [];
  readonly #ended: Promise<void>;
  #end: (why?: Error) => void = () => {};
  readonly #closeMeter: () => void;
  #announced = "";
  #transport: MediaTransport = "tcp";
  #begun: MonoMillis = monoMillis(0);
  #first: MonoMillis | undefined;
  #last: MonoMillis = monoMillis(0);

  constructor(scope: Scope, o: AttemptOptions, sink: FrameSink, services: IngestServices) {
    this.#o = o;
    this.#scope = scope;
    this.#sink = new VideoFirst(sink, services.clock);
    this.#services = services;
    this.#ended = new Promise((resolve, reject) => {
      this.#end = (why) => why === undefined ? resolve() : reject(why);
    });
    this.#closeMeter = services.meter?.open((into) => {
      for (const intake of this.#intakes) intake?.addCounts(into);
    }) ?? (() => {});
    // the failure of an attempt that has failed already in another way
    this.#ended.catch(() => undefined);
    this.#client = new RtspClient({
      ...o.client,
      clock: services.clock,
      log: services.log,
      random: () => services.random(),
    }, {
      rtp: (media, bytes) => this.#rtp(media, bytes),
      rtcp: (media, bytes) => this.#rtcp(media, bytes),
      closed: (why, during) => {
        if (during !== undefined) this.#o.hungUp(during);
        this.#end(why);
      },
    });
  }

  async run(): Promise<void> {
    const stop = () => this.#end();
    this.#scope.signal.addEventListener("abort", stop, { once: true });
    try {
      if (this.#scope.closed) return;
      // what ends first ends the attempt: the conversation by failing, the scope, or the connection
      if (await Promise.race([this.#start(), this.#ended.then(() => false)])) {
        this.#tick();
        await this.#ended;
      }
    } finally {
      this.#scope.signal.removeEventListener("abort", stop);
    }
  }

  async close(): Promise<void> {
    this.#end();
    this.#stopTick();
    this.#closeMeter();
    await this.#client.close();
  }

  async #start(): Promise<boolean> {
    const { log } = this.#services;
    const description = await this.#client.describe();
    const { chosen, offered } = chooseMedias(description, this.#o.tracks, (f) => this.#readable(f));
    if (chosen.length === 0) {
      const what = this.#o.tracks === "all"
        ? "none that fogcast reads"
        : `no ${this.#o.tracks} that fogcast reads`;
      throw new Refused(`camera offers ${offered.join(", ").slice(0, 300)}: ${what}`);
    }
    await this.#setUp(description, chosen);
    this.#begun = this.#last = this.#services.clock.mono();
    await this.#play();
    log.info(`plays ${this.#announced} over ${this.#transport}`);
    return true;
  }

  /** Agrees with the camera on the first transport that it takes. */
  async #setUp(description: SessionDescription, chosen: readonly ChosenMedia[]): Promise<void> {
    const { clock, log } = this.#services;
    const { transports } = this.#o;
    const wanted = chosen.map((c) => c.index);
    for (let i = 0;; i++) {
      this.#transport = transports[i] as MediaTransport;
      const timeline = new RtpTimeline(clock.mono(), clock.wall());
      // before SETUP: cameras send before they answer
      chosen.forEach((media, id) => this.#intakes[media.index] = this.#intake(media, id, timeline));
      try {
        const refused = await this.#client.setUp(description, wanted, this.#transport);
        for (const { index, why } of refused) {
          this.#intakes[index] = undefined;
          log.warn(`${description.medias[index]?.type ?? ""} left out: ${why.message}`);
        }
        break;
      } catch (e) {
        const next = transports[i + 1];
        if (next === undefined || !(e instanceof RtspError)) throw e;
        // instead of 461 some say 400 or 500, and some hang up
        const rude = this.#transport !== "tcp" && (e.fault === "closed" || e.fault === "timeout");
        if (rude) throw new TransportFailed(e.message, this.#transport);
        if (e.fault !== "transport" && (e.fault !== "status" || this.#transport === "tcp")) throw e;
        log.info(`${e.message}: trying ${next.toUpperCase()}`);
      }
    }
    const agreed = chosen.filter((c) => this.#intakes[c.index] !== undefined);
    this.#announced = agreed.map((c) => c.formats[0]?.encoding).join(" + ");
    if (agreed.every((c) => c.media.type !== "video")) this.#sink.release();
  }

  async #play(): Promise<void> {
    try {
      await this.#client.play();
    } catch (e) {
      if (e instanceof RtspError && e.fault === "status" && this.#another()) {
        throw new TransportFailed(e.message, this.#transport);
      }
      throw e;
    }
  }

  /** Whether another transport is left that is worth a try when this one is silent. */
  #another(): boolean {
    return this.#transport !== "tcp" && this.#transport !== this.#o.transports.at(-1);
  }

  #readable(format: RtpFormat): boolean {
    const why = refuseFormat(format);
    if (why !== undefined) this.#services.log.debug(why);
    return why === undefined;
  }

  #intake(media: ChosenMedia, id: number, timeline: RtpTimeline): MediaIntake {
    return new MediaIntake(media, (format) => this.#openTrack(format, id, timeline));
  }

  #openTrack(format: RtpFormat, id: number, timeline: RtpTimeline) {
    const { tally, log } = this.#services;
    return openRtpTrack(format, {
      id,
      ordered: this.#transport === "tcp",
      ...(this.#transport === "tcp" ? {} : { reorderMillis: this.#o.reorderMillis }),
      timeline,
      sink: this.#sink,
      tally,
      log,
    });
  }

  #rtp(media: number, bytes: Uint8Array): void {
    const intake = this.#intakes[media];
    if (intake === undefined) return;
    const now = this.#services.clock.mono();
    if (this.#first === undefined) {
      this.#first = now;
      this.#o.arrived(this.#transport);
    }
    this.#last = now;
    intake.receive(bytes, now);
  }

  #rtcp(media: number, bytes: Uint8Array): void {
    const { clock } = this.#services;
    this.#intakes[media]?.receiveRtcp(bytes, clock.mono(), clock.wall());
  }

  #stopTick: () => void = () => {};
  readonly #ticks = new LateTicks();

  #tick(): void {
    const { clock } = this.#services;
    const ordered = this.#transport === "tcp" && this.#first !== undefined;
    const millis = ordered ? TICK_MILLIS_ORDERED : TICK_MILLIS;
    const due = clock.mono() + millis;
    this.#stopTick = clock.after(millis, () => {
      try {
        if (this.#ticks.isLate(due, clock.mono()) || !this.#look(clock.mono())) this.#tick();
      } catch (e) {
        this.#end(e instanceof Error ? e : new Error(String(e)));
      }
    });
  }

  /** Does what is due; true when the attempt has ended. */
  #look(now: MonoMillis): boolean {
    const survey = surveyMedias(this.#intakes, now, (media, report) => this.#client.sendRtcp(media, report));
    // Announced, and not sent: the sound is all there is.
    if (!survey.video && this.#first !== undefined && now - this.#first > PICTURELESS_MILLIS) {
      this.#sink.release();
    }
    const why = this.#trouble(now, survey);
    if (why !== undefined) this.#end(why);
    else if (survey.ended) this.#end();
    else return false;
    return true;
  }

  #trouble(now: MonoMillis, survey: Survey): Error | undefined {
    const first = this.#first;
    const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
    if (first === undefined) {
      const limit = this.#another() ? this.#o.firstMillis : this.#o.silenceMillis;
      if (now - this.#begun < limit) return undefined;
      const over = this.#transport.toUpperCase();
      const text = `camera announces ${this.#announced} and sends nothing over ${over} for ${seconds(limit)}`;
      return new TransportFailed(text, this.#transport);
    }
    if (now - this.#last > this.#o.silenceMillis) {
      return new Error(`camera is silent for ${seconds(this.#o.silenceMillis)}`);
    }
    return senseless(survey, now - first, "camera");
  }
}
