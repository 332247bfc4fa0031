import type { StreamMicros, WallMillis } from "../base/units.ts";
import type { FrameInfo } from "../media/frame.ts";
import type { Track } from "../media/track.ts";

/** Where a source puts what it received. Tests pass arrays; the ingest worker passes `buffer/`'s writer. */
export interface FrameSink {
  /**
   * Announces a track. Times of its frames count from the start of this session (0 is about the first frame received
   * of any track); the sink moves them behind what an earlier session of the stream left. `track.id` is the number of
   * the track in this session, from 0.
   */
  addTrack(track: Track): Promise<TrackSink>;
  /** Says what wall-clock time a session time had at the sender (RTCP sender reports) or at arrival. */
  wallClock(at: StreamMicros, wall: WallMillis): void;
}

export interface TrackSink {
  /** New parameters (resolution, parameter sets), valid from the next frame on. */
  update(track: Track): void;
  /** Takes one canonical frame; copies the bytes before it returns. */
  write(info: FrameInfo, data: Uint8Array): void;
}
