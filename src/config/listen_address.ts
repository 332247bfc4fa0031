/** Where to listen. */
export interface ListenAddress {
  /** Empty: every interface, IPv4 and IPv6. An IPv6 address stands without brackets. */
  readonly hostname: string;
  /** 0: any free port. */
  readonly port: number;
}

/** What a listening address looks like, for errors and help. */
export const LISTEN_EXAMPLES = ":8080, 127.0.0.1:8080 or [::1]:8080";

/** Reads `:8080`, `8080`, `host:8080`, `[::1]:8080`; undefined when it is none. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.]{2,45}(?:%[\w.-]{1,16})?\]|[A-Za-z0-9_.-]{1,253})?:)?(\d{1,5})$/.exec(
    text.trim(),
  );
  if (match === null) return undefined;
  const port = Number(match[2]);
  if (port > 65535) return undefined;
  const host = match[1] ?? "";
  return { hostname: host.startsWith("[") ? host.slice(1, -1) : host, port };
}

export function printListenAddress(address: ListenAddress): string {
  const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
  return `${host}:${address.port}`;
}
