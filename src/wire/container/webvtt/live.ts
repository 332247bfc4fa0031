// W3C WebVTT, 4: cues of captions, or of JSON as metadata.
import type { Track } from "../../../media/track.ts";
import { cueLines, cueTimes, printCueTime, textOf } from "../cue_times.ts";
import type { ContainerFormat } from "../live_muxer.ts";
import { refuseAllBut } from "../single_track.ts";
import { TextMuxer } from "../text_muxer.ts";

const CODECS = ["subtitle", "json"] as const;

/** One cue with the blank line behind it. A text may not hold an arrow: it would be taken for times. */
export function printVttCue(start: number, end: number, text: string): string {
  const lines = cueLines(text).replaceAll("-->", "--&gt;");
  return lines === "" ? "" : `${printCueTime(start, ".")} --> ${printCueTime(end, ".")}\n${lines}\n\n`;
}

export const WEBVTT_FORMAT: ContainerFormat = {
  name: "webvtt",
  codecs: CODECS,
  joinable: true,
  mimeType: () => "text/vtt; charset=utf-8",
  refuse: (tracks) => refuseAllBut(tracks, CODECS, "WebVTT"),
  open(tracks) {
    const track = tracks[0] as Track;
    return new TextMuxer("WEBVTT\n\n", (frame) => {
      const { start, end } = cueTimes(track, frame);
      return printVttCue(start, end, textOf(frame));
    });
  },
};
