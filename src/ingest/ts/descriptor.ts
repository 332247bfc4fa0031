import type { SourceDescriptor } from "../../config/option.ts";
import { parseTsAddress, TS_PATTERN } from "./address.ts";

/** What the MPEG-TS input is, to everything that lists, validates or documents inputs. */
export const TS_DESCRIPTOR: SourceDescriptor = {
  name: "ts",
  pattern: TS_PATTERN,
  example: "tsudp://239.1.2.3:5000/eth0",
  refuse(url) {
    const read = parseTsAddress(url);
    return typeof read === "string" ? read : undefined;
  },
  help: "Takes an MPEG transport stream in: tsudp://[source@]group:port/interface and tsrtp:// with or " +
    "without RTP, by unicast or multicast; http(s)://host/x.ts or http-ts://host/x; ts-exec:command; " +
    "stream:///named/pipe; - for the standard input",
  codecs: [
    "h264",
    "h265",
    "av1",
    "aac",
    "mp3",
    "ac3",
    "eac3",
    "opus",
    "scte35",
    "id3",
    "klv",
    "dvbsub",
    "teletext",
    "json",
    "private",
  ],
  options: [
    {
      name: "program",
      type: { kind: "integer", min: 0, max: 65_535 },
      default: 0,
      help: "Number of the program to take of a stream that has several; 0 takes the first",
    },
    {
      name: "timeout",
      type: { kind: "duration", min: 1000, max: 300_000 },
      default: 10_000,
      help: "Longest silence before the source is opened anew",
    },
    {
      name: "interface",
      type: { kind: "text", maxLength: 64 },
      default: "",
      help: "Name or address of the network interface to join groups on, where the address names none",
    },
    {
      name: "reorderMillis",
      type: { kind: "integer", min: 0, max: 5000 },
      default: 100,
      help: "Milliseconds that an RTP packet which overtook another waits for it",
    },
    {
      name: "fec",
      type: { kind: "boolean" },
      default: true,
      help: "Mend lost RTP packets by SMPTE 2022-1 from the ports + 2 and + 4, where parity comes there",
    },
    {
      name: "tlsVerify",
      type: { kind: "boolean" },
      default: true,
      help: "Refuse https:// servers whose certificate no known authority signed",
    },
  ],
};
