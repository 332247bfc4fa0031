import { expect, test } from "bun:test";
import { cannotListen } from "../../src/app/cannot_listen.ts";
import { listenTcp } from "../../src/host/tcp.ts";

const failure = (code: string) => Object.assign(new Error(`system says ${code}`), { code });

const CASES: readonly [string, number, unknown, string][] = [
  ["127.0.0.1", 8080, failure("EADDRINUSE"), "Cannot listen on 127.0.0.1:8080: the port is in use"],
  ["", 80, failure("EACCES"), "Cannot listen on :80: no permission to use this port"],
  ["::1", 1, failure("EADDRNOTAVAIL"), "Cannot listen on [::1]:1: this machine does not have the address"],
  ["a", 1, failure("EOTHER"), "Cannot listen on a:1: system says EOTHER"],
  ["a", 1, "no luck", "Cannot listen on a:1: no luck"],
];

for (const [hostname, port, why, message] of CASES) {
  test(`cannotListen() says: ${message}`, () => {
    const error = cannotListen({ hostname, port }, why);
    // a worker that fails hands on its stack
    expect([error.message, error.stack]).toEqual([message, message]);
  });
}

test("cannotListen() knows what a taken port gives", async () => {
  const handlers = () => ({ data() {}, close() {} });
  const taken = await listenTcp({ host: "127.0.0.1", port: 0 }, handlers);
  const at = { host: "127.0.0.1", port: taken.port };
  const why = await listenTcp(at, handlers).catch((e) => e);
  taken.close();
  expect(cannotListen({ hostname: at.host, port: at.port }, why).message)
    .toBe(`Cannot listen on 127.0.0.1:${at.port}: the port is in use`);
});
