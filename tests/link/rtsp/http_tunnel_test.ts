import { afterEach, expect, test } from "bun:test";
import { systemClock } from "../../../src/host/clock.ts";
import { serveRtsp } from "../../../src/link/rtsp/server.ts";
import { TUNNEL_HEAD_MAX } from "../../../src/link/rtsp/http_tunnel.ts";
import { eventually } from "../../eventually.ts";
import { RawPeer, request, statusOf } from "./raw_peer.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).reverse().forEach((close) => close()));

async function tunnelServer() {
  const server = await serveRtsp({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    log: quiet,
    describe: () => undefined,
  });
  closers.push(() => server.close());
  const peer = async () => {
    const one = await RawPeer.open(server.port);
    closers.push(() => one.tcp.destroy());
    return one;
  };
  return { server, peer };
}

const get = (cookie: string) => `GET /a HTTP/1.0\r\nx-sessioncookie: ${cookie}\r\nAccept: a/b\r\n\r\n`;
const post = (cookie: string) =>
  `POST /a HTTP/1.0\r\nContent-Length: 32767\r\nX-SessionCookie: ${cookie}\r\n\r\n`;
const options = (uri = "rtsp://h/a") => btoa(request("OPTIONS", uri));

test("what a POST brings in base64 is answered on the GET, cut at every byte", async () => {
  const { server, peer } = await tunnelServer();
  const down = await peer();
  await down.drip(get("cookie1"));
  await eventually(() => down.received.includes("application/x-rtsp-tunnelled\r\n\r\n"));
  expect(down.received).toStartWith("HTTP/1.0 200 OK\r\n");
  const up = await peer();
  await up.drip(post("cookie1") + options() + options("rtsp://hh/a") + "\r\n" + options("rtsp://hhh/a"));
  for (let i = 0; i < 3; i++) expect(statusOf(await down.answer())).toBe(200);
  expect(up.received).toBe("");
  // One POST after the other.
  const next = await peer();
  next.send(post("cookie1"));
  await eventually(() => up.closed);
  next.send(options());
  expect(statusOf(await down.answer())).toBe(200);
  down.tcp.destroy();
  await eventually(() => next.closed && server.connections === 0);
});

test("what is no tunnel of ours is refused", async () => {
  const { server, peer } = await tunnelServer();
  const kept = await peer();
  kept.send(get("taken"));
  await eventually(() => kept.received.includes("200 OK"));
  const cases = [
    "GET /a HTTP/1.0\r\n\r\n",
    get("taken"),
    post("unknown"),
    get("x".repeat(300)),
  ];
  for (const text of cases) {
    const one = await peer();
    one.send(text);
    await eventually(() => one.closed);
    expect(one.received).toStartWith("HTTP/1.0 404");
  }
  for (const text of [`GET /${"a".repeat(TUNNEL_HEAD_MAX)}`, `${post("taken")}!!!!`]) {
    const one = await peer();
    one.send(text);
    await eventually(() => one.closed);
  }
  await eventually(() => server.connections === 1);
});

test("GET_PARAMETER is RTSP, wherever it is cut", async () => {
  const { peer } = await tunnelServer();
  const one = await peer();
  await one.drip(request("GET_PARAMETER", "rtsp://h/a"));
  expect(statusOf(await one.answer())).toBe(200);
});
