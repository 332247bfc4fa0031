import type { Ticks } from "../base/units.ts";

/**
 * Everything about one frame but its bytes. Bytes are canonical:
 *
 * - H.264/H.265: NAL units with 4-byte length prefixes, no AUD, no parameter sets (they are the track's config)
 * - AV1: one temporal unit, OBUs with size fields, without temporal delimiters
 * - VP8/VP9: one frame; AAC: one raw access unit; Opus: one packet; MP3, AC-3, FLAC: one frame
 * - G.711, L16: the samples of one packet; JPEG: one whole JFIF image; data: one document
 */
export interface FrameInfo {
  /** Decoding time; grows by at least 1 from frame to frame of a track. */
  readonly dts: Ticks;
  /** Presentation time less decoding time; 0 but for reordered video. */
  readonly ptsOffset: number;
  /** Length in ticks: exact for audio, else the best estimate at the time of writing. */
  readonly duration: number;
  /** A decoder may start here. */
  readonly key: boolean;
  /** Time does not go on from the frame before: the source began anew or its clock jumped. Mere loss is no discontinuity. */
  readonly discontinuity: boolean;
}
