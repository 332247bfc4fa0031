import { expect, test } from "bun:test";
import { listenAnywhere } from "../../src/host/any_address.ts";

function failing(code: string, only: string): (host: string) => string {
  return (host) => {
    if (host === only) throw Object.assign(new Error(`${code} on ${host}`), { code });
    return host;
  };
}

test("listenAnywhere() takes the host it is given, and no other", async () => {
  expect(await listenAnywhere("127.0.0.1", (host) => host)).toBe("127.0.0.1");
  await expect(listenAnywhere("::1", failing("EADDRNOTAVAIL", "::1"))).rejects.toThrow(
    "EADDRNOTAVAIL on ::1",
  );
});

test("listenAnywhere() takes both families, or IPv4 on a system without IPv6", async () => {
  expect(await listenAnywhere(undefined, (host) => host)).toBe("::");
  expect(await listenAnywhere(undefined, failing("EAFNOSUPPORT", "::"))).toBe("0.0.0.0");
});

test("listenAnywhere() does not take half a port that is in use", async () => {
  await expect(listenAnywhere(undefined, failing("EADDRINUSE", "::"))).rejects.toThrow("EADDRINUSE on ::");
});
