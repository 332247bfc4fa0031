import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Tally } from "../../base/tally.ts";
import { type MonoMillis, monoMillis } from "../../base/units.ts";
import type { Publishing } from "../../link/rtsp/served.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import { parseSdp } from "../../wire/protocol/sdp/sdp.ts";
import type { FrameSink } from "../frame_sink.ts";
import type { InputMeter } from "../input_meter.ts";
import { refuseFormat } from "../rtp/readable.ts";
import { openRtpTrack } from "../rtp/rtp_track.ts";
import { RtpTimeline } from "../rtp/timeline.ts";
import { LateTicks } from "../late_ticks.ts";
import { VideoFirst } from "../video_first.ts";
import { type ChosenMedia, namesOf } from "./choose_medias.ts";
import { MediaIntake } from "./media_intake.ts";
import { PICTURELESS_MILLIS, surveyMedias } from "./survey.ts";

/** How often reorder windows, reports and silence are looked at, milliseconds. */
const TICK_MILLIS = 100;
/** The same once frames come, where all packets come in order: nothing waits for it. */
const TICK_MILLIS_ORDERED = 500;
/** A publisher that sends nothing for so long has gone. */
export const PUBLISHER_SILENT_MILLIS = 15_000;

export interface PublicationOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  readonly meter: InputMeter;
  /** Begins a session of the stream. */
  begin(): FrameSink;
  /** Frames come. */
  online(): void;
  /** Called once, when nothing is written any more. */
  stopped(): void;
}

/** Media sections of a description with those formats that can be read, in order; undefined where none can in any. */
export function readAnnounced(sdp: string): ChosenMedia[] | undefined {
  const { medias } = parseSdp(sdp);
  const chosen = medias.map((media, index): ChosenMedia => {
    const formats = media.protocol.includes("SAVP")
      ? []
      : media.formats.filter((format) => refuseFormat(format) === undefined);
    return { index, media, formats };
  });
  return chosen.some(({ formats }) => formats.length > 0) ? chosen : undefined;
}

/** What one RTSP publisher sends, as frames of a stream. */
export class RtspPublication implements Publishing {
  readonly controls: readonly string[];
  readonly #o: PublicationOptions;
  readonly #medias: readonly ChosenMedia[];
  readonly #datagrams = new Map<number, boolean>();
  readonly #intakes: (MediaIntake | undefined)[] = [];
  #sink: VideoFirst | undefined;
  #send: (media: number, packet: Uint8Array) => void = () => {};
  #end: (why: string) => void = () => {};
  #closeMeter: () => void = () => {};
  #cancel: () => void = () => {};
  #begun: MonoMillis = monoMillis(0);
  #last: MonoMillis = monoMillis(0);
  #online = false;
  #stopped = false;
  #dismissed = "";

  /** `medias`: of {@link readAnnounced}. */
  constructor(medias: readonly ChosenMedia[], options: PublicationOptions) {
    this.#medias = medias;
    this.#o = options;
    this.controls = medias.map(({ media }, i) =>
      media.control.replace(/^.*\/(?=[^/]+$)/, "") || `streamid=${i}`
    );
  }

  /** Sections that cannot be read are set up too, and what comes of them is dropped: ffmpeg gives up at a refusal. */
  setUp(media: number, datagrams: boolean): boolean {
    if (this.#medias[media] === undefined) return false;
    this.#datagrams.set(media, datagrams);
    return true;
  }

  begin(o: { rtcp(media: number, packet: Uint8Array): void; end(why: string): void }): void {
    // Dismissed before it recorded: the pages may be another publisher's by now.
    if (this.#stopped) return o.end(this.#dismissed);
    const { clock, tally, log, meter } = this.#o;
    this.#send = (media, packet) => o.rtcp(media, packet);
    this.#end = (why) => o.end(why);
    const sink = new VideoFirst(this.#o.begin(), clock);
    this.#sink = sink;
    const timeline = new RtpTimeline(clock.mono(), clock.wall());
    const wanted = [...this.#datagrams].flatMap(([index, datagrams]) => {
      const media = this.#medias[index];
      return media === undefined ? [] : [{ media, datagrams }];
    });
    const chosen = wanted.filter(({ media }) => media.formats.length > 0);
    for (const { media } of wanted.filter(({ media }) => media.formats.length === 0)) {
      log.warn(`publishes what cannot be read: ${namesOf(media.media).join(", ")}`);
    }
    chosen.sort((a, b) => a.media.index - b.media.index).forEach(({ media, datagrams }, id) => {
      const open = (format: RtpFormat) =>
        openRtpTrack(format, { id, ordered: !datagrams, timeline, sink, tally, log });
      this.#intakes[media.index] = new MediaIntake(media, open);
    });
    if (chosen.every(({ media }) => media.media.type !== "video")) sink.release();
    this.#closeMeter = meter.open((into) => {
      for (const intake of this.#intakes) intake?.addCounts(into);
    });
    this.#begun = this.#last = clock.mono();
    log.info(`publishes ${chosen.map(({ media }) => media.formats[0]?.encoding).join(" + ")}`);
    this.#tick();
  }

  rtp(media: number, packet: Uint8Array): void {
    const intake = this.#intakes[media];
    if (intake === undefined || this.#stopped) return;
    this.#last = this.#o.clock.mono();
    intake.receive(packet, this.#last);
  }

  rtcp(media: number, packet: Uint8Array): void {
    const { clock } = this.#o;
    this.#intakes[media]?.receiveRtcp(packet, clock.mono(), clock.wall());
  }

  /** When something last came. */
  get lastAt(): MonoMillis {
    return this.#last;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancel();
    this.#closeMeter();
    this.#o.stopped();
  }

  /** Ends the conversation from here. */
  dismiss(why: string): void {
    this.#dismissed = why;
    this.#end(why);
    this.stop();
  }

  readonly #ticks = new LateTicks();

  #tick(): void {
    const { clock } = this.#o;
    const ordered = this.#online && ![...this.#datagrams.values()].includes(true);
    const millis = ordered ? TICK_MILLIS_ORDERED : TICK_MILLIS;
    const due = clock.mono() + millis;
    this.#cancel = clock.after(millis, () => {
      if (this.#stopped) return;
      if (!this.#ticks.isLate(due, clock.mono())) this.#look(clock.mono());
      if (!this.#stopped) this.#tick();
    });
  }

  #look(now: MonoMillis): void {
    const { frames, video, ended } = surveyMedias(this.#intakes, now, this.#send);
    if (frames > 0 && !this.#online) {
      this.#online = true;
      this.#o.online();
    }
    if (!video && now - this.#begun > PICTURELESS_MILLIS) this.#sink?.release();
    if (ended) this.dismiss("the publisher said goodbye");
    else if (now - this.#last > PUBLISHER_SILENT_MILLIS) {
      this.dismiss(`the publisher is silent for ${PUBLISHER_SILENT_MILLIS / 1000} s`);
    }
  }
}
