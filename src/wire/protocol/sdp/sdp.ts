// RFC 8866, read as cameras write it: lines missing, doubled, in any order, with any line end.
import type { Connection, Direction, MediaDescription, SessionDescription } from "./description.ts";
import { chooseFormat, parseFmtp, parseRtpMap, type RtpMap } from "./format_lines.ts";

/** Longest description that is read, in characters; what is behind it is not looked at. */
export const SDP_SIZE_MAX = 256 * 1024;
/** Longest line that is read, in characters; a longer one is left out. */
export const SDP_LINE_MAX = 32 * 1024;
/** Most sections that are read; further ones are left out. */
export const SDP_MEDIAS_MAX = 64;
/** Most payload types of one section. */
export const SDP_FORMATS_MAX = 64;

const DIRECTIONS: ReadonlySet<string> = new Set(["sendrecv", "recvonly", "sendonly", "inactive"]);

/** What has been read of the session or of one section so far. */
class Section {
  type = "";
  port = 0;
  protocol = "";
  payloadTypes: number[] = [];
  connection: Connection | undefined;
  bandwidth = 0;
  direction: Direction | undefined;
  frameRate = 0;
  dimensions: { width: number; height: number } | undefined;
  readonly maps: RtpMap[] = [];
  readonly fmtps: { payloadType: number; parameters: Map<string, string> }[] = [];
  readonly sources: string[] = [];
  readonly attributes = new Map<string, string>();
}

/**
 * Reads a session description. Total: whatever the text, there is an answer, in the worst case one without medias.
 * Lines that cannot be understood are left out; no line is necessary and none depends on another's place, but for the
 * `m=` that begins a section.
 */
export function parseSdp(text: string): SessionDescription {
  const session = new Section();
  const sections: Section[] = [];
  let name = "";
  let section = session;
  for (const raw of text.slice(0, SDP_SIZE_MAX).split(/\r\n|\n|\r|\0/)) {
    const line = raw.trim();
    if (line.length < 2 || line.length > SDP_LINE_MAX || line[1] !== "=") continue;
    const value = line.slice(2).trim();
    switch (line[0]) {
      case "m":
        // a section too many is still read, so that its lines do not land in the one before it
        section = openSection(value);
        if (sections.length < SDP_MEDIAS_MAX) sections.push(section);
        break;
      case "s":
        if (section === session && name === "") name = value;
        break;
      case "c":
        section.connection ??= parseConnection(value);
        break;
      case "b":
        section.bandwidth ||= parseBandwidth(value);
        break;
      case "a":
        readAttribute(section, value);
        break;
    }
  }
  return {
    name,
    control: session.attributes.get("control") ?? "",
    connection: session.connection,
    attributes: session.attributes,
    medias: sections.map((s) => finish(s, session, sections)),
  };
}

/** `video 0 RTP/AVP 96 97`, RFC 8866, 5.14. Words that are no payload type (TP-Link's `smart/1/90000`) are left out. */
function openSection(value: string): Section {
  const section = new Section();
  const [type = "", port = "", protocol = "", ...formats] = value.split(/\s+/);
  section.type = type.toLowerCase();
  section.port = Number(/^\d{1,5}/.exec(port)?.[0] ?? 0);
  section.protocol = protocol.toUpperCase();
  for (const word of formats) {
    const payloadType = /^\d{1,3}$/.test(word) ? Number(word) : 128;
    if (payloadType > 127 || section.payloadTypes.includes(payloadType)) continue;
    if (section.payloadTypes.length < SDP_FORMATS_MAX) section.payloadTypes.push(payloadType);
  }
  return section;
}

/** Takes `IN IP4 x`, `In IP4 x`, `IN IPV4 x`, `IN c=IN IP4 x`; the rest (`IN`, `SM SM spk0`) is undefined. */
function parseConnection(value: string): Connection | undefined {
  const found = /\bIPV?([46])\s+([^\s/]+)(?:\/(\d{1,3}))?/i.exec(value);
  if (found === null) return undefined;
  const family = found[1] === "6" ? 6 : 4;
  // RFC 8866, 5.7: an IPv6 address has no time to live, what follows it is a count of addresses
  return { family, address: found[2] as string, ttl: family === 4 ? Number(found[3] ?? 0) : 0 };
}

function parseBandwidth(value: string): number {
  const found = /^(AS|TIAS)\s*:\s*(\d{1,9})/i.exec(value);
  if (found === null) return 0;
  return Number(found[2]) * ((found[1] as string).toUpperCase() === "AS" ? 1000 : 1);
}

function readAttribute(section: Section, text: string): void {
  const colon = text.indexOf(":");
  const key = (colon < 0 ? text : text.slice(0, colon)).trim().toLowerCase();
  const value = colon < 0 ? "" : text.slice(colon + 1).trim();
  if (key === "rtpmap") {
    const map = parseRtpMap(value);
    if (map !== undefined && section.maps.length < SDP_FORMATS_MAX) section.maps.push(map);
    return;
  }
  if (key === "fmtp") {
    const fmtp = parseFmtp(value);
    if (fmtp !== undefined && section.fmtps.length < SDP_FORMATS_MAX) section.fmtps.push(fmtp);
    return;
  }
  if (DIRECTIONS.has(key)) section.direction ??= key as Direction;
  else if (key === "framerate" || key === "x-framerate") {
    // "H264DVR 1.0" sends two, the first of them "0S"
    const rate = Number.parseFloat(value);
    if (rate > 0 && rate <= 1000) section.frameRate = rate;
  } else if (key === "x-dimensions") section.dimensions ??= parsePair(/^(\d{1,5})\s*,\s*(\d{1,5})/, value);
  else if (key === "framesize") section.dimensions ??= parsePair(/^\d+\s+(\d{1,5})-(\d{1,5})/, value);
  else if (key === "source-filter") {
    const found = /^incl\s+IN\s+IP[46*]\s+\S+\s+(.+)$/i.exec(value);
    if (found !== null) section.sources.push(...(found[1] as string).trim().split(/\s+/));
  }
  if (key !== "" && !section.attributes.has(key)) section.attributes.set(key, value);
}

function parsePair(pattern: RegExp, value: string): { width: number; height: number } | undefined {
  const found = pattern.exec(value);
  if (found === null) return undefined;
  const width = Number(found[1]);
  const height = Number(found[2]);
  return width > 0 && height > 0 ? { width, height } : undefined;
}

function finish(section: Section, session: Section, all: readonly Section[]): MediaDescription {
  // TP-Link lists no payload type and maps one all the same
  const payloadTypes = section.payloadTypes.length > 0
    ? section.payloadTypes
    : [...new Set(section.maps.map((m) => m.payloadType))];
  return {
    type: section.type,
    port: section.port,
    protocol: section.protocol,
    formats: payloadTypes.map((pt) =>
      chooseFormat(pt, section.type, section.maps, fmtpOf(pt, section, session, all))
    ),
    control: section.attributes.get("control") ?? "",
    direction: section.direction ?? session.direction ?? "sendrecv",
    frameRate: section.frameRate || session.frameRate,
    dimensions: section.dimensions ?? session.dimensions,
    connection: section.connection ?? session.connection,
    bandwidth: section.bandwidth,
    sources: section.sources.length > 0 ? section.sources : session.sources,
    attributes: section.attributes,
  };
}

/** The parameters of a payload type; also where they stand in a section that does not list it. */
function fmtpOf(
  payloadType: number,
  section: Section,
  session: Section,
  all: readonly Section[],
): ReadonlyMap<string, string> {
  const own = section.fmtps.filter((f) => f.payloadType === payloadType);
  if (own.length === 1) return (own[0] as { parameters: Map<string, string> }).parameters;
  const merged = new Map<string, string>();
  const strays = own.length > 0 ? own : [session, ...all]
    .filter((s) => s !== section && !s.payloadTypes.includes(payloadType))
    .flatMap((s) => s.fmtps.filter((f) => f.payloadType === payloadType));
  for (const { parameters } of strays) {
    for (const [key, value] of parameters) if (!merged.has(key)) merged.set(key, value);
  }
  return merged;
}
