const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EACCES: "no permission to use this port",
  EADDRNOTAVAIL: "this machine does not have the address",
};

/**
 * Why an address could not be listened on, for whoever configured it: one line, and where in the program it failed
 * left out. `hostname` empty: all of the machine's addresses.
 */
export function cannotListen(
  at: { readonly hostname: string; readonly port: number },
  failure: unknown,
): Error {
  const code = failure instanceof Error && "code" in failure ? String(failure.code) : "";
  const why = REASONS[code] ?? (failure instanceof Error ? failure.message : String(failure));
  const host = at.hostname.includes(":") ? `[${at.hostname}]` : at.hostname;
  const error = new Error(`Cannot listen on ${host}:${at.port}: ${why}`);
  error.stack = error.message;
  return error;
}
