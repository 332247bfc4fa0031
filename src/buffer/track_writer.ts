import type { MonoMillis, StreamMicros, Ticks } from "../base/units.ts";
import type { TrackKind } from "../media/codec.ts";
import type { FrameInfo } from "../media/frame.ts";
import type { Track } from "../media/track.ts";
import * as at from "./layout.ts";
import { makePartRow } from "./records.ts";
import { lastFrame } from "./seal.ts";
import type { Session } from "./session.ts";
import { makePlacement, type TrackPageWriter } from "./track_page_writer.ts";

/** A segment never gets longer, key frame or not. */
export const SEGMENT_CAP_MICROS = 30e6;
/** Frame lengths beyond this are taken for gaps, microseconds. */
const FRAME_MAX_MICROS = 10e6;
/** What parts are announced longer than they come out at an even frame rate: what uneven ones may take. */
const PART_SLACK = 1.1;
/** The same for a track that follows another one's boundaries. */
const FOLLOWER_SLACK = 1.5;
/** A key frame ends a segment that is this much of its length: the next one may come much too late. */
const SEGMENT_EARLY = 0.85;
/**
 * A part is announced with the length that its last frame is guessed to have. A frame that begins within so much of its
 * length of there is moved there: players place parts by the sum of lengths and take a difference of 1 ms for a break.
 */
const SNAP_MAX = 0.5;
/** Ticks by which rounded times may miss a limit. */
const ROUNDING = 1.5;

/** One track during one session: places its frames in stream time, in segments and in parts. */
export class TrackWriter {
  readonly kind: TrackKind;
  readonly id: number;
  readonly page: TrackPageWriter;
  /** Frames written in this session. */
  frames = 0;
  /** When the last one came; -Infinity before the first. */
  arrivedAt = -Infinity;
  readonly #session: Session;
  readonly #placement = makePlacement();
  /** The open part, or the last one. */
  readonly #part = makePartRow();
  #open = false;
  /** Ticks of media in the open part: less than its span where frames are missing. */
  #media = 0;
  /** The frame in hand begins a segment: this track leads, and has begun one before. */
  #leading = false;
  #track: Track;
  #version: number;
  #scale: number;
  #offset = NaN;
  #lastDts: number;
  /** The last frame's decoding time as it came, before it was moved to the end of a part. */
  #lastGiven = NaN;
  #lastDuration: number;
  /** Where the last part ends that was closed before the frame behind it came, in ticks; NaN when that is known. */
  #announced = NaN;
  /** Where the last frame of the session before ends, in ticks; -Infinity when there is none. */
  readonly #lastEnd: number;
  #changed = false;
  #lost: boolean;
  /** Next boundary to reach, while another track leads. */
  #cursor: number;
  /** The next frame begins the part at `#cursor`, wherever it lies. */
  #owed = false;

  /** `track.id` is the page's. Throws RangeError when the track's configuration is too large. */
  constructor(session: Session, page: TrackPageWriter, track: Track) {
    this.#session = session;
    this.page = page;
    this.kind = track.kind;
    this.id = track.id;
    this.#track = track;
    this.#version = page.setTrack(track);
    this.#scale = track.timescale;
    this.#lost = session.continues && !session.spliced;
    this.#cursor = session.firstBoundary;
    const last = lastFrame(page);
    this.#lastDts = last === undefined ? -Infinity : Math.ceil((last.dts * this.#scale) / last.timescale);
    this.#lastEnd = last === undefined ? -Infinity : Math.round((last.endMicros * this.#scale) / 1e6);
    this.#lastDuration = 0;
    session.join(this);
  }

  /** New parameters from the next frame on. Throws RangeError when they are too large. */
  update(track: Track): void {
    if (this.#session.ended) return;
    const version = this.page.setTrack({ ...track, id: this.id });
    if (version === this.#version) return;
    // A part has one configuration.
    this.#close(NaN);
    this.#version = version;
    this.#track = track;
    this.#changed = true;
    if (track.timescale !== this.#scale) {
      const ratio = track.timescale / this.#scale;
      this.#lastDts = Math.ceil(this.#lastDts * ratio);
      this.#lastDuration = Math.round(this.#lastDuration * ratio);
      this.#offset = NaN;
      this.#lastGiven = NaN;
      this.#announced = NaN;
      this.#scale = track.timescale;
    }
    if (this.#session.leader !== this) this.#session.cutAtKey = true;
    this.#session.page.store(
      at.W_TRACKS_VERSION,
      (this.#session.page.words[at.W_TRACKS_VERSION] as number) + 1,
    );
    this.#session.page.ringParts();
  }

  /** Writes one frame; copies `data`. A frame larger than the ring is counted and left out. */
  write(info: FrameInfo, data: Uint8Array): void {
    const session = this.#session;
    if (session.ended) return;
    if (data.length > this.page.capacity) {
      this.page.count(at.W_REFUSED);
      this.#lost = true;
      return;
    }
    const p = this.#placement;
    const arrival = session.clock.now();
    this.arrivedAt = arrival;
    if (Number.isNaN(this.#offset)) {
      const base = session.baseFor((info.dts / this.#scale) * 1e6, arrival);
      this.#offset = Math.round((base * this.#scale) / 1e6);
    }
    if (session.spliced && this.frames === 0 && !this.#splice(info)) return;
    const given = info.dts + this.#offset;
    p.dts = given;
    p.ptsOffset = info.ptsOffset;
    p.duration = info.duration > 0 ? info.duration : this.#estimate(given);
    if (!info.discontinuity && !this.#lost && !this.#changed) this.#snap();
    if (p.dts <= this.#lastDts) {
      p.ptsOffset += p.dts - this.#lastDts - 1;
      p.dts = this.#lastDts + 1;
      this.page.count(at.W_MOVED);
    }
    if (session.finish?.takes(this, this.#micros(p.dts + p.duration / 2)) === false) return;
    const key = info.key || this.kind !== "video";
    const discontinuity = info.discontinuity || this.#lost;
    p.flags = (key ? at.FRAME_IS_KEY : 0) | (discontinuity ? at.FRAME_IS_DISCONTINUITY : 0);
    p.configVersion = this.#version;
    p.arrival = arrival;
    if (session.leads(this, key, this.#micros(p.dts))) this.#lead(key, discontinuity, data, arrival);
    else this.#followBoundaries(data, arrival);
    this.#lastDts = p.dts;
    this.#lastGiven = given;
    this.#lastDuration = p.duration;
    this.#lost = false;
    this.#changed = false;
    this.frames++;
    session.page.ring();
  }

  /**
   * The first frame behind another writer's last one: false when that has written it. Tracks that the source did not
   * align to the tick in both sessions are moved to fit.
   */
  #splice(info: FrameInfo): boolean {
    const length = info.duration > 0 ? info.duration : this.#estimate(this.#lastEnd);
    const off = info.dts + this.#offset - this.#lastEnd;
    if (off < -length / 2) return false;
    if (Math.abs(off) < length) this.#offset -= off;
    return true;
  }

  #micros(ticks: number): number {
    return (ticks / this.#scale) * 1e6;
  }

  /** Length of a frame whose source does not say: as that of the one before it, else by the nominal rate. */
  #estimate(dts: number): number {
    const before = this.frames > 0 ? dts - this.#lastGiven : 0;
    if (before > 1 && this.#micros(before) < FRAME_MAX_MICROS) return before;
    if (this.#lastDuration > 0) return this.#lastDuration;
    const rate = this.#track.kind === "video" && this.#track.frameRate > 0 ? this.#track.frameRate : 25;
    return Math.max(1, Math.round(this.#scale / rate));
  }

  /** Moves a frame that follows a part to the end that the part was announced with. */
  #snap(): void {
    const p = this.#placement;
    const off = p.dts - this.#announced;
    if (!(Math.abs(off) <= p.duration * SNAP_MAX)) return;
    p.dts = this.#announced;
    // Pictures that wait to be shown anyway are shown when they were to be.
    if (p.ptsOffset > 0) p.ptsOffset = Math.max(0, p.ptsOffset + off);
  }

  #put(data: Uint8Array): void {
    const window = this.#session.settings.windowMillis / 1000;
    this.page.write(this.#placement, data, this.#placement.dts - window * this.#scale);
  }

  /** A frame of the leading track: it may begin a segment or a part, and shows where. */
  #lead(key: boolean, discontinuity: boolean, data: Uint8Array, arrival: MonoMillis): void {
    const session = this.#session;
    const p = this.#placement;
    // Half a frame of grace: as many frames a part whether the camera's clock is even or not.
    const partTicks = ((session.partMicros * this.#scale) / 1e6) + p.duration / 2 + ROUNDING;
    if (this.frames === 0) this.#announceParts();
    const start = this.#micros(p.dts);
    const broken = discontinuity || this.#changed;
    const lastEnd = this.#micros(this.#lastDts + this.#lastDuration);
    const cut = !this.#leading || broken || this.#mayCut(key, start);
    if (cut && this.#leading && session.finish !== undefined) {
      this.#close(broken ? NaN : p.dts);
      session.page.closeSegment((broken ? lastEnd : start) as StreamMicros);
      return session.finish.stop(this, start, data);
    }
    if (cut) {
      this.#close(broken ? NaN : p.dts);
      this.page.closeSegments(session.page.nextMsn - 1);
      this.#begin(session.page.nextMsn, 0, key, discontinuity);
      p.flags |= at.FRAME_STARTS_SEGMENT;
    } else {
      if (this.#open && p.dts + p.duration - this.#part.startDts > partTicks) this.#close(p.dts);
      if (!this.#open) this.#begin(this.#part.msn, this.#part.part + 1, key, discontinuity);
    }
    this.#add(data.length);
    const ends = p.dts + 2 * p.duration - this.#part.startDts > partTicks;
    if (ends) p.flags |= at.FRAME_ENDS_PART;
    this.#put(data);
    if (cut) {
      this.#leading = true;
      session.beginSegment(start, broken && this.frames > 0 ? lastEnd : start, discontinuity, this.#changed);
    } else if ((p.flags & at.FRAME_STARTS_PART) !== 0) {
      session.page.addBoundary(this.#part.msn, this.#part.part, start as StreamMicros);
      session.giveUpSilence();
    }
    if (ends) {
      this.#lastDts = p.dts;
      this.#lastDuration = p.duration;
      this.#close(NaN, arrival);
    }
  }

  /** The part target is known from the first frame on, so that it changes as little as may be. */
  #announceParts(): void {
    const session = this.#session;
    const frame = this.#micros(this.#placement.duration);
    session.partLength = Math.max(1, Math.round(session.partMicros / frame)) * frame;
    session.page.raise(at.W_PART_TARGET, Math.round(session.partLength * PART_SLACK));
  }

  #mayCut(key: boolean, start: number): boolean {
    const session = this.#session;
    const elapsed = start - session.page.segmentStart;
    if (elapsed >= SEGMENT_CAP_MICROS) return true;
    return key && (session.cutAtKey || elapsed >= session.segmentMicros * SEGMENT_EARLY);
  }

  /** A frame of another track: it begins a part when it has reached a boundary of the leading one. */
  #followBoundaries(data: Uint8Array, arrival: MonoMillis): void {
    const p = this.#placement;
    const bounds = this.#session.page;
    const length = this.#micros(p.duration);
    const middle = this.#micros(p.dts) + length / 2;
    const closed = this.page.closedMsn;
    if (this.#cursor < bounds.boundaryTail) this.#cursor = bounds.boundaryTail;
    const before = this.#cursor;
    // The part closed early because this frame was expected behind the boundary.
    if (this.#owed) this.#cursor++;
    this.#owed = false;
    while (
      this.#cursor < bounds.boundaryHead &&
      (bounds.boundaryStart(this.#cursor) <= middle || bounds.boundaryMsn(this.#cursor) <= closed)
    ) this.#cursor++;
    const reached = this.#cursor - 1;
    if (this.#cursor > before && reached >= this.#session.firstBoundary) {
      this.#close(p.dts);
      const msn = bounds.boundaryMsn(reached);
      this.page.closeSegments(msn - 1);
      if (msn > closed) {
        const key = (p.flags & at.FRAME_IS_KEY) !== 0;
        this.#begin(msn, bounds.boundaryPart(reached), key, (p.flags & at.FRAME_IS_DISCONTINUITY) !== 0);
        if (bounds.boundaryPart(reached) === 0) p.flags |= at.FRAME_STARTS_SEGMENT;
      }
    }
    if (this.frames === 0 && this.kind === "audio") {
      // Cut at the next of its frames: up to one more than fit.
      const most = (Math.floor(this.#session.partLength / length) + 1) * length;
      bounds.raise(at.W_PART_TARGET, Math.round(most));
    }
    if (!this.#open) {
      p.msn = -1;
      p.part = -1;
      this.#put(data);
      return;
    }
    this.#add(data.length);
    const ends = this.#cursor < bounds.boundaryHead && middle + length >= bounds.boundaryStart(this.#cursor);
    if (ends) p.flags |= at.FRAME_ENDS_PART;
    this.#put(data);
    if (!ends) return;
    this.#owed = true;
    this.#lastDts = p.dts;
    this.#lastDuration = p.duration;
    this.#close(NaN, arrival);
    this.page.closeSegments(bounds.boundaryMsn(this.#cursor) - 1);
  }

  #begin(msn: number, part: number, independent: boolean, discontinuity: boolean): void {
    const row = this.#part;
    row.msn = msn;
    row.part = part;
    row.first = this.page.head;
    row.count = 0;
    row.bytes = 0;
    this.#media = 0;
    row.startDts = this.#placement.dts as Ticks;
    row.independent = independent;
    row.discontinuity = discontinuity;
    row.configVersion = this.#version;
    this.#placement.flags |= at.FRAME_STARTS_PART;
    this.#open = true;
  }

  #add(size: number): void {
    this.#placement.msn = this.#part.msn;
    this.#placement.part = this.#part.part;
    this.#part.count++;
    this.#part.bytes += size;
    this.#media += this.#placement.duration;
  }

  /**
   * Closes the open part. `next` is the decoding time of the frame that follows without a break, NaN when there is none
   * or not yet; a gap longer than parts may be is not counted to the part: one hole in a camera's sound would make the
   * part target longer, and all viewers later, for as long as the stream lives.
   */
  #close(next: number, now = this.#session.clock.now()): void {
    if (!this.#open) return;
    this.#open = false;
    const row = this.#part;
    const page = this.#session.page;
    const target = page.words[at.W_PART_TARGET] as number;
    row.durationTicks = this.#lastDts + this.#lastDuration - row.startDts;
    if (this.#micros(row.durationTicks) > target) {
      row.durationTicks = Math.min(row.durationTicks, this.#media);
    }
    const whole = next - row.startDts;
    if (this.#micros(whole) <= target) row.durationTicks = whole;
    this.#announced = Number.isNaN(next) ? row.startDts + row.durationTicks : NaN;
    row.closedAt = now;
    if (this.kind !== "data") {
      const length = this.#micros(row.durationTicks);
      // One hiccup of the leading track lengthens a part of the others: no reason to be later for ever.
      const most = this.#session.leader === this ? Infinity : this.#session.partLength * FOLLOWER_SLACK;
      page.raise(at.W_PART_TARGET, Math.ceil(Math.min(length, most) - 0.001));
    }
    this.page.writePart(row);
    page.ringParts();
  }

  /** Another track leads from now on, or this one begins to: its open part ends. */
  follow(): void {
    this.#close(NaN);
    if (this.#leading) this.#cursor = this.#session.page.boundaryHead;
    this.#owed = false;
    this.#leading = false;
  }

  /** Gives up segments up to `msn`, so that a silent track holds nobody up. */
  catchUp(msn: number): void {
    if (this.#open && this.#part.msn <= msn) this.#close(NaN);
  }
}
