// RFC 8866, written strictly.
import type { RtpFormat } from "../rtp/format.ts";
import type { Direction } from "./description.ts";

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
}

/** What {@link printSdp} writes of a session. */
export interface SdpSession {
  readonly name: string;
  /** A number that is different for each version of the description. */
  readonly id: number;
  readonly origin: string;
  readonly address: string;
  /** Left out where empty. */
  readonly control: string;
  readonly medias: readonly SdpMedia[];
}

/** Writes a description, each line ended by CRLF. Line ends inside values become blanks. */
export function printSdp(session: SdpSession): string {
  const lines = [
    "v=0",
    `o=- ${session.id} 1 IN ${family(session.origin)} ${session.origin}`,
    `s=${session.name === "" ? "-" : session.name}`,
    `c=IN ${family(session.address)} ${session.address}`,
    "t=0 0",
  ];
  if (session.control !== "") lines.push(`a=control:${session.control}`);
  for (const media of session.medias) writeMedia(lines, media);
  return lines.map((line) => line.replace(/[\r\n\0]+/g, " ") + "\r\n").join("");
}

function family(address: string): string {
  return address.includes(":") ? "IP6" : "IP4";
}

function writeMedia(lines: string[], media: SdpMedia): void {
  lines.push(`m=${media.type} ${media.port} RTP/AVP ${media.formats.map((f) => f.payloadType).join(" ")}`);
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
  if (media.direction !== undefined) lines.push(`a=${media.direction}`);
  if (media.control !== "") lines.push(`a=control:${media.control}`);
}
