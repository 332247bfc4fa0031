import { expect, test } from "bun:test";
import { tsTcpPush } from "../../../src/egress/push/ts/tcp_push.ts";
import { listenTcp, type TcpConnection } from "../../../src/host/tcp.ts";
import { pushStream } from "./pushed_stream.ts";

/** Listens on a port of its own, and keeps what comes. */
async function listen() {
  const connections: TcpConnection[] = [];
  const chunks: Uint8Array[] = [];
  let ends = 0;
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (connection) => {
    connections.push(connection);
    return { data: (bytes) => void chunks.push(bytes.slice()), close: () => void ends++ };
  });
  const bytes = () => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return {
    connections,
    bytes,
    get ends() {
      return ends;
    },
    url: `tstcp://127.0.0.1:${listener.port}`,
    close: () => listener.close(),
    whole: () => new Uint8Array(Buffer.concat(chunks)),
  };
}

test("a receiver gets whole packets from a key frame on, all that was sent, and an end", async () => {
  const peer = await listen();
  const t = await pushStream(tsTcpPush, peer.url);
  await t.begun();
  await t.write(6, () => peer.bytes() === t.meter.bytes);
  await t.close();
  await t.until(() => peer.ends === 1);
  const whole = peer.whole();
  expect(whole.length).toBe(t.meter.bytes);
  expect(whole.length % 188).toBe(0);
  for (let at = 0; at < whole.length; at += 188) expect(whole[at]).toBe(0x47);
  // tables first
  expect(((whole[1] as number) & 0x1f) << 8 | (whole[2] as number)).toBe(0);
  peer.close();
});

test("a receiver that goes away ends the push, and one that is not there is said so", async () => {
  const peer = await listen();
  const t = await pushStream(tsTcpPush, peer.url);
  await t.begun();
  peer.connections[0]?.destroy();
  await expect(t.run).rejects.toThrow();
  await t.scope.close();
  peer.close();
  const nobody = await pushStream(tsTcpPush, peer.url);
  await expect(nobody.run).rejects.toThrow(`Cannot connect to ${peer.url.slice(8)}`);
  await nobody.scope.close();
});

test("it ends while it connects", async () => {
  // an address of documentation, RFC 5737: nobody answers, if there is a way there at all
  const t = await pushStream(tsTcpPush, "tstcp://192.0.2.1:9");
  await t.scope.close();
  await expect(t.run).rejects.toThrow();
});

test("only a host and a port are a target", () => {
  const { refuse } = tsTcpPush.descriptor;
  for (const good of ["tstcp://h:1", "tstcp://[::1]:5000"]) expect(refuse?.(good)).toBeUndefined();
  for (const bad of ["tstcp://h", "tstcp://h:0", "tstcp://h:1/eth0"]) {
    expect(refuse?.(bad)).toBe("tstcp://host:port");
  }
});
