import { makePartRow, type PartRow, type TrackView } from "../../../buffer/track_view.ts";
import type { AudioTrack } from "../../../media/track.ts";
import { type SilentFrame, silentFrame } from "../../../wire/codec/silent_frame.ts";

/** A part of a track in which it had nothing to say, in its ticks. */
export interface SilentSpan {
  readonly start: number;
  readonly length: number;
  /** The configuration that is silent. */
  readonly track: AudioTrack;
  /** What is repeated; its last one lasts until the end. */
  readonly frame: SilentFrame;
}

interface UsualPart {
  readonly start: number;
  readonly end: number;
  readonly track: AudioTrack;
  readonly frame: SilentFrame;
}

/**
 * Silence for the parts that a sound track leaves out: browsers stop the picture where a track has nothing, and wait for
 * it however long that takes. Where it lies depends on what the buffer has closed only: all workers have the same.
 */
export class Silence {
  readonly #view: TrackView;
  readonly #leading: () => TrackView | undefined;
  readonly #row = makePartRow();
  readonly #own = makePartRow();
  #frame: { readonly track: AudioTrack; readonly frame: SilentFrame | undefined } | undefined;

  constructor(view: TrackView, leading: () => TrackView | undefined) {
    this.#view = view;
    this.#leading = leading;
  }

  /**
   * What fills a part that the track does not have and will not have; undefined for one that it has, where there was no
   * sound before, and where the leading track has no such part.
   */
  instead(msn: number, part: number, version: number | undefined): SilentSpan | undefined {
    const usual = this.#usual(msn, part, version);
    if (usual === undefined) return undefined;
    const { track, frame } = usual;
    const start = this.#startOf(msn, part, usual.start);
    const after = this.#view.part(msn, part + 1, this.#own);
    const joins = after !== undefined && Math.abs(after.startDts - usual.end) <= frame.ticks;
    const length = (joins ? after.startDts : usual.end) - start;
    return length < frame.ticks / 2 ? undefined : { start, length, track, frame };
  }

  /** What fills a part that the track has from where it begins until its first frame; undefined where that is nothing. */
  before(msn: number, part: number, { startDts, configVersion }: PartRow): SilentSpan | undefined {
    if (part > 0 && this.#view.part(msn, part - 1, this.#own) !== undefined) return undefined;
    const usual = this.#usual(msn, part, configVersion);
    if (usual === undefined) return undefined;
    const { track, frame } = usual;
    const start = this.#startOf(msn, part, usual.start);
    return startDts - start <= frame.ticks ? undefined : { start, length: startDts - start, track, frame };
  }

  /** Where silence begins in a part that usually begins at `usual`: where the sound of the part before ends, if it has any. */
  #startOf(msn: number, part: number, usual: number): number {
    const heard = this.#heardUntil(msn, part);
    return heard < usual && !this.#heardJustBefore(msn, part) ? usual : heard;
  }

  /** Whether the part before has sound: in the same segment, or at the end of one that this segment continues. */
  #heardJustBefore(msn: number, part: number): boolean {
    if (part > 0) return this.#view.part(msn, part - 1, this.#own) !== undefined;
    const leading = this.#leading();
    const start = leading?.part(msn, 0, this.#row)?.startDts;
    const last = (leading?.partsOf(msn - 1) ?? 0) - 1;
    const before = leading?.part(msn - 1, last, this.#row);
    if (start === undefined || before === undefined) return false;
    const { startDts, durationTicks } = before;
    // After a pause of the stream itself there is nothing to go on with.
    return start - (startDts + durationTicks) < durationTicks &&
      this.#view.part(msn - 1, last, this.#own) !== undefined;
  }

  /**
   * Where the sound before a part ends, by this segment and the one before it: it may have come ahead of the picture, and
   * lie in a part before the one of its time.
   */
  #heardUntil(msn: number, part: number): number {
    for (let segment = msn; segment >= msn - 1; segment--) {
      for (let n = segment === msn ? part : this.#view.partsOf(segment); n-- > 0;) {
        const row = this.#view.part(segment, n, this.#own);
        if (row !== undefined) return row.startDts + row.durationTicks;
      }
    }
    return -Infinity;
  }

  /** Where a part would lie if the track were there all the time. */
  #usual(msn: number, part: number, version: number | undefined): UsualPart | undefined {
    const view = this.#view, leading = this.#leading();
    const track = version === undefined ? undefined : view.track(version)?.track;
    if (track?.kind !== "audio" || view.head === 0 || leading === undefined || leading === view) {
      return undefined;
    }
    const row = leading.part(msn, part, this.#row);
    const scale = row === undefined ? undefined : leading.track(row.configVersion)?.track.timescale;
    const frame = this.#frameOf(track);
    if (row === undefined || scale === undefined || frame === undefined) return undefined;
    // Parts that are silent begin at multiples of a frame, so that they follow each other.
    const even = (ticks: number) =>
      Math.ceil(((ticks / scale) * track.timescale) / frame.ticks) * frame.ticks;
    const { startDts, durationTicks } = row;
    return { start: even(startDts), end: even(startDts + durationTicks), track, frame };
  }

  #frameOf(track: AudioTrack): SilentFrame | undefined {
    // G.711 and L16 sample by sample: silence meets the sound around it without a hole.
    if (this.#frame?.track !== track) this.#frame = { track, frame: silentFrame(track) };
    return this.#frame.frame;
  }
}
