import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTap } from "../../src/host/tap.ts";
import { connectTcp, listenTcp } from "../../src/host/tcp.ts";
import { bindUdp } from "../../src/host/udp.ts";

const folder = await mkdtemp(join(tmpdir(), "fogcast-tap-"));
afterAll(() => rm(folder, { recursive: true }));

async function tapped(kind: string): Promise<Uint8Array> {
  for (const name of await readdir(folder)) {
    const bytes = await Bun.file(join(folder, name)).bytes();
    if (name.includes(`-${kind}-`) && bytes.length > 0) return bytes;
  }
  throw new Error(`no ${kind} file with bytes in ${await readdir(folder)}`);
}

test("what connections and sockets receive is written beside being handled", async () => {
  startTap(folder, "cam/1");
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (connection) => {
    connection.write(new TextEncoder().encode("RTSP/1.0 200 OK"));
    connection.end();
    return { data() {}, close() {} };
  });
  let heard = "";
  await new Promise<void>((resolve, reject) => {
    connectTcp({ host: "127.0.0.1", port: listener.port, timeoutMs: 2000 }, {
      data: (bytes) => heard += new TextDecoder().decode(bytes),
      close: () => resolve(),
    }).catch(reject);
  });
  listener.close();
  expect(heard).toBe("RTSP/1.0 200 OK");
  expect(new TextDecoder().decode(await tapped("tcp"))).toBe(heard);

  const datagrams: number[] = [];
  await new Promise<void>((resolve, reject) => {
    bindUdp({ address: "127.0.0.1" }, (bytes) => {
      datagrams.push(bytes.length);
      if (datagrams.length === 2) resolve();
    }).then(async (receiver) => {
      const sender = await bindUdp({ address: "127.0.0.1" }, () => {});
      sender.send(new Uint8Array([7, 8, 9]), receiver.port, "127.0.0.1");
      sender.send(new Uint8Array([5]), receiver.port, "127.0.0.1");
    }).catch(reject);
  });
  expect([...await tapped("udp")]).toEqual([0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 1, 5]);
  expect((await readdir(folder)).every((name) => name.startsWith("cam_1-"))).toBe(true);
});
