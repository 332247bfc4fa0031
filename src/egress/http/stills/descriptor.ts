import type { OutputDescriptor } from "../../../config/option.ts";

/** Stills to everything that lists or documents outputs. */
export const JPEG_OUTPUT: OutputDescriptor = {
  name: "jpeg",
  urls: ["/NAME.jpg", "/NAME.jpeg"],
  help: "The newest picture of a Motion JPEG track",
  codecs: ["jpeg"],
  options: [],
  sources: [{ type: "html5/image/jpeg", name: "JPEG image", path: "NAME.jpg", priority: 1 }],
};

/** No player plays it by itself: it is for thumbnails. */
export const STILL_OUTPUT: OutputDescriptor = {
  name: "still",
  urls: ["/NAME.still.mp4"],
  help: "The newest key frame as a movie of one picture, for thumbnails",
  codecs: ["h264", "h265", "av1", "vp8", "vp9"],
  options: [],
};
