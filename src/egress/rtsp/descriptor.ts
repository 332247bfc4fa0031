import type { OutputDescriptor } from "../../config/option.ts";
import type { Codec } from "../../media/codec.ts";
import { PACKETIZERS } from "../../wire/protocol/rtp/packetize/table.ts";

/** RTSP to everything that lists or documents outputs. */
export const RTSP_OUTPUT: OutputDescriptor = {
  name: "rtsp",
  urls: ["rtsp://HOST:5554/NAME"],
  help: "RTSP over TCP, UDP, multicast and HTTP, from the newest key frame on; rtsps:// with TLS",
  codecs: Object.keys(PACKETIZERS) as Codec[],
  options: [],
  sources: [{ type: "rtsp", name: "RTSP", path: "NAME", priority: 2, scheme: "rtsp" }],
};
