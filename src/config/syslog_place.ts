/** Where syslog messages are sent. */
export type SyslogPlace =
  | { readonly kind: "udp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** RFC 5426, 3.3. */
const SYSLOG_PORT = 514;

/** What a place looks like, for errors and help. */
export const SYSLOG_EXAMPLES = "udp://HOST:514 or a socket such as /dev/log";

/** Reads `udp://host:port`, `unix:///dev/log` or `/dev/log`; undefined when it is none. */
export function parseSyslogPlace(text: string): SyslogPlace | undefined {
  const path = text.startsWith("unix://") ? text.slice("unix://".length) : text;
  if (path.startsWith("/")) return { kind: "unix", path };
  const match = /^udp:\/\/(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  if (match === null) return undefined;
  const host = match[1] as string;
  const port = match[2] === undefined ? SYSLOG_PORT : Number(match[2]);
  if (port < 1 || port > 65535) return undefined;
  return { kind: "udp", host: host.startsWith("[") ? host.slice(1, -1) : host, port };
}
