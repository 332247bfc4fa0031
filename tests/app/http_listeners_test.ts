import { expect, test } from "bun:test";
import { HttpListeners } from "../../src/app/http_listeners.ts";
import type { HttpListen } from "../../src/control/messages.ts";
import type { HttpServer } from "../../src/host/http_server.ts";

const plain = (port: number, hostname = ""): HttpListen => ({
  hostname,
  port,
  tls: undefined,
  http2: true,
  http3: false,
});
const secure = (port: number, cert: string): HttpListen => ({
  ...plain(port),
  tls: [{ cert, key: "k", names: [] }],
});

/** Servers that are open, in order, as `PORT` or `PORT CERTIFICATE`; port 0 becomes the next of 1001, 1002 … */
function setUp() {
  let next = 1000;
  const open: string[] = [];
  const stopped: string[] = [];
  const listeners = new HttpListeners((listen): Promise<HttpServer> => {
    if (listen.port === 7) return Promise.reject(new Error("port 7 is taken"));
    const port = listen.port === 0 ? ++next : listen.port;
    const name = listen.tls === undefined ? `${port}` : `${port} ${listen.tls[0]?.cert}`;
    open.push(name);
    return Promise.resolve({
      port,
      pending: 0,
      failures: 0,
      stop(graceful) {
        open.splice(open.indexOf(name), 1);
        stopped.push(`${name} ${graceful ? "gracefully" : "at once"}`);
        return Promise.resolve();
      },
    });
  });
  return { listeners, open, stopped };
}

test("only what differs is opened and closed", async () => {
  const { listeners, open, stopped } = setUp();
  expect(await listeners.configure([plain(80), plain(81)])).toEqual([80, 81]);
  expect(await listeners.configure([plain(82), plain(80)])).toEqual([82, 80]);
  expect([open, stopped]).toEqual([["80", "82"], ["81 gracefully"]]);
  await listeners.stop(true);
  expect(open).toEqual([]);
});

test("a new certificate comes on the port of the one before, also where the system chose it", async () => {
  const { listeners, open, stopped } = setUp();
  expect(await listeners.configure([plain(0), secure(0, "a")])).toEqual([1001, 1002]);
  expect(listeners.securePort).toBe(1002);
  expect(await listeners.configure([plain(0), secure(0, "b")])).toEqual([1001, 1002]);
  expect([open, stopped]).toEqual([["1001", "1002 b"], ["1002 a gracefully"]]);
});

test("two addresses that read the same are two", async () => {
  const { listeners } = setUp();
  expect(await listeners.configure([plain(0), plain(0)])).toEqual([1001, 1002]);
  expect(await listeners.configure([plain(0), plain(0), plain(0)])).toEqual([1001, 1002, 1003]);
});

test("where one cannot be had, all stay as they were", async () => {
  const { listeners, open, stopped } = setUp();
  await listeners.configure([plain(80), secure(443, "a")]);
  await expect(listeners.configure([plain(81), secure(443, "b"), plain(7)])).rejects.toThrow(
    "port 7 is taken",
  );
  expect([open, stopped]).toEqual([["80", "443 a"], ["81 at once", "443 b at once"]]);
  expect(await listeners.configure([plain(80), secure(443, "a")])).toEqual([80, 443]);
});
