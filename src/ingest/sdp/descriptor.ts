import type { SourceDescriptor } from "../../config/option.ts";
import { RTSP_DESCRIPTOR } from "../rtsp/descriptor.ts";
import { TS_DESCRIPTOR } from "../ts/descriptor.ts";
import { parseSdpAddress, SDP_PATTERN } from "./address.ts";

const ofRtsp = (name: string) => RTSP_DESCRIPTOR.options.filter((o) => o.name === name);
const ofTs = (name: string) => TS_DESCRIPTOR.options.filter((o) => o.name === name);

/** What the SDP input is, to everything that lists, validates or documents inputs. */
export const SDP_DESCRIPTOR: SourceDescriptor = {
  name: "sdp",
  pattern: SDP_PATTERN,
  example: "/etc/fogcast/studio.sdp",
  refuse(url) {
    const read = parseSdpAddress(url);
    return typeof read === "string" ? read : undefined;
  },
  help: "Receives the RTP that a session description tells of, by unicast or multicast: /path/file.sdp, " +
    "sdp:///path, http(s)://host/x.sdp; read again when it changes or nothing comes any more",
  codecs: RTSP_DESCRIPTOR.codecs,
  options: [
    {
      name: "timeout",
      type: { kind: "duration", min: 1000, max: 300_000 },
      default: 10_000,
      help: "Longest silence before the description is read again",
    },
    ...ofTs("interface"),
    ...ofTs("reorderMillis"),
    ...ofRtsp("tracks"),
    ...ofTs("tlsVerify"),
  ],
};
