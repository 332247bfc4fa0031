import type { FrameRecord } from "../../../buffer/track_view.ts";
import type { Track } from "../../../media/track.ts";

/** A message as it goes over the socket. Bytes are good until the packager is used again. */
export type Message = string | Uint8Array;

/**
 * Makes messages of frames. One is shared by all viewers of the same tracks in the same configuration: nothing of it
 * belongs to a viewer, and what is sent to one says nothing about what was sent before.
 */
export interface Packager {
  /** RFC 6381 strings of what is sent, track by track. */
  readonly codecs: readonly string[];
  /** What a viewer must have before frames; undefined where nothing. */
  readonly header: Uint8Array | undefined;
  /**
   * Takes a frame of track `n`, counted as the tracks were given. `frame.data` stays readable until {@link end}; the
   * record itself does not.
   */
  add(n: number, frame: FrameRecord): void;
  /** Hands out the messages of what was added since the last call. */
  end(put: (message: Message) => void): void;
  /** Forgets what was added since then. */
  drop(): void;
}

/** A form of sending: which tracks it takes, and how. */
export interface SocketFormat {
  readonly name: "mp4" | "raw" | "json";
  /** As sessions are listed. */
  readonly protocol: string;
  /** What is sent without being asked for. */
  readonly kinds: readonly ("video" | "audio" | "subtitle" | "meta")[];
  /** All tracks of these kinds, not the first of each. */
  readonly several: boolean;
  /** Sends at once, without being told to play, and says nothing about codecs. */
  readonly eager: boolean;
  carries(track: Track): boolean;
  /** Throws nothing for tracks that {@link carries} lets through. */
  open(tracks: readonly Track[]): Packager;
}
