import type { OutputDescriptor } from "../../../config/option.ts";
import { type Codec, CODECS } from "../../../media/codec.ts";
import { becomesFlac } from "../../../wire/codec/flac/flac_audio.ts";
import { mp4Carries } from "../../../wire/container/mp4/sample_entry.ts";

const ALL = Object.keys(CODECS) as Codec[];
const DATA = ALL.filter((codec) => CODECS[codec].kind === "data");

/** MP4, raw pictures and data over WebSockets to everything that lists or documents outputs. */
export const MP4_SOCKET_OUTPUT: OutputDescriptor = {
  name: "mp4 socket",
  urls: ["ws /NAME.mp4"],
  help: "Fragmented MP4 over a WebSocket, frame by frame, with commands to pause, seek and choose tracks",
  codecs: ALL.filter((codec) => mp4Carries(codec) || becomesFlac(codec)),
  options: [],
  sources: [{ type: "ws/video/mp4", name: "MP4 WebSocket", path: "NAME.mp4", priority: 10, scheme: "ws" }],
};

export const RAW_SOCKET_OUTPUT: OutputDescriptor = {
  name: "raw socket",
  urls: ["ws /NAME.h264", "ws /NAME.h265"],
  help: "H.264 and H.265 as Annex B over a WebSocket, one frame a message",
  codecs: ["h264", "h265"],
  options: [],
  sources: [{ type: "ws/video/raw", name: "Raw WebSocket", path: "NAME.h264", priority: 2, scheme: "ws" }],
};

export const JSON_SOCKET_OUTPUT: OutputDescriptor = {
  name: "json socket",
  urls: ["ws /NAME.json"],
  help: "Data tracks over a WebSocket, one document a message",
  codecs: DATA,
  options: [],
  sources: [{
    type: "html5/text/javascript",
    name: "JSON WebSocket",
    path: "NAME.json",
    priority: 0,
    scheme: "ws",
  }],
};
