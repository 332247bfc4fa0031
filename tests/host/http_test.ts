import { afterEach, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type HttpHandler,
  type HttpOptions,
  type HttpServer,
  responseBody,
  serveHttp,
} from "../../src/host/http.ts";
import { eventually as until } from "../eventually.ts";

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(false);
});

async function serve(handler: HttpHandler, options: Partial<HttpOptions> = {}): Promise<HttpServer> {
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0, ...options }, handler);
  servers.push(server);
  return server;
}

const url = (server: HttpServer, path = "/") => `http://127.0.0.1:${server.port}${path}`;

test("a request, its answer, and who asked", async () => {
  const server = await serve((request, { remote }) => new Response(`${request.method} ${remote}`));
  expect(await (await fetch(url(server), { method: "POST", body: "x" })).text()).toBe("POST 127.0.0.1");
});

test("the whole machine: IPv4 and IPv6, each address as people write it", async () => {
  const server = await serveHttp({ port: 0 }, (_request, { remote }) => new Response(remote));
  servers.push(server);
  expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe("127.0.0.1");
  expect(await (await fetch(`http://[::1]:${server.port}/`)).text()).toBe("::1");
});

test("shared memory as a body is taken when the Response is made, however slowly it is read", async () => {
  const page = new Uint8Array(new SharedArrayBuffer(24 << 20));
  const server = await serve(() => {
    page.fill(1);
    const response = new Response(responseBody(page));
    queueMicrotask(() => void page.fill(2));
    return response;
  });
  const response = await fetch(url(server));
  await Bun.sleep(100);
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(bytes.length).toBe(page.length);
  expect(bytes.indexOf(2)).toBe(-1);
});

test("a streamed body arrives chunk by chunk", async () => {
  const gate = Promise.withResolvers<void>();
  const server = await serve(() =>
    new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode("part 1"));
          await gate.promise;
          controller.enqueue(new TextEncoder().encode("part 2"));
          controller.close();
        },
      }),
    )
  );
  const reader = (await fetch(url(server))).body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("part 1");
  gate.resolve();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("part 2");
  expect((await reader.read()).done).toBe(true);
});

test("a client that goes away is seen: while it waits, and in the middle of a stream", async () => {
  const seen: string[] = [];
  const server = await serve((request) => {
    const path = new URL(request.url).pathname;
    request.signal.addEventListener("abort", () => seen.push(`abort ${path}`));
    if (path === "/waits") return new Promise(() => undefined);
    return new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(10)),
        cancel: () => void seen.push(`cancel ${path}`),
      }),
    );
  });
  for (const path of ["/waits", "/streams"]) {
    const socket = connect(server.port, "127.0.0.1");
    let heard = "";
    socket.on("data", (bytes) => heard += String(bytes));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until(
      () => server.pending === 1 && (path === "/waits" || heard.includes("\r\n\r\na\r\n")),
      () => heard,
    );
    socket.destroy();
    await until(() => seen.includes(`abort ${path}`));
    await until(() => server.pending === 0);
  }
  expect(seen).toEqual(["abort /waits", "abort /streams", "cancel /streams"]);
});

test("a handler that throws answers 500 without a word of why", async () => {
  const server = await serve((request) => {
    if (request.url.endsWith("/sync")) throw new Error("secret detail");
    return Promise.reject(new Error("secret detail"));
  });
  for (const path of ["/sync", "/async"]) {
    const response = await fetch(url(server, path));
    expect(response.status).toBe(500);
    expect(await response.text()).toBe("internal error\n");
  }
  expect(server.failures).toBe(2);
});

test("a connection that falls silent is closed after the idle timeout, counted in steps of 4 s", async () => {
  const server = await serve(() => new Response("x"), { idleTimeoutSeconds: 1 });
  const patient = await serve(() => new Response("x"), { idleTimeoutSeconds: 60 });
  const closed: string[] = [];
  for (const [name, { port }] of Object.entries({ server, patient })) {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    socket.once("close", () => closed.push(name)).resume();
  }
  await until(() => closed.length > 0);
  expect(closed).toEqual(["server"]);
}, 20_000);

test("a body beyond the limit is refused", async () => {
  const server = await serve(
    async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
    {
      maxBodyBytes: 1000,
    },
  );
  expect(await (await fetch(url(server), { method: "PUT", body: new Uint8Array(1000) })).text()).toBe("1000");
  expect((await fetch(url(server), { method: "PUT", body: new Uint8Array(1001) })).status).toBe(413);
});

test("two servers share a port with reusePort; without it the second is refused", async () => {
  const first = await serve(() => new Response("a"), { reusePort: true });
  const second = await serve(() => new Response("b"), { port: first.port, reusePort: true });
  expect(second.port).toBe(first.port);
  const got = new Set<string>();
  for (let i = 0; i < 200 && got.size < 2; i++) {
    got.add(await (await fetch(url(first), { keepalive: false, headers: { connection: "close" } })).text());
  }
  expect([...got].sort()).toEqual(["a", "b"]);
  const alone = await serve(() => new Response("c"));
  await expect(serveHttp({ hostname: "127.0.0.1", port: alone.port }, () => new Response("d"))).rejects
    .toThrow();
});

test("a graceful stop takes no more and lets the running answer end; a hard one cuts it off", async () => {
  for (const graceful of [true, false]) {
    const gate = Promise.withResolvers<Response>();
    const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, () => gate.promise);
    const answer = fetch(url(server)).then((response) => response.text(), () => "cut off");
    await until(() => server.pending === 1);
    let stopped = false;
    const stop = server.stop(graceful).then(() => stopped = true);
    await Bun.sleep(50);
    await expect(fetch(url(server))).rejects.toThrow();
    if (graceful) expect(stopped).toBe(false);
    gate.resolve(new Response("whole"));
    expect(await answer).toBe(graceful ? "whole" : "cut off");
    await stop;
  }
});

function certificate(): { cert: string; key: string } {
  const directory = mkdtempSync(join(tmpdir(), "fogcast-tls-"));
  const file = (name: string) => join(directory, name);
  execFileSync("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(
      " ",
    ),
    ...["-addext", "subjectAltName=DNS:localhost", "-keyout", file("key"), "-out", file("cert")],
  ], { stdio: "ignore" });
  const made = { cert: readFileSync(file("cert"), "utf8"), key: readFileSync(file("key"), "utf8") };
  rmSync(directory, { recursive: true });
  return made;
}

async function http2Get(authority: string, ca?: string): Promise<string> {
  const session = connectHttp2(authority, ca === undefined ? {} : { ca, servername: "localhost" });
  try {
    const stream = session.request({ ":path": "/" });
    let body = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => void (body += chunk));
    await new Promise((resolve, reject) => {
      session.once("error", reject);
      stream.once("error", reject);
      stream.once("end", resolve);
    });
    return body;
  } finally {
    session.close();
  }
}

test("TLS speaks HTTP/1.1, HTTP/2 and HTTP/3 where they are configured", async () => {
  const tls = certificate();
  const server = await serve(() => new Response("over TLS"), {
    tls: [{ ...tls, names: [] }],
    http2: true,
    http3: true,
  });
  const authority = `https://127.0.0.1:${server.port}`;
  const response = await fetch(authority, { tls: { ca: tls.cert, serverName: "localhost" } });
  expect(await response.text()).toBe("over TLS");
  expect(await http2Get(authority, tls.cert)).toBe("over TLS");
  const quic = { protocol: "http3", tls: { rejectUnauthorized: false } };
  const overQuic = await fetch(authority, quic as RequestInit);
  expect(await overQuic.text()).toBe("over TLS");
  const plain = await serve(() => new Response("no QUIC"), { tls: [{ ...tls, names: [] }] });
  const inVain = { ...quic, signal: AbortSignal.timeout(300) };
  await expect(fetch(`https://127.0.0.1:${plain.port}`, inVain as RequestInit)).rejects.toThrow();
});

test("HTTP/2 without TLS for a client that knows it beforehand", async () => {
  const server = await serve(() => new Response("clear"), { http2: true });
  expect(await http2Get(`http://127.0.0.1:${server.port}`)).toBe("clear");
});

test("a certificate that cannot be used is refused at once", async () => {
  await expect(serveHttp({ port: 0, tls: [{ cert: "no", key: "none", names: [] }] }, () => new Response()))
    .rejects
    .toThrow();
});
