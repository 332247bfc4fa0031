import { expect, test } from "bun:test";
import { parsePushTarget } from "../../../src/config/push_target.ts";
import {
  byInterface,
  parseDestination,
  resolveDestination,
} from "../../../src/egress/push/datagram/destination.ts";
import { PUSH_DESCRIPTORS } from "../../../src/egress/push/descriptors.ts";
import { PUSHES } from "../../../src/egress/push/pushes.ts";
import { pushStream } from "./pushed_stream.ts";

test("every push is described, in the same order, and reads its own example", () => {
  expect(PUSHES.map((p) => p.descriptor)).toEqual([...PUSH_DESCRIPTORS]);
  for (const { name, example } of PUSH_DESCRIPTORS) {
    expect(parsePushTarget(example, PUSH_DESCRIPTORS)).toMatchObject({ kind: name });
  }
});

test("times of a push go by every name that the reference product has for them", () => {
  const target = "tsudp://239.1.2.3:5000?recstart=1&RECSTOP=2&unixstart=3&recstopunix=4";
  expect(parsePushTarget(target, PUSH_DESCRIPTORS))
    .toMatchObject({ values: { start: 1, stop: 2, startunix: 3, stopunix: 4 } });
  expect(parsePushTarget("tsudp://239.1.2.3:5000?recstartunix=3&unixstop=4", PUSH_DESCRIPTORS))
    .toMatchObject({ values: { startunix: 3, stopunix: 4 } });
  expect(parsePushTarget("tsudp://239.1.2.3:5000?unixbegin=3", PUSH_DESCRIPTORS))
    .toStartWith('tsudp has no parameter "unixbegin"');
});

test("parseDestination() reads host, port and interface", () => {
  expect(parseDestination("tsudp://239.1.2.3:5000")).toEqual({
    host: "239.1.2.3",
    port: 5000,
    interface: "",
  });
  expect(parseDestination("tsudp://[ff02::1]:5000/eth0")).toEqual({
    host: "ff02::1",
    port: 5000,
    interface: "eth0",
  });
  expect(parseDestination("tsudp://tv.example:1/10.0.0.2"))
    .toEqual({ host: "tv.example", port: 1, interface: "10.0.0.2" });
  for (const bad of ["tsudp://", "tsudp://h", "tsudp://h:0", "tsudp://h:70000", "tsudp://h:1/a b", "h:1"]) {
    expect(parseDestination(bad)).toBeUndefined();
  }
});

test("byInterface() takes the interface from the parameter or the URL, and refuses two", () => {
  const to = { host: "239.1.2.3", port: 5000, interface: "" };
  expect(byInterface(to, "")).toEqual(to);
  expect(byInterface(to, "eth0")).toEqual({ ...to, interface: "eth0" });
  expect(byInterface({ ...to, interface: "eth0" }, "")).toEqual({ ...to, interface: "eth0" });
  expect(byInterface({ ...to, interface: "eth0" }, "eth0")).toEqual({ ...to, interface: "eth0" });
  expect(() => byInterface({ ...to, interface: "eth0" }, "eth1")).toThrow(
    "two interfaces to send by, eth0 and eth1",
  );
});

for (const way of ["sdp", "tsudp", "tsrtp"]) {
  test(`${way}:// leaves by the interface that its parameter names`, async () => {
    const parsed = parsePushTarget(`${way}://239.1.2.3:5004?interface=eth99`, PUSH_DESCRIPTORS);
    if (typeof parsed === "string") throw new Error(parsed);
    const push = PUSHES.find((p) => p.descriptor.name === parsed.kind);
    if (push === undefined) throw new Error(`no push ${parsed.kind}`);
    const pushed = await pushStream(push, parsed.url, parsed.values);
    await expect(pushed.run).rejects.toThrow("no interface eth99");
    await pushed.scope.close();
  });
}

for (
  const [target, why] of [
    ["sdp://239.1.2.3:5004?targetIP=239.1.2.4", "targetIP: sdp://host:port says where it goes"],
    ["sdp://239.1.2.3:5004?startPort=6000", "startPort: sdp://host:port says where it goes"],
    ["/tmp/a.sdp?file=/tmp/b.sdp", "file: the target is the file"],
    [
      "tsrtp://239.1.2.3:5004?fec=prompeg&columns=20&rows=20",
      "Cannot protect by 20 × 20: expected at most 100 packets in a matrix, got 400",
    ],
    [
      "tsrtp://239.1.2.3:5004?fec=prompeg&columns=20",
      "Cannot protect by 20 × 8: expected at most 100 packets in a matrix, got 160",
    ],
  ] as const
) {
  test(`parameters that do not fit are refused before anything is sent: ${target}`, () => {
    expect(parsePushTarget(target, PUSH_DESCRIPTORS)).toBe(why);
  });
}

test("parameters that fit are taken", () => {
  for (
    const target of [
      "sdp://239.1.2.3:5004?file=/tmp/b.sdp",
      "/tmp/a.sdp?targetIP=239.1.2.4&startPort=6000",
      "tsrtp://239.1.2.3:5004?columns=20&rows=20",
      "tsrtp://239.1.2.3:5004?fec=prompeg&columns=20&rows=5",
    ]
  ) expect(parsePushTarget(target, PUSH_DESCRIPTORS)).toMatchObject({ url: target.split("?")[0] });
});

test("resolveDestination() finds groups and interfaces, and refuses those that are not there", async () => {
  const to = { host: "239.1.2.3", port: 5000, interface: "lo" };
  expect(await resolveDestination(to))
    .toEqual({ address: "239.1.2.3", port: 5000, multicast: true, local: "127.0.0.1" });
  expect(await resolveDestination({ host: "127.0.0.1", port: 1, interface: "" }))
    .toEqual({ address: "127.0.0.1", port: 1, multicast: false, local: undefined });
  const missing = resolveDestination({ ...to, interface: "eth99" });
  expect(missing).rejects.toThrow("no interface eth99 with an IPv4 address; there are ");
});
