import { portHolder } from "../host/port_holder.ts";

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EACCES: "no permission to use this port",
  EADDRNOTAVAIL: "this machine does not have the address",
};

/** What helps. `setting`: where the address comes from. */
const ADVICE: Readonly<Record<string, (setting: string) => string>> = {
  EADDRINUSE: (setting) => `end what listens there, or choose another port with ${setting}`,
  EACCES: (setting) =>
    `ports below 1024 need a permission (CAP_NET_BIND_SERVICE), or choose another with ${setting}`,
  EADDRNOTAVAIL: (setting) => `choose one of its own with ${setting}`,
};

/**
 * Why an address could not be listened on, for whoever configured it: one line that says who has the port, where that
 * can be known, and what to do; where in the program it failed left out. `hostname` empty: all of the machine's
 * addresses. `setting`: the key that the address comes from; the pages' has a flag too, and the demo that alone.
 */
export function cannotListen(
  at: { readonly hostname: string; readonly port: number },
  failure: unknown,
  setting = "--port or http.listen",
  holderOf = portHolder,
): Error {
  const code = failure instanceof Error && "code" in failure ? String(failure.code) : "";
  const holder = code === "EADDRINUSE" ? holderOf(at.port) : undefined;
  const why = REASONS[code] ?? (failure instanceof Error ? failure.message : String(failure));
  const host = at.hostname.includes(":") ? `[${at.hostname}]` : at.hostname;
  const advice = ADVICE[code]?.(setting);
  const error = new Error(
    `Cannot listen on ${host}:${at.port}: ${why}${holder === undefined ? "" : ` by ${holder}`}${
      advice === undefined ? "" : `: ${advice}`
    }`,
  );
  error.stack = error.message;
  return error;
}
