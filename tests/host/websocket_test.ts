import { afterEach, expect, test } from "bun:test";
import { type HttpServer, serveHttp } from "../../src/host/http.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassedSocket } from "../../src/app/passed_socket.ts";
import { connectPassedOn, REMOTE_HEADER, servePassedOn } from "../../src/host/http_pass_on.ts";
import { connectTcp } from "../../src/host/tcp.ts";
import { eventually } from "../eventually.ts";
import {
  WEBSOCKET_MESSAGE_MAX,
  type WebSocketHandlers,
  type WebSocketPeer,
} from "../../src/host/websocket.ts";

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(false);
});

/** A server that turns every request that asks for it into what `handlers` makes. */
async function serve(handlers: () => WebSocketHandlers, webSockets = true): Promise<string> {
  const server = await serveHttp(
    { hostname: "127.0.0.1", port: 0, webSockets },
    (_request, info) => info.upgrade?.(handlers()) ?? new Response("plain"),
  );
  servers.push(server);
  return `127.0.0.1:${server.port}`;
}

/** Messages and the close code of a client that says `hello` once it is in. */
function talk(at: string, say: string | Uint8Array<ArrayBuffer> = "hello", stopAfter = 1) {
  return new Promise<{ heard: string[]; code: number }>((resolve) => {
    const heard: string[] = [];
    const socket = new WebSocket(`ws://${at}/`);
    socket.onopen = () => socket.send(say);
    socket.onmessage = ({ data }) => {
      heard.push(String(data));
      if (heard.length === stopAfter) socket.close();
    };
    socket.onclose = ({ code }) => resolve({ heard, code });
  });
}

test("text goes both ways, and the owner hears of the end", async () => {
  let closed = 0;
  let peer: WebSocketPeer | undefined;
  const at = await serve(() => ({
    open: (p) => void (peer = p),
    message: (text) => peer?.send(text.toUpperCase()),
    close: () => closed++,
  }));
  expect((await talk(at)).heard).toEqual(["HELLO"]);
  await eventually(() => closed > 0);
  expect(closed).toBe(1);
  expect(() => peer?.send("too late")).not.toThrow();
});

test("a request that asks for no WebSocket is answered as ever", async () => {
  const at = await serve(() => ({ open() {}, message() {}, close() {} }));
  expect(await (await fetch(`http://${at}/`)).text()).toBe("plain");
});

test("a server without WebSockets answers the request itself", async () => {
  const at = await serve(() => ({ open() {}, message() {}, close() {} }), false);
  expect((await talk(at)).heard).toEqual([]);
});

test("a handler that throws closes its own connection only", async () => {
  const at = await serve(() => ({
    open() {},
    message() {
      throw new Error("broken");
    },
    close() {},
  }));
  expect((await talk(at)).code).toBe(1011);
  expect(await (await fetch(`http://${at}/`)).text()).toBe("plain");
});

test("binary messages close a connection whose owner takes none", async () => {
  const at = await serve(() => ({ open() {}, message() {}, close() {} }));
  expect((await talk(at, new Uint8Array([1, 2, 3]))).code).toBe(1003);
});

test("bytes go both ways, views on shared memory too, also where the answer came late", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8)).subarray(2, 5);
  let peer: WebSocketPeer | undefined;
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0, webSockets: true }, async (_r, info) => {
    await Bun.sleep(5);
    return info.upgrade?.({
      open: (p) => void (peer = p),
      message() {},
      binary(bytes) {
        shared.set(bytes);
        peer?.send(shared);
        shared.fill(0);
      },
      close() {},
    }) ?? new Response("plain");
  });
  servers.push(server);
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  socket.binaryType = "arraybuffer";
  const heard = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(new Uint8Array(data)));
  socket.onopen = () => socket.send(Uint8Array.of(7, 8, 9));
  expect(await heard).toEqual(Uint8Array.of(7, 8, 9));
  socket.close();
  expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe("plain");
});

test("a message longer than allowed closes the connection", async () => {
  const at = await serve(() => ({ open() {}, message() {}, binary() {}, close() {} }));
  expect((await talk(at, new Uint8Array(WEBSOCKET_MESSAGE_MAX + 1))).code).not.toBe(1000);
});

test("a peer that does not read queues, says so, and drains when it reads again", async () => {
  let peer: WebSocketPeer | undefined;
  let drains = 0;
  const at = await serve(() => ({
    open: (p) => void (peer = p),
    message() {},
    drain: () => drains++,
    close() {},
  }));
  const [hostname, port] = at.split(":") as [string, string];
  let taken = 0;
  const client = await connectTcp({ host: hostname, port: Number(port), timeoutMs: 10_000 }, {
    data: (bytes) => void (taken += bytes.length),
    close() {},
  });
  client.write(new TextEncoder().encode(
    `GET / HTTP/1.1\r\nHost: ${at}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n\r\n",
  ));
  await eventually(() => taken > 0);
  const head = taken;
  client.pause();
  const chunk = new Uint8Array(256 * 1024);
  let sent = 0;
  let queued = 0;
  // the system's own buffers take some MB first
  while (queued === 0 && sent < 400) {
    queued = peer?.send(chunk) ?? 0;
    sent++;
  }
  expect(queued).toBeGreaterThan(0);
  expect(peer?.queued).toBe(queued);
  expect(peer?.send(chunk)).toBeGreaterThan(queued);
  sent++;
  client.resume();
  const whole = head + sent * (chunk.length + 10);
  await eventually(() => taken >= whole && drains > 0, () => [taken, whole, drains]);
  expect(taken).toBe(whole);
  expect(peer?.queued).toBe(0);
  client.destroy();
});

test("a socket goes on at another process, over its unix socket, with the address of the client", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-passed-"));
  const path = join(folder, "socket");
  const stop = servePassedOn(path, (request, info) => {
    const { pathname, search } = new URL(request.url);
    const asked = `${pathname}${search} ${request.headers.get(REMOTE_HEADER)}`;
    let peer: WebSocketPeer | undefined;
    return info.upgrade?.({
      open: (p) => {
        peer = p;
        p.send(asked);
        p.send(Uint8Array.of(1, 2, 3));
      },
      message: (text) => text === "no" ? peer?.close(1008, "said") : peer?.send(text.toUpperCase()),
      close() {},
    }) ?? new Response("plain");
  });
  const at = await serve(() =>
    new PassedSocket((events) => connectPassedOn(path, "/cam.mp4?video=1", "192.0.2.7", events))
  );
  const refused = new WebSocket(`ws://${at}/`);
  refused.onopen = () => refused.send("no");
  const said = await new Promise((resolve) =>
    refused.onclose = ({ code, reason }) => resolve([code, reason])
  );
  expect(said).toEqual([1008, "said"]);
  const socket = new WebSocket(`ws://${at}/`);
  socket.binaryType = "arraybuffer";
  const heard: unknown[] = [];
  socket.onopen = () => socket.send("hello");
  const ended = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
  await new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => {
      heard.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
      if (heard.length === 3) resolve();
    };
  });
  expect(heard).toEqual(["/cam.mp4?video=1 192.0.2.7", [1, 2, 3], "HELLO"]);
  await stop();
  expect(await ended).toBe(1012);
  rmSync(folder, { recursive: true });
});
