import type { OutputDescriptor } from "../../../config/option.ts";
import { LIST_LIMIT } from "../segments/list_limit.ts";
import { HLS_CODECS } from "../segments/playable.ts";

/** MPEG-DASH to everything that lists or documents outputs. */
export const DASH_OUTPUT: OutputDescriptor = {
  name: "dash",
  urls: ["/cmaf/NAME/index.mpd", "/dash/NAME/index.mpd"],
  help: "MPEG-DASH with low latency, over the fragments of HLS",
  codecs: HLS_CODECS,
  options: [
    {
      name: "nonchunked",
      type: { kind: "boolean" },
      default: false,
      help: "Complete segments only (?nonchunked=1) instead of segments that are sent as they grow",
    },
    {
      name: "bytime",
      type: { kind: "boolean" },
      default: false,
      help: "Segments are addressed by time instead of by number",
    },
    {
      name: "timeline",
      type: { kind: "boolean" },
      default: true,
      help: "Every segment is listed; ?timeline=0 says one length for all, for GStreamer up to 1.22",
    },
    LIST_LIMIT,
  ],
  sources: [{ type: "dash/video/mp4", name: "DASH", path: "cmaf/NAME/index.mpd", priority: 8 }],
};
