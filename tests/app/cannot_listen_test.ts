import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { cannotListen } from "../../src/app/cannot_listen.ts";
import { listenTcp } from "../../src/host/tcp.ts";

const failure = (code: string) => Object.assign(new Error(`system says ${code}`), { code });

const CASES: readonly [string, number, unknown, string][] = [
  [
    "127.0.0.1",
    8080,
    failure("EADDRINUSE"),
    "Cannot listen on 127.0.0.1:8080: the port is in use by nginx (process 7): end what listens there, or choose another port with --port or http.listen",
  ],
  [
    "",
    80,
    failure("EACCES"),
    "Cannot listen on :80: no permission to use this port: ports below 1024 need a permission (CAP_NET_BIND_SERVICE), or choose another with --port or http.listen",
  ],
  [
    "::1",
    1,
    failure("EADDRNOTAVAIL"),
    "Cannot listen on [::1]:1: this machine does not have the address: choose one of its own with --port or http.listen",
  ],
  ["a", 1, failure("EOTHER"), "Cannot listen on a:1: system says EOTHER"],
  ["a", 1, "no luck", "Cannot listen on a:1: no luck"],
];

for (const [hostname, port, why, message] of CASES) {
  test(`cannotListen() says: ${message}`, () => {
    const error = cannotListen({ hostname, port }, why, undefined, () => "nginx (process 7)");
    // a worker that fails hands on its stack
    expect([error.message, error.stack]).toEqual([message, message]);
  });
}

test("cannotListen() knows what a taken port gives", async () => {
  const handlers = () => ({ data() {}, close() {} });
  const taken = await listenTcp({ host: "127.0.0.1", port: 0 }, handlers);
  const at = { host: "127.0.0.1", port: taken.port };
  const why = await listenTcp(at, handlers).catch((e) => e);
  const error = cannotListen({ hostname: at.host, port: at.port }, why, "api.listen");
  const name = readFileSync("/proc/self/comm", "utf8").trim();
  taken.close();
  expect(error.message).toEndWith("choose another port with api.listen");
  expect(error.message)
    .toStartWith(
      `Cannot listen on 127.0.0.1:${at.port}: the port is in use by ${name} (process ${process.pid})`,
    );
});
