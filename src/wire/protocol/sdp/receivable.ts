// What a description must say so that its media can be received without asking anybody: RFC 8866, 5.7 and 5.14.
import type { MediaDescription } from "./description.ts";
import { parseSdp } from "./sdp.ts";

/** Something that keeps a section, or the whole description, from being received. */
export interface SdpProblem {
  /** Line of the text, from 1. */
  readonly line: number;
  readonly why: string;
}

/** A section that can be received. */
export interface ReceivableMedia {
  /** Of its `m=` line, from 1. */
  readonly line: number;
  readonly media: MediaDescription;
  /** Address of the group, or of the receiver. */
  readonly address: string;
  /** Port of RTCP: that of RTP where both share it. */
  readonly rtcpPort: number;
}

/** Longest piece of a text that a message repeats. */
const SHOWN_MAX = 60;

/** Finds the sections that can be received, and says of each other one why it cannot. Total. */
export function findReceivable(text: string): { medias: ReceivableMedia[]; problems: SdpProblem[] } {
  const lines = text.split(/\r\n|\n|\r|\0/);
  const problems: SdpProblem[] = [];
  const medias: ReceivableMedia[] = [];
  const places = lines.flatMap((line, i) => /^\s*m\s*=/.test(line) ? [i] : []);
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first < 0) return { medias, problems: [{ line: 1, why: "the description is empty" }] };
  if (!/^\s*[a-z]\s*=/.test(lines[first] as string)) {
    const got = shown(lines[first] as string);
    return {
      medias,
      problems: [{ line: first + 1, why: `expected v=0 as a description begins, got ${got}` }],
    };
  }
  const description = parseSdp(text);
  if (description.medias.length === 0) {
    const why = "no m= line: expected one for each video or audio, such as m=video 5004 RTP/AVP 96";
    return { medias, problems: [{ line: lines.length, why }] };
  }
  description.medias.forEach((media, i) => {
    const at = places[i] ?? first;
    const found = receivable(media, lines, at, places);
    if (typeof found === "string") problems.push({ line: at + 1, why: found });
    else if ("why" in found) problems.push(found);
    else medias.push(found);
  });
  return { medias, problems };
}

function receivable(
  media: MediaDescription,
  lines: readonly string[],
  at: number,
  places: readonly number[],
): ReceivableMedia | SdpProblem | string {
  const { type, port, protocol, connection, formats } = media;
  const written = shown(lines[at] as string);
  if (type === "") return "m= names no media: expected m=video or m=audio, a port, RTP/AVP and payload types";
  if (/^\d+$/.test(type)) return `${written}: expected video or audio before the port`;
  if (port === 0) {
    return /^\s*m\s*=\s*\S+\s+0\b/.test(lines[at] as string)
      ? `m=${type} has port 0, which switches it off`
      : `${written}: expected a port from 1 to 65535 behind ${type}`;
  }
  if (port > 65_535) return `${written}: expected a port from 1 to 65535, got ${port}`;
  if (!/^(RTP\/AVPF?|UDP|MP2T\/.*)$/.test(protocol)) {
    if (protocol.includes("SAVP")) {
      return `m=${type} is encrypted (${protocol}): keys are not read from descriptions`;
    }
    return `${written}: expected RTP/AVP behind the port, got ${
      protocol === "" ? "nothing" : shown(protocol)
    }`;
  }
  if (formats.length === 0) return `${written}: expected payload types behind ${protocol}`;
  if (formats.every((f) => f.encoding === "")) {
    const types = formats.map((f) => f.payloadType).join(", ");
    return `payload type ${types} of m=${type} has no a=rtpmap that says what it is`;
  }
  if (connection === undefined) {
    const end = places.find((place) => place > at) ?? lines.length;
    const head = places[0] ?? at;
    const wrong = lines.findIndex((line, i) => /^\s*c\s*=/.test(line) && (i < head || (i > at && i < end)));
    if (wrong >= 0) {
      return {
        line: wrong + 1,
        why: `expected c=IN IP4 and an address, got ${shown(lines[wrong] as string)}`,
      };
    }
    return `no address for m=${type}: expected a c= line below it, or before the first m=`;
  }
  const rtcp = /^(\d{1,5})\b/.exec(media.attributes.get("rtcp") ?? "")?.[1];
  const rtcpPort = media.attributes.has("rtcp-mux") ? port : Number(rtcp ?? port + 1);
  return { line: at + 1, media, address: connection.address, rtcpPort };
}

function shown(text: string): string {
  const plain = text.trim();
  return JSON.stringify(plain.length > SHOWN_MAX ? `${plain.slice(0, SHOWN_MAX)}…` : plain);
}
