// RFC 8866, written strictly.
import type { RtpFormat } from "../rtp/format.ts";
import type { Connection, Direction } from "./description.ts";

/** What {@link printSdp} writes of one section. */
export interface SdpMedia {
  readonly type: "video" | "audio" | "application";
  /** 0 for RTSP, where SETUP agrees on ports. */
  readonly port: number;
  readonly formats: readonly RtpFormat[];
  readonly control: string;
  readonly direction?: Direction;
  /** Frames per second, 0 for unknown. */
  readonly frameRate?: number;
  /** Bits per second, 0 for unknown. */
  readonly bandwidth?: number;
  /** Where its packets go, when that is not the session's address: a group and its time to live. */
  readonly connection?: Connection;
  /** Further attributes, such as `rtcp-mux` or `source-filter: incl IN IP4 * 192.0.2.1`. */
  readonly attributes?: readonly string[];
}

/**
 * What {@link printSdp} writes of a session. Media sections of tracks come from `describeMedia` in `track_format.ts`;
 * for RTSP the address is 0.0.0.0 and ports are 0, for a description of RTP that flows they are those of the packets:
 *
 * ```ts
 * const media = describeMedia(track, { payloadType: 96 + i, port: 5004 + 2 * i, control: "" });
 * printSdp({ name, id, version, origin: sender, address: "239.1.2.3", ttl: 16, control: "", medias });
 * ```
 */
export interface SdpSession {
  readonly name: string;
  /** Stands for the session as long as it lives. */
  readonly id: number;
  /** Grows with each change of the description; 1 unless said. */
  readonly version?: number;
  readonly origin: string;
  readonly address: string;
  /** Time to live of a multicast address; left out where it is 0 and for IPv6, which has none. */
  readonly ttl?: number;
  /** Left out where empty. */
  readonly control: string;
  /** Further attributes, such as `range:npt=now-` or `tool:fogcast`. */
  readonly attributes?: readonly string[];
  readonly medias: readonly SdpMedia[];
}

/** Writes a description, each line ended by CRLF. Line ends inside values become blanks. */
export function printSdp(session: SdpSession): string {
  const lines = [
    "v=0",
    `o=- ${session.id} ${session.version ?? 1} IN ${family(session.origin)} ${session.origin}`,
    `s=${session.name === "" ? "-" : session.name}`,
    connectionLine(session.address, session.ttl ?? 0),
    "t=0 0",
  ];
  if (session.control !== "") lines.push(`a=control:${session.control}`);
  for (const attribute of session.attributes ?? []) lines.push(`a=${attribute}`);
  for (const media of session.medias) writeMedia(lines, media);
  return lines.map((line) => line.replace(/[\r\n\0]+/g, " ") + "\r\n").join("");
}

function family(address: string): string {
  return address.includes(":") ? "IP6" : "IP4";
}

function connectionLine(address: string, ttl: number): string {
  const v6 = address.includes(":");
  return `c=IN ${family(address)} ${address}${ttl > 0 && !v6 ? `/${ttl}` : ""}`;
}

function writeMedia(lines: string[], media: SdpMedia): void {
  lines.push(`m=${media.type} ${media.port} RTP/AVP ${media.formats.map((f) => f.payloadType).join(" ")}`);
  if (media.connection !== undefined) {
    lines.push(connectionLine(media.connection.address, media.connection.ttl));
  }
  if (media.bandwidth) lines.push(`b=AS:${Math.ceil(media.bandwidth / 1000)}`);
  for (const format of media.formats) {
    const channels = media.type === "audio" && format.channels > 1 ? `/${format.channels}` : "";
    lines.push(`a=rtpmap:${format.payloadType} ${format.encoding}/${format.clockRate}${channels}`);
    if (format.fmtp.size > 0) {
      const parameters = [...format.fmtp].map(([key, value]) => value === "" ? key : `${key}=${value}`);
      lines.push(`a=fmtp:${format.payloadType} ${parameters.join("; ")}`);
    }
  }
  if (media.frameRate) lines.push(`a=framerate:${media.frameRate}`);
  for (const attribute of media.attributes ?? []) lines.push(`a=${attribute}`);
  if (media.direction !== undefined) lines.push(`a=${media.direction}`);
  if (media.control !== "") lines.push(`a=control:${media.control}`);
}
