import { ByteWriter } from "../../../base/bytes.ts";
import type { Track } from "../../../media/track.ts";
import { type Amf0Map, writeAmf0 } from "./amf0.ts";
import { flvPackingOf, TAG_VIDEO } from "./packing.ts";

/** Body of the `onMetaData` tag, Adobe FLV 10.1, E.5, for tracks of a live stream: there is no duration. */
export function encodeOnMetaData(tracks: readonly Track[]): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(256);
  writeAmf0(w, "onMetaData");
  writeAmf0(w, Object.assign({}, ...tracks.map(describe), { encoder: "fogcast" }) as Amf0Map);
  return w.take();
}

function describe(track: Track): Amf0Map {
  const packing = flvPackingOf(track);
  if (packing === undefined) return {};
  if (packing.tag === TAG_VIDEO && track.kind === "video") {
    const { width, height, frameRate } = track;
    return {
      ...(width > 0 ? { width, height } : {}),
      ...(frameRate > 0 ? { framerate: frameRate } : {}),
      videocodecid: packing.codecId,
    };
  }
  if (track.kind !== "audio") return {};
  const { sampleRate, channels } = track;
  return {
    audiocodecid: packing.codecId,
    audiosamplerate: sampleRate,
    audiosamplesize: 16,
    stereo: channels > 1,
  };
}

/** Body of the tag that carries a timed text: `onTextData`, as Flash Media Server names it. */
export function encodeTextData(text: string, language: string): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(64 + text.length * 3);
  writeAmf0(w, "onTextData");
  writeAmf0(w, { type: "Text", text, ...(language === "und" ? {} : { language }) });
  return w.take();
}
