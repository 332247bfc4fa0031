import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMachineLoad } from "../../src/host/machine.ts";
import { openSyslogSocket } from "../../src/host/syslog_socket.ts";
import { bindUdp } from "../../src/host/udp.ts";
import { openUnixDatagram } from "../../src/host/unix_datagram.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("messages go to a server by UDP, by name", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = await bindUdp(
    { address: "127.0.0.1" },
    (datagram) => resolve(new TextDecoder().decode(datagram)),
  );
  const socket = await openSyslogSocket({ kind: "udp", host: "127.0.0.1", port: server.port });
  expect(socket.send(bytes("<14>1 hello"))).toBe(true);
  expect(await promise).toBe("<14>1 hello");
  socket.close();
  server.close();
});

test("messages go to a Unix datagram socket, one datagram each, and its absence is no failure", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fogcast-syslog-"));
  const path = join(folder, "s");
  const socket = await openSyslogSocket({ kind: "unix", path });
  expect(socket.send(bytes("nobody listens"))).toBe(false);
  // A receiver in Python: no runtime has one.
  const code = "import socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);s.bind(sys.argv[1]);" +
    "print('ready',flush=True);print(s.recv(99).decode(),flush=True);print(s.recv(99).decode(),flush=True)";
  const child = Bun.spawn(["/usr/bin/python3", "-c", code, path], {
    stdout: "pipe",
    stderr: "ignore",
    timeout: 15_000,
  });
  const reader = child.stdout.getReader();
  let ready = "";
  while (!ready.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the receiver ended: ${ready}`);
    ready += new TextDecoder().decode(value);
  }
  expect([socket.send(bytes("one")), socket.send(bytes("two"))]).toEqual([true, true]);
  let said = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    said += new TextDecoder().decode(chunk.value);
  }
  expect(said).toBe("one\ntwo\n");
  socket.close();
  expect(socket.send(bytes("closed"))).toBe(false);
  await rm(folder, { recursive: true });
});

test("a path that does not fit into an address is refused", async () => {
  await expect(openUnixDatagram("/" + "x".repeat(107))).rejects.toThrow("at most 107");
  await expect(openUnixDatagram("")).rejects.toThrow("Cannot send to");
});

test("the load of this machine is plausible", () => {
  const load = readMachineLoad();
  expect(load.cpuTotal).toBeGreaterThan(load.cpuBusy);
  expect(load.memoryTotal).toBeGreaterThan(64 * 1024 ** 2);
  expect(load.memoryUsed).toBeGreaterThan(0);
  expect(load.memoryUsed).toBeLessThan(load.memoryTotal);
  expect(load.networkIn).toBeGreaterThanOrEqual(0);
});
