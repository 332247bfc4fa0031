/** Failures that another address family would not cure. */
const FINAL = new Set(["EADDRINUSE", "EACCES"]);

/**
 * Listens on `host`, or where that is empty or left out on all of the machine's addresses, IPv6 and IPv4 together; on IPv4 alone where the
 * system has no IPv6 at all.
 */
export async function listenAnywhere<T>(
  host: string | undefined,
  listen: (host: string) => T | Promise<T>,
): Promise<T> {
  if (host !== undefined && host !== "") return await listen(host);
  try {
    return await listen("::");
  } catch (failure) {
    if (failure instanceof Error && "code" in failure && FINAL.has(String(failure.code))) throw failure;
    return await listen("0.0.0.0");
  }
}
