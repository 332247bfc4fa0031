/** Addresses of this machine's own programs: 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}

/** Headers by which a proxy says that somebody else is behind it. */
const FORWARDED = ["x-forwarded-for", "x-real-ip", "forwarded"];

/**
 * Whether a request comes from a program on this machine that may be trusted without a login. A browser on this machine
 * is trusted with this server's own pages only: other sites could send commands through it, by a form, a script element
 * or a name that they let point to 127.0.0.1.
 */
export function isTrustedLocal(remote: string, headers: Headers): boolean {
  if (!isLoopback(remote) || FORWARDED.some((name) => headers.has(name))) return false;
  const host = headers.get("host") ?? "";
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "").toLowerCase();
  if (!(name === "localhost" || isLoopback(name))) return false;
  const origin = headers.get("origin");
  if (origin !== null && !/^https?:\/\//.test(origin)) return false;
  if (origin !== null && origin.replace(/^https?:\/\//, "").toLowerCase() !== host.toLowerCase()) {
    return false;
  }
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  // browsers that do not say so: a script element of another site looks like this
  return origin !== null || !/^Mozilla\//.test(headers.get("user-agent") ?? "");
}
