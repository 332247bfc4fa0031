import type { SourceDescriptor } from "../../config/option.ts";
import { parseRtspUrl } from "../../wire/protocol/rtsp/url.ts";

/** What the RTSP input is, to everything that lists, validates or documents inputs. */
export const RTSP_DESCRIPTOR: SourceDescriptor = {
  name: "rtsp",
  pattern: /^rtsps?:\/\//i,
  example: "rtsp://user:pass@camera.local:554/Streaming/Channels/101",
  refuse: (url) =>
    parseRtspUrl(url) === undefined
      ? "an address such as rtsp://camera.local:554/path; in a password / is written %2F, ? is %3F and # is %23"
      : undefined,
  help: "Pulls from an RTSP camera or server; rtsps:// with TLS",
  codecs: [
    "h264",
    "h265",
    "av1",
    "vp8",
    "vp9",
    "jpeg",
    "aac",
    "opus",
    "mp3",
    "ac3",
    "eac3",
    "alaw",
    "ulaw",
    "l16",
    "onvif",
    "klv",
  ],
  options: [
    {
      name: "transport",
      type: { kind: "choice", values: ["auto", "tcp", "udp", "multicast"] },
      default: "auto",
      help: "How media come; auto tries UDP and falls to TCP when nothing arrives in 3 s",
    },
    {
      name: "timeout",
      type: { kind: "duration", min: 1000, max: 300_000 },
      default: 10_000,
      help: "Longest silence of the camera before the connection is made anew",
    },
    {
      name: "reorderMillis",
      type: { kind: "integer", min: 0, max: 5000 },
      default: 60,
      help: "Milliseconds that a UDP packet which overtook another waits for it",
    },
    {
      name: "tlsVerify",
      type: { kind: "boolean" },
      default: false,
      help: "Refuse rtsps:// cameras whose certificate no known authority signed",
    },
    {
      name: "userAgent",
      type: { kind: "text", maxLength: 200 },
      default: "fogcast",
      help: "User-Agent that cameras are told",
    },
    {
      name: "tracks",
      type: { kind: "choice", values: ["all", "video", "audio", "video+audio"] },
      default: "all",
      help: "What to receive of what the camera offers",
    },
  ],
};
