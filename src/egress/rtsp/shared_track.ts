import { streamMicros, ticks, ticksToMicros, type WallMillis } from "../../base/units.ts";
import type { StreamView } from "../../buffer/stream_view.ts";
import { makeFrameRecord, type TrackView } from "../../buffer/track_view.ts";
import type { Track } from "../../media/track.ts";
import { PacketBatch } from "../../wire/protocol/rtp/packetize/packet_place.ts";
import { TrackSender } from "../../wire/protocol/rtp/packetize/track_sender.ts";
import { trackFormat } from "../../wire/protocol/sdp/track_format.ts";
import type { Feed } from "./feed.ts";

/** Packets that are kept for those who come; a group of pictures that is larger is not begun with. Bytes. */
export const LOG_MAX = 16 * 1024 * 1024;
/** Sound, documents and the like begin with little. */
const FIRST_BYTES = 16 * 1024;
/** Frames that are kept of a stream without video. */
const FRAMES_KEPT = 100;
/** Frames looked through for the one that belongs to a time. */
const BACK_MAX = 4000;

export interface SharedTrackOptions {
  readonly payloadType: number;
  readonly packetMax: number;
  /** No video leads: generations are begun here. */
  readonly alone: boolean;
  /** A number below 2^32. */
  random(): number;
  /** A frame that RTP cannot carry. */
  refused(why: string): void;
}

/**
 * The packets of one track from the newest key frame on, made once for everybody. A new key frame of the stream's
 * leading track begins a new generation; what receivers have not taken by then is gone.
 */
export class SharedTrack {
  readonly view: TrackView;
  readonly track: Track;
  readonly log: PacketBatch;
  readonly feeds = new Set<Feed>();
  generation = 0;
  /** Packets that the generation before had in the end. */
  formerCount = 0;
  /** The first packet is that of a key frame. */
  startsWithKey: boolean;
  readonly #sender: TrackSender;
  readonly #o: SharedTrackOptions;
  readonly #record = makeFrameRecord();
  #version: number;
  #next: number;
  #frames = 0;
  #lastPts = ticks(0);

  /** Throws RangeError for a track that RTP does not carry. `from`: sequence of the first frame. */
  constructor(view: TrackView, from: number, o: SharedTrackOptions) {
    const entry = view.track();
    const format = entry && trackFormat(entry.track, o.payloadType);
    if (entry === undefined || format === undefined) throw new RangeError("RTP does not carry this track");
    this.view = view;
    this.track = entry.track;
    this.#version = entry.version;
    this.#o = o;
    this.#next = from;
    this.startsWithKey = !this.video;
    this.log = new PacketBatch(o.packetMax, this.video ? undefined : FIRST_BYTES);
    this.#sender = new TrackSender(entry.track, format, {
      ssrc: o.random(),
      sequence: o.random() & 0xffff,
      timestampOffset: o.random(),
      packetMax: o.packetMax,
    }, this.log);
  }

  get video(): boolean {
    return this.track.kind === "video";
  }

  /** What receivers' reports name it by, and the clock that they count in. */
  get source(): { readonly ssrc: number; readonly clockRate: number } {
    return { ssrc: this.#sender.ssrc, clockRate: this.#sender.format.clockRate };
  }

  /** Number of the next packet, and timestamp of the last frame. */
  get next(): { readonly sequence: number; readonly timestamp: number } {
    return { sequence: this.#sender.sequence, timestamp: this.#sender.timestamp(this.#lastPts) };
  }

  /** When the next frame is decoded, microseconds of the stream; undefined while there is none. */
  get nextMicros(): number | undefined {
    const got = this.view.peek(this.#next, this.#record);
    if (got === "later") return undefined;
    return got === "lapped" ? -Infinity : ticksToMicros(this.#record.dts, this.track.timescale);
  }

  /** Bytes of the last frame. */
  get frameBytes(): number {
    return this.#record.size;
  }

  /** Begins a new generation. */
  turn(startsWithKey: boolean): void {
    this.formerCount = this.log.count;
    this.generation++;
    this.startsWithKey = startsWithKey || !this.video;
    this.#frames = 0;
    this.log.clear();
  }

  /**
   * Makes the packets of the next frame. "turned": it is a key frame of video and has begun a generation; "changed": the
   * track is not what was described any more.
   */
  frame(): "none" | "frame" | "turned" | "changed" {
    const record = this.#record;
    const got = this.view.read(this.#next, record);
    if (got === "later") return "none";
    if (got === "lapped") {
      // On with the newest key frame, or with the next one.
      this.#next = Math.max(this.view.newestKey, this.#next);
      if (this.#next !== this.view.newestKey) this.#next = this.view.head;
      this.turn(false);
      return "frame";
    }
    this.#next++;
    if (record.configVersion !== this.#version && !this.#update(record.configVersion)) return "changed";
    let turned = false;
    if (this.video ? record.key : this.#o.alone && this.#frames >= FRAMES_KEPT) {
      this.turn(true);
      turned = this.video;
    } else if (this.log.bytes > LOG_MAX) this.turn(false);
    this.#frames++;
    this.#lastPts = ticks(record.dts + record.ptsOffset);
    try {
      this.#sender.frame(record.data, this.#lastPts, record.key);
    } catch (e) {
      if (!(e instanceof RangeError)) throw e;
      this.#o.refused(`${this.track.codec}: ${e.message}`);
    }
    // Overwritten while it was read: what came of it is damaged, and so is all up to the next key frame.
    if (!this.view.intact(this.#next - 1)) this.turn(false);
    return turned ? "turned" : "frame";
  }

  /** A sender report by the stream's own clock. */
  report(stream: StreamView, wall: WallMillis, cname: string): Uint8Array {
    return this.#sender.report(this.#wallOf(stream) ?? wall, this.#lastPts, cname);
  }

  bye(stream: StreamView, wall: WallMillis, cname: string): Uint8Array {
    return this.#sender.bye(this.#wallOf(stream) ?? wall, this.#lastPts, cname);
  }

  #wallOf(stream: StreamView): WallMillis | undefined {
    return stream.wallAt(streamMicros(ticksToMicros(this.#lastPts, this.track.timescale)));
  }

  #update(version: number): boolean {
    const entry = this.view.track(version);
    if (entry === undefined || entry.track.codec !== this.track.codec) return false;
    if (entry.track.timescale !== this.track.timescale) return false;
    this.#version = version;
    try {
      this.#sender.update(entry.track);
    } catch (e) {
      if (!(e instanceof RangeError)) throw e;
      return false;
    }
    return true;
  }
}

/** The frame to begin with: the newest key frame of video, else the first one not before `micros`. */
export function firstFrame(view: TrackView, micros: number | undefined): number {
  if (view.kind === "video") return view.newestKey < 0 ? view.head : view.newestKey;
  const track = view.track()?.track;
  if (micros === undefined || track === undefined) return view.head;
  const record = makeFrameRecord();
  let at = view.head;
  for (let n = 0; n < BACK_MAX && at > view.tail; n++) {
    if (view.peek(at - 1, record) !== "ok") break;
    if (ticksToMicros(record.dts, track.timescale) < micros) break;
    at--;
  }
  return at;
}

/** When a frame is decoded, microseconds of the stream; undefined when it is gone. */
export function frameMicros(view: TrackView, sequence: number): number | undefined {
  const record = makeFrameRecord();
  const track = view.track()?.track;
  if (track === undefined || view.peek(sequence, record) !== "ok") return undefined;
  return ticksToMicros(record.dts, track.timescale);
}
