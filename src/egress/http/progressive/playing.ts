import type { Clock } from "../../../base/clock.ts";
import type { Tally } from "../../../base/tally.ts";
import type { TrackView } from "../../../buffer/track_view.ts";
import type { SelectableTrack } from "../../../media/select/selectable_track.ts";
import type { ContainerFormat } from "../../../wire/container/live_muxer.ts";
import type { FedTrack } from "../../live/frame_feed.ts";
import { type LiveStream, MORE_TRACKS_MILLIS } from "../../live/live_stream.ts";
import { muxedTrack, type ProgressiveOutput } from "./outputs.ts";
import type { Viewer, ViewerOwner } from "./viewer.ts";

/** What plays a stream to viewers is given. */
export interface Play {
  readonly stream: LiveStream;
  readonly output: ProgressiveOutput;
  /** That of the output, or one made for the viewer. */
  readonly format: ContainerFormat;
  readonly tracks: readonly SelectableTrack[];
  readonly clock: Clock;
  readonly tally: Tally;
}

/** A source that is off and sent nothing for so long is not waited for by those who watch. */
export const SILENT_MILLIS = 60_000;

/** The play's tracks, as frames of them are fed to its muxer. */
export function fedTracks({ stream, output, tracks }: Play): readonly FedTrack[] {
  return tracks.map(({ id }) => ({
    view: stream.tracks.find((t) => t.id === id) as TrackView,
    flac: output.flac === true,
  }));
}

/** The play's tracks, as they go out. */
export function muxedTracks({ output, tracks }: Play) {
  return tracks.map(({ track }) => muxedTrack(output, track));
}

/** Notices that a stream no longer has what is played. */
export class SourceWatch {
  readonly #play: Play;
  readonly #views: readonly TrackView[];
  #session: number;
  #sessionAt = 0;
  #head = -1;
  #headAt: number;

  constructor(play: Play) {
    this.#play = play;
    this.#views = fedTracks(play).map((t) => t.view);
    this.#session = play.stream.stream.session;
    this.#headAt = play.clock.mono();
  }

  /** True when what is played will not go on: its tracks are not the source's any more, or nothing comes. */
  over(now: number): boolean {
    const { live, session } = this.#play.stream.stream;
    let head = 0;
    for (const view of this.#views) head += view.head;
    if (head !== this.#head) {
      this.#head = head;
      this.#headAt = now;
    }
    if (!live && now - this.#headAt > SILENT_MILLIS) return true;
    if (session !== this.#session) {
      this.#session = session;
      this.#sessionAt = now;
    }
    // The tracks of a source that began anew join one after the other.
    return this.#sessionAt > 0 && now - this.#sessionAt > MORE_TRACKS_MILLIS &&
      this.#play.stream.tracks.some((t) => t.session === session) &&
      this.#views.some((t) => t.session !== session);
  }
}

/** What a play does with viewers that are slow: counts them, and says so once a second. */
export function tellSlow({ stream, output, tally }: Play): ViewerOwner["slow"] {
  return (_viewer: Viewer, how) => tally.add(`slow viewer ${how}`, `${stream.name}.${output.extensions[0]}`);
}

/** Says that a container could not take a frame: its viewers begin anew. */
export function tellFailure({ stream, output, tally }: Play, failure: string): void {
  tally.add("frame cannot be sent", `${stream.name}.${output.extensions[0]}: ${failure}`);
}
