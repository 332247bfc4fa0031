import { afterEach, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectTcp, listenTcp, type TcpConnection, type TcpListener } from "../../src/host/tcp.ts";
import { connectBun, listenBun } from "../../src/host/tcp_bun.ts";
import { connectNode, listenNode } from "../../src/host/tcp_node.ts";
import { eventually as until } from "../eventually.ts";

type Connect = typeof connectTcp;
type Listen = typeof listenTcp;

const kinds: { name: string; connect: Connect; listen: Listen }[] = [
  { name: "Bun sockets", connect: (o, h) => connectBun(Bun, o, h), listen: (o, c) => listenBun(Bun, o, c) },
  { name: "node sockets", connect: connectNode, listen: listenNode },
  { name: "Bun to node", connect: (o, h) => connectBun(Bun, o, h), listen: listenNode },
];

const listeners: TcpListener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
});

function keep(listener: TcpListener): TcpListener {
  listeners.push(listener);
  return listener;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (s: string) => new TextEncoder().encode(s);

function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

for (const { name, connect, listen } of kinds) {
  test(`${name}: an echo, addresses, an orderly end seen once by both sides`, async () => {
    const closes: string[] = [];
    let accepted: TcpConnection | undefined;
    const listener = keep(
      await listen({ host: "127.0.0.1", port: 0 }, (connection) => {
        accepted = connection;
        return {
          data: (bytes) => void connection.write(bytes),
          close: (why) => closes.push(`server ${why?.message}`),
        };
      }),
    );
    let got = "";
    const client = await connect({ host: "127.0.0.1", port: listener.port, timeoutMs: 10_000 }, {
      data: (bytes) => void (got += text(bytes)),
      close: (why) => closes.push(`client ${why?.message}`),
    });
    client.write(bytesOf("hello"));
    await until(() => got === "hello");
    expect(client.remote).toEqual({ address: "127.0.0.1", port: listener.port });
    expect(accepted?.remote).toEqual(client.local);
    client.end();
    await until(() => closes.length === 2);
    expect(closes.sort()).toEqual(["client undefined", "server undefined"]);
    expect(client.write(bytesOf("late"))).toBe(0);
  });

  test(`${name}: shared memory may be overwritten as soon as write returns, whatever the backpressure`, async () => {
    const total = 24 * 1024 * 1024;
    let received = 0;
    let wrong = 0;
    let server: TcpConnection | undefined;
    const listener = keep(
      await listen({ host: "127.0.0.1", port: 0 }, (connection) => {
        server = connection;
        connection.pause();
        return {
          data(bytes) {
            for (let i = 0; i < bytes.length; i += 997) {
              if (bytes[i] !== (((received + i) >> 16) & 0xff)) wrong++;
            }
            received += bytes.length;
          },
          close: () => undefined,
        };
      }),
    );
    let drained = 0;
    const client = await connect({ host: "127.0.0.1", port: listener.port, timeoutMs: 10_000 }, {
      data: () => undefined,
      drain: () => void drained++,
      close: () => undefined,
    });
    await until(() => server !== undefined);
    const page = sharedBytes(65536);
    for (let i = 0; i < total / page.length; i++) {
      page.fill(i & 0xff);
      client.write(page);
    }
    page.fill(0xee);
    expect(client.queued).toBeGreaterThan(0);
    server?.resume();
    await until(() => received === total, () => received);
    expect(wrong).toBe(0);
    await until(() => drained > 0);
    expect(client.queued).toBe(0);
    client.destroy();
  });

  test(`${name}: what is queued arrives before the end`, async () => {
    let received = 0;
    let closed = false;
    const listener = keep(
      await listen({ host: "127.0.0.1", port: 0 }, (connection) => {
        connection.write(new Uint8Array(8 * 1024 * 1024));
        connection.end();
        return { data: () => undefined, close: () => undefined };
      }),
    );
    await connect({ host: "127.0.0.1", port: listener.port, timeoutMs: 10_000 }, {
      data: (bytes) => void (received += bytes.length),
      close: () => closed = true,
    });
    await until(() => closed);
    expect(received).toBe(8 * 1024 * 1024);
  });

  test(`${name}: a peer that does not read is closed, with the reason`, async () => {
    let why: Error | undefined;
    const listener = keep(
      await listen({ host: "127.0.0.1", port: 0 }, (connection) => {
        connection.pause();
        return { data: () => undefined, close: () => undefined };
      }),
    );
    const client = await connect(
      { host: "127.0.0.1", port: listener.port, timeoutMs: 10_000, maxQueuedBytes: 1 << 20 },
      { data: () => undefined, close: (reason) => why = reason },
    );
    await until(() => {
      client.write(new Uint8Array(1 << 20));
      return why !== undefined;
    });
    expect(why?.message).toMatch(/^Peer does not read: \d+ bytes are waiting, at most 1048576$/);
    expect(client.queued).toBe(0);
  });

  test(`${name}: a handler that throws ends its own connection only`, async () => {
    const reasons: (string | undefined)[] = [];
    const listener = keep(
      await listen({ host: "127.0.0.1", port: 0 }, (connection) => ({
        data(bytes) {
          if (text(bytes) === "poison") throw new Error("bad bytes");
          connection.write(bytes);
        },
        close: (why) => reasons.push(why?.message),
      })),
    );
    let echoed = "";
    let poisonedClosed = false;
    const open = (onClose: () => void) =>
      connect({ host: "127.0.0.1", port: listener.port, timeoutMs: 10_000 }, {
        data: (bytes) => void (echoed += text(bytes)),
        close: onClose,
      });
    const healthy = await open(() => undefined);
    const poisoned = await open(() => poisonedClosed = true);
    poisoned.write(bytesOf("poison"));
    await until(() => poisonedClosed);
    expect(reasons).toEqual(["bad bytes"]);
    healthy.write(bytesOf("still here"));
    await until(() => echoed === "still here");
    healthy.destroy();
  });

  test(`${name}: an abort ends the connection with its reason`, async () => {
    const listener = keep(
      await listen({ host: "127.0.0.1", port: 0 }, () => ({ data: () => undefined, close: () => undefined })),
    );
    const abort = new AbortController();
    let why: Error | undefined;
    await connect({ host: "127.0.0.1", port: listener.port, timeoutMs: 10_000, signal: abort.signal }, {
      data: () => undefined,
      close: (reason) => why = reason,
    });
    abort.abort(new Error("no longer wanted"));
    await until(() => why !== undefined);
    expect(why?.message).toBe("no longer wanted");
  });

  test(`${name}: nobody listens, an unknown name, an aborted signal`, async () => {
    const handlers = { data: () => undefined, close: () => undefined };
    const port = await freePort();
    await expect(connect({ host: "127.0.0.1", port, timeoutMs: 10_000 }, handlers)).rejects.toThrow(
      new RegExp(`^Cannot connect to 127.0.0.1:${port}: .*ECONNREFUSED`),
    );
    await expect(connect({ host: "no-such-host.invalid", port: 1, timeoutMs: 10_000 }, handlers)).rejects
      .toThrow(
        "Cannot connect to no-such-host.invalid:1",
      );
    const signal = AbortSignal.abort(new Error("stopped before"));
    await expect(connect({ host: "127.0.0.1", port, timeoutMs: 10_000, signal }, handlers)).rejects.toThrow(
      "stopped before",
    );
  });

  test(`${name}: a taken port is refused`, async () => {
    const none = () => ({ data: () => undefined, close: () => undefined });
    const listener = keep(await listen({ host: "127.0.0.1", port: 0 }, none));
    await expect(listen({ host: "127.0.0.1", port: listener.port }, none)).rejects.toThrow();
  });
}

async function freePort(): Promise<number> {
  const listener = await listenNode({ host: "127.0.0.1", port: 0 }, () => ({
    data: () => undefined,
    close: () => undefined,
  }));
  listener.close();
  return listener.port;
}

test("connectTcp() gives up on a server that accepts but never shakes hands", async () => {
  const listener = keep(
    await listenTcp(
      { host: "127.0.0.1", port: 0 },
      () => ({ data: () => undefined, close: () => undefined }),
    ),
  );
  const attempt = connectTcp(
    { host: "127.0.0.1", port: listener.port, tls: { verify: false }, timeoutMs: 200 },
    { data: () => undefined, close: () => undefined },
  );
  await expect(attempt).rejects.toThrow("no answer within 200 ms");
});

function certificate(): { cert: string; key: string } {
  const directory = mkdtempSync(join(tmpdir(), "fogcast-tls-"));
  const file = (name: string) => join(directory, name);
  execFileSync("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=camera.test"
      .split(" "),
    ...["-addext", "subjectAltName=DNS:camera.test", "-keyout", file("key"), "-out", file("cert")],
  ], { stdio: "ignore" });
  const made = { cert: readFileSync(file("cert"), "utf8"), key: readFileSync(file("key"), "utf8") };
  rmSync(directory, { recursive: true });
  return made;
}

test("TLS: unverified, verified by a given CA and name, refused for a foreign one", async () => {
  const { cert, key } = certificate();
  const listener = keep(
    await listenTcp({ host: "127.0.0.1", port: 0, tls: { cert, key } }, (connection) => ({
      data: (bytes) => void connection.write(bytes),
      close: () => undefined,
    })),
  );
  const echo = async (tls: { verify: boolean; ca?: string; servername?: string }): Promise<string> => {
    let got = "";
    const connection = await connectTcp({ host: "127.0.0.1", port: listener.port, tls, timeoutMs: 10_000 }, {
      data: (bytes) => void (got += text(bytes)),
      close: () => undefined,
    });
    const page = sharedBytes(4);
    page.set(bytesOf("ping"));
    connection.write(page);
    page.fill(0);
    await until(() => got.length === 4);
    connection.end();
    return got;
  };
  expect(await echo({ verify: false })).toBe("ping");
  expect(await echo({ verify: true, ca: cert, servername: "camera.test" })).toBe("ping");
  await expect(echo({ verify: true })).rejects.toThrow("Cannot connect to 127.0.0.1");
  await expect(echo({ verify: true, ca: cert, servername: "other.test" })).rejects.toThrow(
    "Cannot connect to",
  );
});

test("reusePort lets a second listener have the port", async () => {
  const none = () => ({ data: () => undefined, close: () => undefined });
  const first = keep(await listenTcp({ host: "127.0.0.1", port: 0, reusePort: true }, none));
  const second = keep(await listenTcp({ host: "127.0.0.1", port: first.port, reusePort: true }, none));
  expect(second.port).toBe(first.port);
});

test("listenTcp() without a host takes IPv4 and IPv6", async () => {
  const seen: string[] = [];
  const listener = keep(
    await listenTcp({ port: 0 }, (connection) => {
      seen.push(connection.remote.address);
      return { data: () => undefined, close: () => undefined };
    }),
  );
  const handlers = { data: () => undefined, close: () => undefined };
  await connectTcp({ host: "127.0.0.1", port: listener.port, timeoutMs: 10_000 }, handlers);
  await connectTcp({ host: "::1", port: listener.port, timeoutMs: 10_000 }, handlers);
  await until(() => seen.length === 2);
  expect(seen).toEqual(["127.0.0.1", "::1"]);
});

test("Bun sockets: what came is given back after the call, unless it is little", async () => {
  const kept: Uint8Array[] = [];
  const copies: Uint8Array[] = [];
  const lengths: number[] = [];
  let sum = 0;
  const listener = keep(
    await listenBun(Bun, { host: "127.0.0.1", port: 0 }, () => ({
      data(bytes) {
        kept.push(bytes, bytes.subarray(0, 1));
        copies.push(bytes.slice(0, 1));
        lengths.push(bytes.length);
        for (const byte of bytes) sum += byte;
      },
      close() {},
    })),
  );
  const client = await connectBun(Bun, { host: "127.0.0.1", port: listener.port, timeoutMs: 10_000 }, {
    data() {},
    close() {},
  });
  const received = () => lengths.reduce((all, length) => all + length, 0);
  client.write(new Uint8Array(100).fill(1));
  await until(() => received() === 100);
  expect(kept.map((view) => view.length)).toEqual([100, 1]);
  client.write(new Uint8Array(300_000).fill(1));
  await until(() => received() === 300_100);
  expect(sum).toBe(300_100);
  const large = lengths.map((length, n) => ({ length, at: 2 * n })).filter(({ length }) => length >= 4096);
  expect(large.length).toBeGreaterThan(0);
  for (const { at } of large) expect([kept[at]?.length, kept[at + 1]?.length]).toEqual([0, 0]);
  expect(copies.map(([byte]) => byte)).toEqual(lengths.map(() => 1));
  client.end();
});
