// RFC 2326, 6.1 and 7.1 (start lines), 4.2 (fields).
import { RtspHeaders } from "./message.ts";

/** Longest line of a head, characters. */
export const RTSP_LINE_MAX = 16 * 1024;
/** Most header fields of one message. */
export const RTSP_FIELDS_MAX = 200;

/** Start line and fields of a message. */
export interface RtspHead {
  readonly start: { readonly method: string; readonly uri: string } | {
    readonly status: number;
    readonly reason: string;
  };
  readonly headers: RtspHeaders;
  /** Bytes of body that follow. */
  readonly length: number;
}

const LATIN1 = new TextDecoder("latin1");

/** Reads a head, from its first letter to the empty line at its end. Answers a text when it is bad: why. */
export function parseHead(bytes: Uint8Array): RtspHead | string {
  const lines = LATIN1.decode(bytes).split(/\r?\n/);
  const start = parseStart((lines[0] as string).trim());
  if (typeof start === "string") return start;
  const fields: [string, string][] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line.length > RTSP_LINE_MAX) return `RTSP line longer than ${RTSP_LINE_MAX} characters`;
    const last = fields[fields.length - 1];
    if ((line[0] === " " || line[0] === "\t") && last !== undefined) {
      last[1] += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(":");
    // a line without a colon says nothing; cameras are known to put stray ones there
    if (colon <= 0) continue;
    if (fields.length === RTSP_FIELDS_MAX) return `RTSP message with more than ${RTSP_FIELDS_MAX} fields`;
    fields.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  const headers = new RtspHeaders();
  for (const [name, value] of fields) headers.add(name, value);
  const length = headers.get("content-length") ?? "0";
  if (!/^\d{1,9}$/.test(length)) return `Content-Length is no number: ${JSON.stringify(length.slice(0, 40))}`;
  return { start, headers, length: Number(length) };
}

function parseStart(line: string): RtspHead["start"] | string {
  if (line.length > RTSP_LINE_MAX) return `RTSP line longer than ${RTSP_LINE_MAX} characters`;
  const response = /^(?:RTSP|HTTP)\/\d+(?:\.\d+)?\s+(\d{3})(?:\s+(.*))?$/i.exec(line);
  if (response !== null) return { status: Number(response[1]), reason: (response[2] ?? "").trim() };
  const request = /^([A-Za-z_]+)\s+(\S(?:.*\S)?)\s+RTSP\/\d+(?:\.\d+)?$/i.exec(line);
  if (request !== null) return { method: (request[1] as string).toUpperCase(), uri: request[2] as string };
  return `No RTSP start line: ${JSON.stringify(line.slice(0, 60))}`;
}
