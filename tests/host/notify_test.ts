import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNotify } from "../../src/host/notify.ts";

/** A receiver of one datagram in Python: no runtime has one. `@name` is an abstract one. */
async function receiver(path: string) {
  const code = "import socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);" +
    "s.bind(sys.argv[1].replace('@','\\0'));print('ready',flush=True);print(s.recv(99).decode(),flush=True)";
  const child = Bun.spawn(["/usr/bin/python3", "-c", code, path], {
    stdout: "pipe",
    stderr: "ignore",
    timeout: 15_000,
  });
  const reader = child.stdout.getReader();
  /** As much output as `wanted` is long: a pipe may give it in pieces. */
  const next = async (wanted: string) => {
    let text = "";
    while (text.length < wanted.length) {
      const { value, done } = await reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    expect(text).toBe(wanted);
  };
  await next("ready\n");
  return next;
}

test("openNotify() says nothing where no service manager listens", async () => {
  expect(await openNotify("")).toBeUndefined();
});

test("openNotify() sends to the socket's path", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fogcast-notify-"));
  const next = await receiver(join(folder, "s"));
  (await openNotify(join(folder, "s")))?.("READY=1\nSTATUS=serves");
  await next("READY=1\nSTATUS=serves\n");
  await rm(folder, { recursive: true });
});

test("openNotify() sends to an abstract name", async () => {
  const name = `@fogcast-notify-${process.pid}`;
  const next = await receiver(name);
  (await openNotify(name))?.("WATCHDOG=1");
  await next("WATCHDOG=1\n");
});

test("a service manager that went away is no failure, nor is a path that is none", async () => {
  const gone = await openNotify("/nowhere/at/all");
  expect(() => gone?.("READY=1")).not.toThrow();
  const wrong = await openNotify("/" + "x".repeat(200));
  expect(() => wrong?.("READY=1")).not.toThrow();
});
