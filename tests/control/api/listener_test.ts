import { expect, test } from "bun:test";
import { ApiListener } from "../../../src/control/api/api_listener.ts";
import type { ListenPorts } from "../../../src/control/api/web_ports.ts";
import { makeApi } from "./api_fixture.ts";

/** Listens nowhere, and tells where it would; `taken` ports are refused. */
function fakeNet() {
  const open: string[] = [];
  const taken = new Set<number>();
  const remove = (name: string) => void open.splice(open.indexOf(name), 1);
  const listen: ListenPorts = {
    listenHttp(hostname, port) {
      if (taken.has(port)) return Promise.reject(new Error(`port ${port} is taken`));
      const name = `${hostname ?? "*"}:${port}`;
      open.push(name);
      return Promise.resolve({
        port,
        stop: () => {
          remove(name);
          return Promise.resolve();
        },
      });
    },
    bindUdp(port) {
      const name = `udp:${port}`;
      open.push(name);
      return Promise.resolve({ port, send: () => true, close: () => remove(name) });
    },
  };
  return { open, taken, listen };
}

async function setUp(yaml: string) {
  const api = await makeApi(yaml);
  const net = fakeNet();
  const listener = new ApiListener(api.app.state.ports, net.listen);
  const { keeper } = api.app.state.ports;
  return { api, net, listener, keeper, settle: () => Bun.sleep(1) };
}

test("it listens on this machine until there is an account, then as configured, and back again", async () => {
  const { net, listener, keeper, settle, api } = await setUp("streams: {}\n");
  await listener.configure(keeper.current.api);
  expect(net.open).toEqual(["127.0.0.1:4242", "udp:4242"]);
  expect(api.log.lines.at(-1)).toContain("for this machine only until there is an account");
  const md5 = "0".repeat(32);
  await keeper.change([{ path: ["api", "accounts", "joe"], value: { md5 } }]);
  await settle();
  expect(net.open).toEqual(["*:4242", "udp:4242"]);
  await keeper.change([{ path: ["api", "accounts", "joe"], value: undefined }]);
  await settle();
  expect(net.open).toEqual(["127.0.0.1:4242", "udp:4242"]);
  await listener.close();
  expect(net.open).toEqual([]);
});

test("a port that is taken is tried again, later and later, and said once", async () => {
  const { api, net, listener, keeper, settle } = await setUp("api: { listen: 127.0.0.1:7, udp: false }\n");
  net.taken.add(7);
  await listener.configure(keeper.current.api);
  for (let n = 0; n < 5; n++) {
    api.clock.advance(1500);
    await settle();
  }
  expect(net.open).toEqual([]);
  expect(api.log.lines.filter((l) => l.includes("port 7"))).toEqual([
    "warn: API: port 7 is taken; tried again until it works",
  ]);
  net.taken.clear();
  api.clock.advance(4000);
  await settle();
  expect(net.open).toEqual(["127.0.0.1:7"]);
  await listener.close();
});

test("another section's change leaves the listeners alone", async () => {
  const { net, listener, keeper, settle } = await setUp("log: { level: info }\n");
  await listener.configure(keeper.current.api);
  const before = [...net.open];
  let opened = 0;
  net.open.push = (...names) => (opened += names.length);
  await keeper.change([{ path: ["log", "level"], value: "warn" }]);
  await settle();
  expect([net.open.length, opened]).toEqual([before.length, 0]);
  await listener.close();
});

test("nothing is listened on where the list is empty", async () => {
  const { net, listener, keeper } = await setUp("api: { listen: [] }\n");
  await listener.configure(keeper.current.api);
  expect(net.open).toEqual([]);
  await listener.close();
});
