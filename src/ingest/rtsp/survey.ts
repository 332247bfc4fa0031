import type { MonoMillis } from "../../base/units.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import { Refused } from "../source.ts";
import type { MediaIntake } from "./media_intake.ts";

/** A sender that said BYE and is silent this long has ended; one whose packets go on never said it itself. */
const BYE_MILLIS = 500;

/** How the medias of a session are. */
export interface Survey {
  /** Frames of all. */
  readonly frames: number;
  /** Video packets have come. */
  readonly video: boolean;
  /** The sender has said goodbye, and nothing more comes of anything. */
  readonly ended: boolean;
  /** A format that comes and cannot be read. */
  readonly unreadable: RtpFormat | undefined;
}

/**
 * Does what is due in all medias of a session, to be called about every 100 ms; `send` gets their reports by index. Holes
 * are medias that were not set up.
 */
export function surveyMedias(
  intakes: readonly (MediaIntake | undefined)[],
  now: MonoMillis,
  send: (media: number, report: Uint8Array) => void,
): Survey {
  let frames = 0;
  let video = false;
  let running = false;
  let goodbye = false;
  let unreadable: RtpFormat | undefined;
  intakes.forEach((intake, media) => {
    if (intake === undefined) return;
    const { track } = intake;
    const report = track.tick(now);
    if (report !== undefined) send(media, report);
    const { packets } = track.counters;
    frames += track.counters.frames;
    unreadable ??= intake.unreadable;
    if (intake.video && packets > 0) video = true;
    if (track.ended && now - track.lastPacketAt > BYE_MILLIS) goodbye = true;
    else if (packets > 0) running = true;
  });
  return { frames, video, ended: goodbye && !running, unreadable };
}

/** Sound alone for so long, and no video packet: nothing waits for a picture any more, milliseconds. */
export const PICTURELESS_MILLIS = 2000;
/** How long an announced format that we do not read may be all that comes, milliseconds. */
const UNREADABLE_MILLIS = 2000;
/** Data without one frame for so long is not a stream; smart codecs space key frames up to a minute apart. */
const FRAMELESS_MILLIS = 90_000;

/** What is wrong with a session whose first packet came `waited` ms ago; `sender`: who sends. */
export function senseless(
  { frames, unreadable }: Survey,
  waited: number,
  sender: "camera" | "sender",
): Error | undefined {
  if (frames > 0) return undefined;
  if (unreadable !== undefined && waited > UNREADABLE_MILLIS) {
    return new Refused(
      `${sender} sends ${unreadable.encoding || "something unnamed"}, which fogcast does not read`,
    );
  }
  return waited > FRAMELESS_MILLIS
    ? new Error(`no whole frame in ${FRAMELESS_MILLIS / 1000} s of data`)
    : undefined;
}
