import type { Scope } from "../../base/scope.ts";
import { type MonoMillis, monoMillis } from "../../base/units.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import type { ReceivableMedia } from "../../wire/protocol/sdp/receivable.ts";
import type { FrameSink } from "../frame_sink.ts";
import { openRtpTrack } from "../rtp/rtp_track.ts";
import { RtpTimeline } from "../rtp/timeline.ts";
import { MediaIntake } from "../rtsp/media_intake.ts";
import { type IngestServices, Refused } from "../source.ts";
import { VideoFirst } from "../video_first.ts";
import { MediaReceiver } from "./media_receiver.ts";

/** How often reorder windows, reports and silence are looked at, milliseconds. */
const TICK_MILLIS = 100;
/** Data without one frame for so long is not a stream. */
const FRAMELESS_MILLIS = 90_000;
/** How long an announced format that we do not read may be all that comes. */
const UNREADABLE_MILLIS = 2000;
/** Sound alone for so long, and no video packet: nothing waits for a picture any more. */
const PICTURELESS_MILLIS = 2000;
/** A sender that said BYE and is silent this long has ended; one whose packets go on never said it itself. */
const BYE_MILLIS = 500;

export interface SdpSessionOptions {
  readonly silenceMillis: number;
  readonly reorderMillis: number;
  /** Interface to join groups on; empty: the routing table's choice. */
  readonly interface: string;
}

/** A section that is to be received, with those of its formats that can be read. */
export interface WantedMedia {
  readonly receivable: ReceivableMedia;
  readonly formats: readonly RtpFormat[];
}

/** What one description tells of, from the opening of its ports to their closing. */
export class SdpSession {
  readonly #o: SdpSessionOptions;
  readonly #sink: VideoFirst;
  readonly #services: IngestServices;
  readonly #receivers: MediaReceiver[];
  readonly #closeMeter: () => void;
  readonly #begun: MonoMillis;
  #first: MonoMillis | undefined;
  #last: MonoMillis;

  constructor(
    medias: readonly WantedMedia[],
    o: SdpSessionOptions,
    sink: FrameSink,
    services: IngestServices,
  ) {
    const { clock, tally, log } = services;
    this.#o = o;
    this.#services = services;
    this.#sink = new VideoFirst(sink, clock);
    if (medias.every((m) => m.receivable.media.type !== "video")) this.#sink.release();
    this.#begun = this.#last = clock.mono();
    const timeline = new RtpTimeline(clock.mono(), clock.wall());
    this.#receivers = medias.map(({ receivable, formats }, id) => {
      const { reorderMillis } = o;
      const chosen = { index: id, media: receivable.media, formats };
      const open = (format: RtpFormat) =>
        openRtpTrack(format, { id, ordered: false, reorderMillis, timeline, sink: this.#sink, tally, log });
      return new MediaReceiver(receivable, new MediaIntake(chosen, open), clock);
    });
    this.#closeMeter = services.meter?.open((into) => {
      for (const { intake } of this.#receivers) intake.addCounts(into);
    }) ?? (() => {});
  }

  /** Receives until the scope closes, the sender says goodbye, or `changed` rejects. */
  async run(scope: Scope, changed: Promise<never>): Promise<void> {
    const { clock } = this.#services;
    for (const receiver of this.#receivers) await receiver.open(this.#o.interface);
    this.#last = monoMillis(Math.max(this.#begun, clock.mono()));
    let cancel = () => {};
    let stop = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        stop = resolve;
        changed.catch(reject);
        const tick = () => {
          try {
            if (this.#look(clock.mono())) return resolve();
          } catch (e) {
            return reject(e);
          }
          cancel = clock.after(TICK_MILLIS, tick);
        };
        cancel = clock.after(TICK_MILLIS, tick);
        scope.signal.addEventListener("abort", stop, { once: true });
        if (scope.closed) resolve();
      });
    } finally {
      cancel();
      scope.signal.removeEventListener("abort", stop);
    }
  }

  close(): void {
    for (const receiver of this.#receivers) receiver.close();
    this.#closeMeter();
  }

  /** Does what is due; true when the sender has ended. */
  #look(now: MonoMillis): boolean {
    let frames = 0;
    let running = false;
    let ended = false;
    let video = false;
    let unreadable: RtpFormat | undefined;
    for (const receiver of this.#receivers) {
      receiver.tick(now);
      const { intake, lastAt } = receiver;
      const { track } = intake;
      frames += track.counters.frames;
      unreadable ??= intake.unreadable;
      if (lastAt === undefined) continue;
      this.#first ??= lastAt;
      this.#last = monoMillis(Math.max(this.#last, lastAt));
      if (intake.video && track.counters.packets > 0) video = true;
      if (track.ended && now - lastAt > BYE_MILLIS) ended = true;
      else running = true;
    }
    if (!video && this.#first !== undefined && now - this.#first > PICTURELESS_MILLIS) this.#sink.release();
    if (ended && !running) return true;
    this.#refuseSilence(now);
    if (frames === 0 && this.#first !== undefined) this.#refuseSenseless(now - this.#first, unreadable);
    return false;
  }

  #refuseSilence(now: MonoMillis): void {
    const { silenceMillis } = this.#o;
    if (now - this.#last <= silenceMillis) return;
    const seconds = Math.round(silenceMillis / 100) / 10;
    throw new Error(this.#first === undefined ? `nothing comes for ${seconds} s` : `silent for ${seconds} s`);
  }

  #refuseSenseless(waited: number, unreadable: RtpFormat | undefined): void {
    if (unreadable !== undefined && waited > UNREADABLE_MILLIS) {
      throw new Refused(
        `sender sends ${unreadable.encoding || "something unnamed"}, which fogcast does not read`,
      );
    }
    if (waited > FRAMELESS_MILLIS) throw new Error(`no whole frame in ${FRAMELESS_MILLIS / 1000} s of data`);
  }
}
