import { bodyHeaders } from "./answers.ts";
import type { Connected, PublicRequest, PublicSettings } from "./public_address.ts";

/** Headers by which a proxy says that somebody else is behind it: what the client sees is up to that. */
const PROXIED = ["x-forwarded-for", "x-real-ip", "forwarded", "x-mst-path"];

/**
 * Sends a client of plain HTTP on to the TLS port. Undefined for what comes through a believed proxy: TLS ends there.
 * For now (307) and not for ever: the setting may go.
 */
export function redirectToTls(
  { url, headers }: PublicRequest,
  { remote }: Connected,
  settings: PublicSettings,
  port: number,
): Response | undefined {
  if (settings.proxies.has(remote) && PROXIED.some((name) => headers.has(name))) return undefined;
  const match = /^http:\/\/([\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?(\/.*)?$/i.exec(url);
  if (match === null) return undefined;
  const [, host = "", path = "/"] = match;
  const known = settings.addresses.find((address) => address.startsWith("https:"));
  const location = (known ?? `https://${host}${port === 443 ? "" : `:${port}`}`) + path;
  return new Response(null, {
    status: 307,
    headers: { ...bodyHeaders("text/plain", "no-store"), location },
  });
}
