import { afterEach, expect, test } from "bun:test";
import { type HttpServer, serveHttp } from "../../src/host/http.ts";
import type { WebSocketHandlers, WebSocketPeer } from "../../src/host/websocket.ts";

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
  for (let n = 0; n < 100 && closed === 0; n++) await Bun.sleep(5);
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

test("binary messages close the connection", async () => {
  const at = await serve(() => ({ open() {}, message() {}, close() {} }));
  expect((await talk(at, new Uint8Array([1, 2, 3]))).code).toBe(1003);
});
