import type { RtpFormat } from "../rtp/format.ts";
import { STATIC_PAYLOADS } from "./static_payloads.ts";

/** A parsed `a=rtpmap`, RFC 8866, 6.6. */
export interface RtpMap {
  readonly payloadType: number;
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels: number;
}

const PAYLOAD_TYPE_MAX = 127;

/**
 * Reads the value of an `a=rtpmap` line: `96 H264/90000`. Blanks anywhere are taken (`META /0`), so are a missing
 * channel count and more fields than there should be (`vnd.onvif.metadata/90000/500`). Undefined when there is no
 * payload type or no name.
 */
export function parseRtpMap(value: string): RtpMap | undefined {
  const found = /^\s*(\d{1,3})\s+(.*)$/.exec(value);
  if (found === null) return undefined;
  const payloadType = Number(found[1]);
  const [name = "", clock = "", channels = ""] = (found[2] as string).split("/");
  const encoding = name.trim().toUpperCase();
  if (payloadType > PAYLOAD_TYPE_MAX || encoding === "") return undefined;
  return {
    payloadType,
    encoding,
    clockRate: positive(clock),
    channels: positive(channels),
  };
}

/** Reads the value of an `a=fmtp` line: payload type, then parameters divided by `;`. */
export function parseFmtp(
  value: string,
): { payloadType: number; parameters: Map<string, string> } | undefined {
  const found = /^\s*(\d{1,3})(?:\s+(.*))?$/.exec(value);
  if (found === null) return undefined;
  const parameters = new Map<string, string>();
  for (const part of (found[2] ?? "").split(";")) {
    const equals = part.indexOf("=");
    const key = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (key === "" || parameters.has(key)) continue;
    parameters.set(key, equals < 0 ? "" : part.slice(equals + 1).trim());
  }
  return { payloadType: Number(found[1]), parameters };
}

/**
 * Which meaning a payload type has in a section. A camera that maps one payload type twice (Uniarch: PCMA and PCMU
 * both on 0) means the static one.
 */
export function chooseFormat(
  payloadType: number,
  type: string,
  maps: readonly RtpMap[],
  fmtp: ReadonlyMap<string, string>,
): RtpFormat {
  const fixed = STATIC_PAYLOADS.get(payloadType);
  const mine = maps.filter((m) => m.payloadType === payloadType);
  const map = mine.find((m) => m.encoding === fixed?.encoding) ?? mine[0];
  const encoding = map?.encoding ?? fixed?.encoding ?? "";
  const usual = type === "audio" ? 8000 : 90000;
  return {
    payloadType,
    encoding,
    clockRate: (map?.clockRate || (map === undefined ? fixed?.clockRate : 0)) || usual,
    channels: type === "audio" && (map?.channels || (map === undefined ? fixed?.channels : 0)) || 1,
    fmtp,
  };
}

function positive(text: string): number {
  const found = /^\s*(\d{1,9})/.exec(text);
  return found === null ? 0 : Number(found[1]);
}
