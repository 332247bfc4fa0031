import type { Scope } from "../../base/scope.ts";
import { type MonoMillis, monoMillis } from "../../base/units.ts";
import { RtspClient, type RtspClientOptions } from "../../link/rtsp/client.ts";
import type { KeepAliveMethod } from "../../link/rtsp/keep_alive.ts";
import { RtspError } from "../../link/rtsp/rtsp_error.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import type { FrameSink } from "../frame_sink.ts";
import { RtpTimeline } from "../rtp/timeline.ts";
import { openRtpTrack } from "../rtp/rtp_track.ts";
import { UnsupportedFormat } from "../rtp/unsupported_format.ts";
import { type IngestServices, Refused } from "../source.ts";
import { chooseMedias, type ChosenMedia, type WantedTracks } from "./choose_medias.ts";
import { MediaIntake } from "./media_intake.ts";

/** How often reorder windows, reports and silence are looked at, milliseconds. */
const TICK_MILLIS = 100;
/** Data without one frame for so long is not a stream; smart codecs space key frames up to a minute apart. */
export const FRAMELESS_MILLIS = 90_000;
/** How long an announced format that we do not read may be all that comes. */
const UNREADABLE_MILLIS = 2000;
/** A sender that said BYE and is silent this long has ended. */
const BYE_MILLIS = 500;

export interface AttemptOptions {
  readonly client: Omit<RtspClientOptions, "clock" | "log" | "random">;
  readonly tracks: WantedTracks;
  readonly reorderMillis: number;
  /** Longest wait for the first packet. */
  readonly firstMillis: number;
  /** Longest silence after it. */
  readonly silenceMillis: number;
  /** Called at the first packet. */
  readonly arrived: () => void;
  /** Called when the camera hung up on a keep-alive. */
  readonly hungUp: (during: KeepAliveMethod) => void;
}

/** Nothing came within `firstMillis`: another transport may do better. */
export class NothingArrived extends RtspError {}

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
  readonly #sink: FrameSink;
  readonly #services: IngestServices;
  readonly #client: RtspClient;
  /** By media index of the description; holes where none was set up. */
  readonly #intakes: (MediaIntake | undefined)[] = [];
  readonly #ended: Promise<void>;
  #end: (why?: Error) => void = () => {};
  #announced = "";
  #begun: MonoMillis = monoMillis(0);
  #first: MonoMillis | undefined;
  #last: MonoMillis = monoMillis(0);

  constructor(scope: Scope, o: AttemptOptions, sink: FrameSink, services: IngestServices) {
    this.#o = o;
    this.#scope = scope;
    this.#sink = sink;
    this.#services = services;
    this.#ended = new Promise((resolve, reject) => {
      this.#end = (why) => why === undefined ? resolve() : reject(why);
    });
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
    const { clock } = this.#services;
    const timeline = new RtpTimeline(clock.mono(), clock.wall());
    // before SETUP: cameras send before they answer
    chosen.forEach((media, id) => this.#intakes[media.index] = this.#intake(media, id, timeline));
    const refused = await this.#client.setUp(description, chosen.map((c) => c.index));
    for (const { index, why } of refused) {
      this.#intakes[index] = undefined;
      log.warn(`${description.medias[index]?.type ?? ""} left out: ${why.message}`);
    }
    this.#announced = chosen.filter((c) => this.#intakes[c.index] !== undefined)
      .map((c) => c.formats[0]?.encoding).join(" + ");
    this.#begun = this.#last = clock.mono();
    await this.#client.play();
    log.info(`plays ${this.#announced} over ${this.#o.client.transport}`);
    return true;
  }

  #readable(format: RtpFormat): boolean {
    try {
      this.#openTrack(format, 0, new RtpTimeline(this.#services.clock.mono()));
      return true;
    } catch (e) {
      if (!(e instanceof UnsupportedFormat)) throw e;
      this.#services.log.debug(e.message);
      return false;
    }
  }

  #intake(media: ChosenMedia, id: number, timeline: RtpTimeline): MediaIntake {
    return new MediaIntake(media, (format) => this.#openTrack(format, id, timeline));
  }

  #openTrack(format: RtpFormat, id: number, timeline: RtpTimeline) {
    const { tally, log } = this.#services;
    return openRtpTrack(format, {
      id,
      ordered: this.#o.client.transport === "tcp",
      ...(this.#o.client.transport === "tcp" ? {} : { reorderMillis: this.#o.reorderMillis }),
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
      this.#o.arrived();
    }
    this.#last = now;
    intake.receive(bytes, now);
  }

  #rtcp(media: number, bytes: Uint8Array): void {
    const { clock } = this.#services;
    this.#intakes[media]?.receiveRtcp(bytes, clock.mono(), clock.wall());
  }

  #stopTick: () => void = () => {};

  #tick(): void {
    const { clock } = this.#services;
    this.#stopTick = clock.after(TICK_MILLIS, () => {
      try {
        if (!this.#look(clock.mono())) this.#tick();
      } catch (e) {
        this.#end(e instanceof Error ? e : new Error(String(e)));
      }
    });
  }

  /** Does what is due; true when the attempt has ended. */
  #look(now: MonoMillis): boolean {
    let frames = 0;
    let unreadable: RtpFormat | undefined;
    let running = false;
    let ended = false;
    this.#intakes.forEach((intake, media) => {
      if (intake === undefined) return;
      const report = intake.track.tick(now);
      if (report !== undefined) this.#client.sendRtcp(media, report);
      frames += intake.track.counters.frames;
      unreadable ??= intake.unreadable;
      if (intake.track.ended && now - intake.track.lastPacketAt > BYE_MILLIS) ended = true;
      else if (intake.track.counters.packets > 0) running = true;
    });
    const why = this.#trouble(now, frames, unreadable);
    if (why !== undefined) this.#end(why);
    else if (ended && !running) this.#end();
    else return false;
    return true;
  }

  #trouble(now: MonoMillis, frames: number, unreadable: RtpFormat | undefined): Error | undefined {
    const first = this.#first;
    const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
    if (first === undefined) {
      if (now - this.#begun < this.#o.firstMillis) return undefined;
      const over = this.#o.client.transport.toUpperCase();
      const text = `camera announces ${this.#announced} and sends nothing over ${over} for ` +
        seconds(this.#o.firstMillis);
      return new NothingArrived(text, "transport");
    }
    if (now - this.#last > this.#o.silenceMillis) {
      return new Error(`camera is silent for ${seconds(this.#o.silenceMillis)}`);
    }
    if (frames > 0) return undefined;
    if (unreadable !== undefined && now - first > UNREADABLE_MILLIS) {
      return new Refused(
        `camera sends ${unreadable.encoding || "something unnamed"}, which fogcast does not read`,
      );
    }
    if (now - first > FRAMELESS_MILLIS) {
      return new Error(`no whole frame in ${seconds(FRAMELESS_MILLIS)} of data`);
    }
    return undefined;
  }
}
