// SubRip text (no specification; as VLC, ffmpeg and MPlayer read it): number, times with a comma, lines, blank line.
import type { Track } from "../../../media/track.ts";
import { cueLines, cueTimes, printCueTime, textOf } from "../cue_times.ts";
import type { ContainerFormat } from "../live_muxer.ts";
import { refuseAllBut } from "../single_track.ts";
import { TextMuxer } from "../text_muxer.ts";

const CODECS = ["subtitle", "json"] as const;

/** One numbered cue with the blank line behind it. */
export function printSrtCue(number: number, start: number, end: number, text: string): string {
  const lines = cueLines(text);
  if (lines === "") return "";
  return `${number}\n${printCueTime(start, ",")} --> ${printCueTime(end, ",")}\n${lines}\n\n`;
}

/** Readers that share a muxer see its numbers, which no program minds. */
export const SUBRIP_FORMAT: ContainerFormat = {
  name: "srt",
  codecs: CODECS,
  joinable: true,
  mimeType: () => "application/x-subrip; charset=utf-8",
  refuse: (tracks) => refuseAllBut(tracks, CODECS, "SubRip"),
  open(tracks) {
    const track = tracks[0] as Track;
    return new TextMuxer("", (frame, number) => {
      const { start, end } = cueTimes(track, frame);
      return printSrtCue(number, start, end, textOf(frame));
    });
  },
};
