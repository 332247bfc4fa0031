import type { OptionDescriptor, OptionValue, PushDescriptor } from "../../../config/option.ts";
import type { Codec } from "../../../media/codec.ts";
import { PACKETIZERS } from "../../../wire/protocol/rtp/packetize/table.ts";
import { parseDestination } from "../datagram/destination.ts";
import { PACING_OPTIONS, WAY_OPTIONS } from "../datagram/options.ts";
import { TIMING_OPTIONS } from "../timing.ts";

const OPTIONS = [
  {
    name: "targetIP",
    type: { kind: "text", maxLength: 255 },
    default: "",
    help:
      "Receiver or multicast group, where the target is a file; a group of 239.192/14 by the stream's name if empty",
  },
  {
    name: "startPort",
    type: { kind: "integer", min: 0, max: 65_000 },
    default: 5004,
    help:
      "RTP port of the first track, RTCP on the next one; each further track two more; 0: by the stream's name",
  },
  {
    name: "file",
    type: { kind: "text", maxLength: 4096 },
    default: "",
    help: "SDP file to write, for sdp://",
  },
  ...WAY_OPTIONS,
  {
    name: "maxsend",
    type: { kind: "integer", min: 200, max: 65_000 },
    default: 1472,
    help: "Bytes of a packet at most, RTP header included",
  },
  ...PACING_OPTIONS,
  {
    name: "sap",
    type: { kind: "boolean" },
    default: false,
    help: "Announce the session to the network, RFC 2974",
  },
] as const satisfies readonly OptionDescriptor[];

/** A parameter that the other kind of target has: the session would not be what was asked for. */
function refuseIgnored(target: string, values: Readonly<Record<string, OptionValue>>): string | undefined {
  const isFile = target.startsWith("/");
  for (const name of isFile ? ["file"] : ["targetIP", "startPort"]) {
    const usual = OPTIONS.find((option) => option.name === name)?.default;
    if (values[name] === usual) continue;
    return isFile ? `${name}: the target is the file` : `${name}: sdp://host:port says where it goes`;
  }
  return undefined;
}

export const SDP_PUSH: PushDescriptor = {
  name: "sdp",
  pattern: /^(?:sdp:\/\/.+|\/.*\.sdp)$/i,
  example: "sdp://239.1.2.3:5004?file=/srv/www/front-door.sdp",
  refuse: (url) =>
    url.startsWith("/") || parseDestination(url) !== undefined
      ? undefined
      : "sdp://host:port, sdp://host:port/interface or the absolute path of an .sdp file",
  refuseValues: refuseIgnored,
  help: "RTP by unicast or multicast, described by an SDP file and at /NAME.sdp",
  codecs: Object.keys(PACKETIZERS) as Codec[],
  options: [...OPTIONS, ...TIMING_OPTIONS],
};
