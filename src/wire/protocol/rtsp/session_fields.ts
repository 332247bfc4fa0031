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

/** What RTP-Info says of one stream: number and timestamp of the first packet. */
export interface RtpInfo {
  readonly url: string;
  readonly sequence: number;
  readonly timestamp: number;
}

/** Writes an RTP-Info field. What cameras write there is not read: they invent the numbers (always 0, always 1, -1). */
export function printRtpInfo(entries: readonly RtpInfo[]): string {
  return entries.map((e) => `url=${e.url};seq=${e.sequence};rtptime=${e.timestamp}`).join(",");
}

/** Methods of Public fields, upper case; empty where none was sent. */
export function parsePublic(fields: readonly string[]): ReadonlySet<string> {
  return new Set(fields.join(",").split(",").map((m) => m.trim().toUpperCase()).filter((m) => m !== ""));
}
