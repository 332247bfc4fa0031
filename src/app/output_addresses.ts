import type { OutputDescriptor } from "../config/option.ts";

/**
 * Where each output is, by its name: `HOST` stands for this server's name, `$` for the stream. `base`: the address of
 * the pages, such as `http://localhost:8080`. `rtspPort` undefined: nothing listens for RTSP.
 */
export function outputAddresses(
  outputs: readonly Pick<OutputDescriptor, "name" | "urls">[],
  base: string,
  rtspPort: number | undefined,
): Record<string, string> {
  const { protocol, port } = new URL(base);
  const host = port === "" ? "HOST" : `HOST:${port}`;
  const addresses: Record<string, string> = {};
  for (const { name, urls } of outputs) {
    const url = urls[0]?.replace("NAME", "$$");
    if (url === undefined) continue;
    if (url.startsWith("ws ")) addresses[name] = `${protocol.replace("http", "ws")}//${host}${url.slice(3)}`;
    else if (url.startsWith("/")) addresses[name] = `${protocol}//${host}${url}`;
    else if (rtspPort !== undefined) addresses[name] = url.replace(/:\d+/, `:${rtspPort}`);
  }
  return addresses;
}
