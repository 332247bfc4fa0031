import type { OutputDescriptor } from "../../../config/option.ts";
import { LIST_LIMIT } from "../segments/list_limit.ts";
import { HLS_CODECS, TS_CODECS } from "../segments/playable.ts";

/** HLS to everything that lists or documents outputs. */
export const HLS_OUTPUT: OutputDescriptor = {
  name: "hls",
  urls: ["/hls/NAME/index.m3u8", "/hls/NAME/VIDEO_AUDIO/index.m3u8", "/cmaf/NAME/index.m3u8"],
  help: "HLS and low-latency HLS over fragmented MP4 (G.711 and L16 go out as FLAC) or MPEG-TS, with ID3",
  codecs: HLS_CODECS,
  options: [
    {
      name: "container",
      type: { kind: "choice", values: ["mp4", "ts"] },
      default: "mp4",
      help:
        "Fragmented MP4, or MPEG-TS with video and audio in one file; VIDEO_AUDIO (track numbers) is MPEG-TS",
    },
    {
      name: "muxed",
      type: { kind: "boolean" },
      default: false,
      help: "Video and audio in one playlist (?muxed=1) instead of audio as a rendition of its own",
    },
    {
      name: "llhls",
      type: { kind: "boolean" },
      default: true,
      help: "Parts and blocking reload; ?llhls=0 gives plain HLS",
    },
    LIST_LIMIT,
  ],
  sources: [
    {
      type: "html5/application/vnd.apple.mpegurl;version=7",
      name: "HLS (CMAF)",
      path: "hls/NAME/index.m3u8",
      priority: 9,
    },
    {
      type: "html5/application/vnd.apple.mpegurl",
      name: "HLS (TS)",
      path: "hls/NAME/index.m3u8?container=ts",
      priority: 8,
      codecs: TS_CODECS,
    },
  ],
};
