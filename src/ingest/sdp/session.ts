import type { Scope } from "../../base/scope.ts";
import type { MonoMillis } from "../../base/units.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import type { ReceivableMedia } from "../../wire/protocol/sdp/receivable.ts";
import { Arrivals } from "../arrivals.ts";
import type { FrameSink } from "../frame_sink.ts";
import { openRtpTrack } from "../rtp/rtp_track.ts";
import { RtpTimeline } from "../rtp/timeline.ts";
import { MediaIntake } from "../rtsp/media_intake.ts";
import { PICTURELESS_MILLIS, senseless, surveyMedias } from "../rtsp/survey.ts";
import type { IngestServices } from "../source.ts";
import { tickUntil } from "../tick_until.ts";
import { VideoFirst } from "../video_first.ts";
import { MediaReceiver } from "./media_receiver.ts";

export interface SdpSessionOptions {
  readonly silenceMillis: number;
  readonly reorderMillis: number;
  /** Interface to join groups on; empty: the routing table's choice. */
  readonly interface: string;
  /** Throws when the description is not valid any more. */
  readonly valid: () => void;
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
  readonly #intakes: MediaIntake[];
  readonly #closeMeter: () => void;
  readonly #arrivals: Arrivals;

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
    this.#arrivals = new Arrivals(clock.mono(), o.silenceMillis, services);
    const timeline = new RtpTimeline(clock.mono(), clock.wall());
    this.#receivers = medias.map(({ receivable, formats }, id) => {
      const { reorderMillis } = o;
      const chosen = { index: id, media: receivable.media, formats };
      const open = (format: RtpFormat) =>
        openRtpTrack(format, { id, ordered: false, reorderMillis, timeline, sink: this.#sink, tally, log });
      return new MediaReceiver(receivable, new MediaIntake(chosen, open), clock);
    });
    this.#intakes = this.#receivers.map(({ intake }) => intake);
    this.#closeMeter = services.meter?.open((into) => {
      for (const intake of this.#intakes) intake.addCounts(into);
    }) ?? (() => {});
  }

  /** Receives until the scope closes or the sender says goodbye. */
  async run(scope: Scope): Promise<void> {
    const { clock } = this.#services;
    for (const receiver of this.#receivers) await receiver.open(this.#o.interface);
    this.#arrivals.begin(clock.mono());
    await tickUntil(scope, clock, (now) => this.#look(now));
  }

  close(): void {
    for (const receiver of this.#receivers) receiver.close();
    this.#closeMeter();
  }

  /** Does what is due; true when the sender has ended. */
  #look(now: MonoMillis): boolean {
    const survey = surveyMedias(
      this.#intakes,
      now,
      (media, report) => this.#receivers[media]?.report(report),
    );
    for (const { lastAt } of this.#receivers) if (lastAt !== undefined) this.#arrivals.came(lastAt);
    const { first } = this.#arrivals;
    if (!survey.video && first !== undefined && now - first > PICTURELESS_MILLIS) this.#sink.release();
    if (survey.ended) return true;
    this.#o.valid();
    this.#arrivals.look(now, () => this.#receivers.flatMap(({ receivers }) => receivers));
    const why = first === undefined ? undefined : senseless(survey, now - first, "sender");
    if (why !== undefined) throw why;
    return false;
  }
}
