import type { Track } from "../../media/track.ts";
import type { MuxFrame } from "./live_muxer.ts";

/** How long a cue is shown that does not say it, ms. */
export const CUE_MILLIS = 4000;

/** When a cue is shown, ms since the reader's start. */
export interface CueTimes {
  readonly start: number;
  readonly end: number;
}

/** Times of a timed text. */
export function cueTimes(track: Track, frame: MuxFrame): CueTimes {
  const scale = 1000 / track.timescale;
  const start = Math.max(0, Math.round((frame.dts + frame.ptsOffset) * scale));
  return {
    start,
    end: start + (frame.duration > 0 ? Math.max(1, Math.round(frame.duration * scale)) : CUE_MILLIS),
  };
}

/** `HH:MM:SS` and three places behind `point`; hours grow beyond two digits. */
export function printCueTime(millis: number, point: "." | ","): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  const seconds = Math.floor(millis / 1000);
  const rest = String(millis % 1000).padStart(3, "0");
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${point}${rest}`;
}

/** The text of a frame, which is UTF-8; what is not becomes U+FFFD. */
export function textOf(frame: MuxFrame): string {
  // A copy: runtimes refuse to decode text from shared memory.
  return new TextDecoder().decode(frame.data.slice());
}

/** Lines of a cue: blank ones would end it early. */
export function cueLines(text: string): string {
  return text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "").join("\n");
}
