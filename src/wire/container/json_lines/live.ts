// JSON Lines: one JSON text a line, for data of every kind.
import { CODECS, kindOf } from "../../../media/codec.ts";
import type { Codec } from "../../../media/codec.ts";
import type { Track } from "../../../media/track.ts";
import { cueTimes, textOf } from "../cue_times.ts";
import type { ContainerFormat, MuxFrame } from "../live_muxer.ts";
import { TextMuxer } from "../text_muxer.ts";

/** Frames of these are text; those of other data tracks are bytes, told in base64. */
const TEXTS: readonly Codec[] = ["subtitle", "onvif"];

function base64(data: Uint8Array): string {
  let binary = "";
  for (const byte of data) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** JSON on one line: as it is, but for line breaks; what is no JSON becomes a string. */
function jsonLine(text: string): string {
  try {
    JSON.parse(text);
    return text.replaceAll(/[\r\n]+/g, " ").trim();
  } catch (e) {
    if (e instanceof SyntaxError) return JSON.stringify(text);
    throw e;
  }
}

/**
 * One line a frame: JSON frames as they came; others as an object with `time` (ms since the reader's start), `codec` and
 * `text` or `base64`. Of several tracks each line is such an object, JSON under `data`.
 */
function printLine(track: Track, frame: MuxFrame, alone: boolean): string {
  const { codec } = track;
  const data = codec === "json" ? jsonLine(textOf(frame)) : undefined;
  if (data !== undefined && alone) return `${data}\n`;
  const head = `{"time":${cueTimes(track, frame).start},"codec":"${codec}","track":${track.id},`;
  if (data !== undefined) return `${head}"data":${data}}\n`;
  const value = TEXTS.includes(codec)
    ? `"text":${JSON.stringify(textOf(frame))}`
    : `"base64":"${base64(frame.data)}"`;
  return `${head}${value}}\n`;
}

export const JSON_LINES_FORMAT: ContainerFormat = {
  name: "json",
  codecs: (Object.keys(CODECS) as Codec[]).filter((codec) => kindOf(codec) === "data"),
  joinable: true,
  mimeType: () => "application/jsonl; charset=utf-8",
  refuse(tracks) {
    if (tracks.length === 0) return "there is no track";
    const out = tracks.find((t) => t.kind !== "data");
    return out === undefined ? undefined : `${CODECS[out.codec].label} is no data`;
  },
  open(tracks) {
    const alone = tracks.length === 1;
    return new TextMuxer("", (frame) => printLine(tracks[frame.track] as Track, frame, alone));
  },
};
