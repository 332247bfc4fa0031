import type { OutputDescriptor } from "../../../config/option.ts";
import { HLS_CODECS } from "../segments/playable.ts";

/** HLS to everything that lists or documents outputs. */
export const HLS_OUTPUT: OutputDescriptor = {
  name: "hls",
  urls: ["/hls/NAME/index.m3u8"],
  help: "HLS and low-latency HLS over fragmented MP4; G.711 and L16 go out as FLAC",
  codecs: HLS_CODECS,
  options: [
    {
      name: "muxed",
      type: { kind: "boolean" },
      default: false,
      help: "Video and audio in one playlist (?muxed=1) instead of audio as a rendition of its own",
    },
  ],
  sources: [{
    type: "html5/application/vnd.apple.mpegurl;version=7",
    name: "HLS (CMAF)",
    path: "hls/NAME/index.m3u8",
    priority: 9,
  }],
};
