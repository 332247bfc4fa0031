import { afterEach, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import {
  bindUdp,
  bindUdpPair,
  type OnDatagram,
  type UdpOptions,
  type UdpSocket,
} from "../../src/host/udp.ts";
import { bindBun } from "../../src/host/udp_bun.ts";
import { bindNode } from "../../src/host/udp_node.ts";
import { eventually as until } from "../eventually.ts";

const kinds: { name: string; bind: typeof bindUdp }[] = [
  { name: "Bun sockets", bind: (o, d) => bindBun(Bun, o, d) },
  { name: "node sockets", bind: bindNode },
];

const open: UdpSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

const ignore: OnDatagram = () => undefined;

for (const { name, bind } of kinds) {
  const make = async (options: UdpOptions, onDatagram: OnDatagram): Promise<UdpSocket> => {
    const socket = await bind(options, onDatagram);
    open.push(socket);
    return socket;
  };

  test(`${name}: one datagram from shared memory, with its sender`, async () => {
    const got: { text: string; port: number; address: string }[] = [];
    const receiver = await make(
      { address: "127.0.0.1" },
      (bytes, port, address) => void got.push({ text: new TextDecoder().decode(bytes), port, address }),
    );
    const sender = await make({ address: "127.0.0.1" }, ignore);
    const page = new Uint8Array(new SharedArrayBuffer(64));
    page.set(new TextEncoder().encode("frame"), 8);
    expect(sender.send(page.subarray(8, 13), receiver.port, "127.0.0.1")).toBe(true);
    page.fill(0);
    await until(() => got.length === 1);
    expect(got).toEqual([{ text: "frame", port: sender.port, address: "127.0.0.1" }]);
  });

  test(`${name}: a batch of 150 arrives whole and in order`, async () => {
    const got: number[] = [];
    const receiver = await make(
      { address: "127.0.0.1" },
      (bytes) => void got.push(bytes[0]! * 256 + bytes[1]!),
    );
    const sender = await make({ address: "127.0.0.1" }, ignore);
    const packets = Array.from({ length: 150 }, (_, i) => new Uint8Array([i >> 8, i & 0xff, 7, 7]));
    expect(sender.sendMany(packets, receiver.port, "127.0.0.1")).toBe(150);
    await until(() => got.length === 150);
    expect(got).toEqual(packets.map((_, i) => i));
  });

  test(`${name}: IPv6`, async () => {
    let from = "";
    const receiver = await make({ address: "::1" }, (_bytes, _port, address) => from = address);
    const sender = await make({ address: "::1" }, ignore);
    sender.send(new Uint8Array(3), receiver.port, "::1");
    await until(() => from !== "");
    expect(from).toBe("::1");
  });

  test(`${name}: a handler that throws is counted, and the next datagram still comes`, async () => {
    let calls = 0;
    const receiver = await make({ address: "127.0.0.1" }, () => {
      calls++;
      throw new Error("bad datagram");
    });
    const sender = await make({ address: "127.0.0.1" }, ignore);
    sender.send(new Uint8Array(1), receiver.port, "127.0.0.1");
    sender.send(new Uint8Array(1), receiver.port, "127.0.0.1");
    await until(() => calls === 2);
    expect(receiver.failures).toBe(2);
  });

  test(`${name}: an oversized datagram and a closed socket are refused, not thrown`, async () => {
    const sender = await make({ address: "127.0.0.1" }, ignore);
    sender.send(new Uint8Array(70_000), 9, "127.0.0.1");
    await until(() => sender.failures === 1);
    sender.close();
    sender.close();
    expect(sender.send(new Uint8Array(1), 9, "127.0.0.1")).toBe(false);
    expect(sender.sendMany([new Uint8Array(1)], 9, "127.0.0.1")).toBe(0);
  });

  test(`${name}: a taken port is refused`, async () => {
    const first = await make({ address: "127.0.0.1" }, ignore);
    await expect(bind({ address: "127.0.0.1", port: first.port }, ignore)).rejects.toThrow("EADDRINUSE");
  });

  test(`${name}: a group on a chosen interface, left again`, async () => {
    let got = 0;
    const receiver = await make({}, () => void got++);
    receiver.joinGroup("239.255.77.1", { interface: "127.0.0.1" });
    const sender = await make({}, ignore);
    sender.setMulticastInterface("127.0.0.1");
    sender.setMulticastTtl(1);
    sender.setMulticastLoopback(true);
    sender.setTtl(4);
    sender.send(new Uint8Array(4), receiver.port, "239.255.77.1");
    await until(() => got === 1);
    receiver.leaveGroup("239.255.77.1", { interface: "127.0.0.1" });
    sender.send(new Uint8Array(4), receiver.port, "239.255.77.1");
    // what is sent behind it comes behind it
    sender.send(new Uint8Array(4), receiver.port, "127.0.0.1");
    await until(() => got > 1);
    expect(got).toBe(2);
    expect(() => receiver.joinGroup("10.0.0.1")).toThrow();
  });

  test(`${name}: a group from one source hears that source and no other`, async () => {
    const got: string[] = [];
    const receiver = await make({}, (bytes) => void got.push(new TextDecoder().decode(bytes)));
    receiver.joinGroup("232.1.77.2", { interface: "127.0.0.1", source: "127.0.0.1" });
    const wanted = await make({ address: "127.0.0.1" }, ignore);
    const other = await make({ address: "127.0.0.2" }, ignore);
    for (const [socket, text] of [[other, "other"], [wanted, "wanted"], [other, "other"]] as const) {
      socket.setMulticastInterface("127.0.0.1");
      socket.send(new TextEncoder().encode(text), receiver.port, "232.1.77.2");
    }
    other.send(new TextEncoder().encode("the end"), receiver.port, "127.0.0.1");
    await until(() => got.includes("the end"));
    expect(got).toEqual(["wanted", "the end"]);
    receiver.leaveGroup("232.1.77.2", { interface: "127.0.0.1", source: "127.0.0.1" });
  });
}

test("two sockets share a group's port with reuseAddr, and a bind to the group hears no other group", async () => {
  const heard: string[] = [];
  const a = await bindUdp({ address: "239.255.77.3", reuseAddr: true }, () => void heard.push("a"));
  const b = await bindUdp(
    { address: "239.255.77.3", port: a.port, reuseAddr: true },
    () => void heard.push("b"),
  );
  const c = await bindUdp(
    { address: "239.255.77.4", port: a.port, reuseAddr: true },
    () => void heard.push("c"),
  );
  open.push(a, b, c);
  a.joinGroup("239.255.77.3", { interface: "127.0.0.1" });
  b.joinGroup("239.255.77.3", { interface: "127.0.0.1" });
  c.joinGroup("239.255.77.4", { interface: "127.0.0.1" });
  const sender = await bindUdp({}, ignore);
  open.push(sender);
  sender.setMulticastInterface("127.0.0.1");
  sender.send(new Uint8Array(2), a.port, "239.255.77.3");
  await until(() => heard.length >= 2);
  sender.send(new Uint8Array(2), a.port, "239.255.77.4");
  await until(() => heard.includes("c"));
  expect(heard.sort()).toEqual(["a", "b", "c"]);
});

test("receiveBufferBytes keeps a burst that the default queue loses", async () => {
  let got = 0;
  const receiver = await bindUdp({ address: "127.0.0.1", receiveBufferBytes: 4 << 20 }, () => void got++);
  const sender = await bindUdp({ address: "127.0.0.1" }, ignore);
  open.push(receiver, sender);
  const burst = Array.from({ length: 1000 }, () => new Uint8Array(1316));
  sender.sendMany(burst, receiver.port, "127.0.0.1");
  await until(() => got === 1000);
  expect(got).toBe(1000);
});

test("bindUdpPair() takes an even port and the next one, twenty times", async () => {
  for (let i = 0; i < 20; i++) {
    const { rtp, rtcp } = await bindUdpPair({ address: "127.0.0.1" }, ignore, ignore);
    open.push(rtp, rtcp);
    expect(rtp.port % 2).toBe(0);
    expect(rtcp.port).toBe(rtp.port + 1);
  }
});

test("bindUdpPair() keeps to its range and says when it is full", async () => {
  const free = await bindUdpPair({ address: "127.0.0.1" }, ignore, ignore);
  const from = free.rtp.port;
  free.rtp.close();
  free.rtcp.close();
  const range = { address: "127.0.0.1", ports: { from: from - 1, to: from + 1 } };
  const pair = await bindUdpPair(range, ignore, ignore);
  open.push(pair.rtp, pair.rtcp);
  expect(pair.rtp.port).toBe(from);
  await expect(bindUdpPair(range, ignore, ignore)).rejects.toThrow(
    `No free pair of UDP ports between ${from - 1} and ${from + 1}`,
  );
});

test("a join on an interface that this machine does not have throws", async () => {
  const own = Object.values(networkInterfaces()).flat().map((one) => one?.address);
  expect(own).not.toContain("198.51.100.77");
  const socket = await bindUdp({}, ignore);
  open.push(socket);
  expect(() => socket.joinGroup("239.255.77.5", { interface: "198.51.100.77" })).toThrow();
});
