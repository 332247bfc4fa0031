// RFC 2326, 12.37 (Session), 12.33 (RTP-Info), 12.28 (Public).

/** Session timeout where none is said, seconds: RFC 2326, 12.37. */
export const SESSION_TIMEOUT_DEFAULT = 60;

/** Reads a Session field: `  12345 ;timeout=60`. Undefined where there is no id, or no timeout is said. */
export function parseSession(text: string): { id: string; timeoutSeconds: number | undefined } | undefined {
  const [id = "", ...parameters] = text.split(";").map((part) => part.trim());
  if (id === "" || id.length > 1024) return undefined;
  let timeoutSeconds: number | undefined;
  for (const parameter of parameters) {
    const found = /^timeout\s*=\s*"?(\d{1,6})/i.exec(parameter);
    if (found !== null && Number(found[1]) > 0) timeoutSeconds = Number(found[1]);
  }
  return { id, timeoutSeconds };
}

/** What RTP-Info says of one stream. Cameras invent the numbers (always 0, always 1, -1): a hint, never a promise. */
export interface RtpInfo {
  readonly url: string;
  readonly sequence: number | undefined;
  readonly timestamp: number | undefined;
}

/** Reads an RTP-Info field; a trailing `;`, blanks and relative URLs are taken. Entries without a URL are left out. */
export function parseRtpInfo(text: string): RtpInfo[] {
  const entries: RtpInfo[] = [];
  for (const entry of text.split(/,\s*(?=url\s*=)/i)) {
    const url = /(?:^|[;\s])url\s*=\s*"?([^;"\s]+)/i.exec(entry);
    if (url === null) continue;
    entries.push({
      url: url[1] as string,
      sequence: within(/;\s*seq\s*=\s*(\d{1,10})/i.exec(entry), 0xffff),
      timestamp: within(/;\s*rtptime\s*=\s*(\d{1,10})/i.exec(entry), 0xffffffff),
    });
  }
  return entries;
}

/** Writes an RTP-Info field. */
export function printRtpInfo(entries: readonly RtpInfo[]): string {
  return entries.map((e) =>
    `url=${e.url}` + (e.sequence === undefined ? "" : `;seq=${e.sequence}`) +
    (e.timestamp === undefined ? "" : `;rtptime=${e.timestamp}`)
  ).join(",");
}

function within(found: RegExpExecArray | null, max: number): number | undefined {
  if (found === null) return undefined;
  const value = Number(found[1]);
  return value <= max ? value : undefined;
}

/** Methods of Public fields, upper case; empty where none was sent. */
export function parsePublic(fields: readonly string[]): ReadonlySet<string> {
  return new Set(fields.join(",").split(",").map((m) => m.trim().toUpperCase()).filter((m) => m !== ""));
}
