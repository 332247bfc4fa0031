import type { OutputDescriptor } from "../../../config/option.ts";
import { LIST_LIMIT } from "../segments/list_limit.ts";

/** Smooth Streaming to everything that lists or documents outputs. */
export const SMOOTH_OUTPUT: OutputDescriptor = {
  name: "smooth",
  urls: ["/cmaf/NAME/Manifest"],
  help: "Smooth Streaming, live, one segment behind the others",
  codecs: ["h264", "h265", "aac"],
  options: [LIST_LIMIT],
  sources: [{
    type: "html5/application/vnd.ms-sstr+xml",
    name: "Smooth Streaming",
    path: "cmaf/NAME/Manifest",
    priority: 5,
  }],
};
