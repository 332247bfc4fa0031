/** What deno_test.ts runs under Deno: each capability once, over real sockets; prints a line for each that works. */
import { systemClock } from "../../src/host/clock.ts";
import { listAssets, readAsset } from "../../src/host/assets.ts";
import { sha256Hex } from "../../src/host/hash.ts";
import { responseBody, serveHttp } from "../../src/host/http.ts";
import { printLine } from "../../src/host/process.ts";
import { connectTcp, listenTcp } from "../../src/host/tcp.ts";
import { bindUdp, bindUdpPair } from "../../src/host/udp.ts";
import type { WebSocketPeer } from "../../src/host/websocket.ts";
import { spawnWorkerFrom } from "../../src/host/worker.ts";

const page = new Uint8Array(new SharedArrayBuffer(1000));

async function tcp(): Promise<string> {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (connection) => ({
    data: (bytes) => void connection.write(bytes),
    close: () => undefined,
  }));
  page.fill(1);
  let got = 0;
  let wrong = 0;
  await new Promise<void>((resolve, reject) => {
    connectTcp({ host: "127.0.0.1", port: listener.port, timeoutMs: 20_000 }, {
      data(bytes) {
        got += bytes.length;
        for (const byte of bytes) wrong += byte === 1 ? 0 : 1;
        if (got === 1000) connection?.end();
      },
      close: () => resolve(),
    }).then((made) => {
      connection = made;
      made.write(page);
      page.fill(2);
    }, reject);
    let connection: Awaited<ReturnType<typeof connectTcp>> | undefined;
  });
  listener.close();
  return `tcp ${got} ${wrong}`;
}

async function udp(): Promise<string> {
  const heard: string[] = [];
  const { rtp, rtcp } = await bindUdpPair(
    { receiveBufferBytes: 1 << 20 },
    () => heard.push("rtp"),
    () => undefined,
  );
  rtp.joinGroup("239.255.77.9", { interface: "127.0.0.1" });
  rtp.joinGroup("232.1.77.9", { interface: "127.0.0.1", source: "127.0.0.1" });
  const sender = await bindUdp({ address: "127.0.0.1" }, () => undefined);
  sender.setMulticastInterface("127.0.0.1");
  sender.send(page, rtp.port, "127.0.0.1");
  sender.send(page, rtp.port, "239.255.77.9");
  sender.send(page, rtp.port, "232.1.77.9");
  while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const socket of [rtp, rtcp, sender]) socket.close();
  return `udp ${heard.length}`;
}

async function http(): Promise<string> {
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, (request, { remote }) => {
    if (request.url.endsWith("/throw")) throw new Error("secret");
    return new Response(responseBody(page), { headers: { remote } });
  });
  const good = await fetch(`http://127.0.0.1:${server.port}/`);
  const bytes = (await good.arrayBuffer()).byteLength;
  const bad = await fetch(`http://127.0.0.1:${server.port}/throw`);
  const text = await bad.text();
  await server.stop(true);
  return `http ${good.headers.get("remote")} ${bytes} ${bad.status} ${text.trim()} ${server.failures}`;
}

/** Binary messages to and fro, and a queue that becomes shorter. */
async function webSocket(): Promise<string> {
  const big = new Uint8Array(2 << 20);
  let drains = 0;
  let queued = 0;
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0, webSockets: true }, (_request, info) => {
    let peer: WebSocketPeer | undefined;
    return info.upgrade?.({
      open: (p) => void (peer = p),
      message() {},
      binary(bytes) {
        peer?.send(bytes);
        queued = peer?.send(big) ?? 0;
      },
      drain: () => drains++,
      close() {},
    }) ?? new Response("plain");
  });
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  socket.binaryType = "arraybuffer";
  const sizes: number[] = [];
  socket.onopen = () => socket.send(new Uint8Array(3));
  await new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => {
      sizes.push(data.byteLength);
      if (sizes.length === 2) resolve();
    };
  });
  while (queued > 0 && drains === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  socket.close();
  await server.stop(false);
  return `websocket ${sizes.join(" ")}`;
}

function worker(how: string): Promise<string> {
  return new Promise((resolve) => {
    const url = new URL("./workers/echo.ts", import.meta.url).href;
    const handle = spawnWorkerFrom(url, "echo", { role: "x" }, {
      message: () => undefined,
      exit: ({ error }) => resolve(`worker ${how} ${error?.split("\n")[0]}`),
    });
    handle.post(how);
    if (how === "loop") setTimeout(() => handle.terminate(), 300);
  });
}

printLine(await tcp());
printLine(await udp());
printLine(await http());
printLine(await webSocket());
for (const how of ["throw", "reject", "exit", "close", "loop"]) printLine(await worker(how));
printLine(`assets ${listAssets().includes("hls.js")} ${(readAsset("demo/clip.h264")?.length ?? 0) > 1000}`);
printLine(`hash ${sha256Hex("abc").slice(0, 8)} clock ${systemClock.mono() > 0}`);
