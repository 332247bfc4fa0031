import { expect, test } from "bun:test";
import { PUSH_DESCRIPTOR } from "../../src/ingest/push/descriptor.ts";
import { errorsOf, load } from "./memory_files.ts";

test("the RTSP server's addresses, certificate, accounts and groups; passwords are never shown", async () => {
  const yaml = `
rtspServer:
  listen: ["127.0.0.1:5554", ":8554"]
  tls: { cert: tls/cert.pem, key: /etc/key.pem }
  accounts: { joe: hush1, ann: "hush 2" }
  packetSize: 1200
  timeout: 30
  multicastGroup: 239.1.2.3
  multicastPort: 5001
  multicastTtl: 1
`;
  const { config, errors, decided } = await load({ "/etc/f.yaml": yaml }, "/etc/f.yaml");
  expect(errors).toEqual([]);
  expect(config?.rtspServer).toEqual({
    listen: [{ hostname: "127.0.0.1", port: 5554 }, { hostname: "", port: 8554 }],
    tls: { listen: [{ hostname: "", port: 5322 }], cert: "/etc/tls/cert.pem", key: "/etc/key.pem" },
    packetSize: 1200,
    timeoutMillis: 30_000,
    accounts: { joe: "hush1", ann: "hush 2" },
    // RTP has even ports.
    multicast: { group: "239.1.2.3", port: 5000, ttl: 1, interface: "" },
  });
  expect(JSON.stringify(decided)).not.toContain("hush");
});

test("what is wrong with it is said, without passwords", async () => {
  expect(await errorsOf("rtspServer: { multicastGroup: 10.0.0.1 }")).toEqual([
    'fogcast.yaml:1:31: rtspServer.multicastGroup: expected an IPv4 multicast group such as 239.192.54.1, got "10.0.0.1"',
  ]);
  expect(await errorsOf("rtspServer: { tls: { cert: a.pem } }")).toEqual([
    "fogcast.yaml:1:15: rtspServer.tls.key: expected the path of a PEM file, got nothing",
  ]);
  const accounts = await errorsOf("rtspServer: { accounts: { joe: [hush] } }");
  expect(accounts.length).toBe(1);
  expect(accounts[0]).not.toContain("hush");
});

test("a stream's own password for RTSP players is not shown, and not empty", async () => {
  const yaml = "streams: { cam: { source: rtsp://h/1, rtspPassword: hush }, open: { source: rtsp://h/2 } }";
  const { config, errors, decided } = await load({ "fogcast.yaml": yaml }, "fogcast.yaml");
  expect(errors).toEqual([]);
  expect(["cam", "open"].map((name) => config?.streams.get(name)?.rtspPassword)).toEqual(["hush", undefined]);
  expect(JSON.stringify(decided)).not.toContain("hush");
  for (const [wrong, got] of [['""', "an empty one"], ["[hush]", "a list"]]) {
    const found = await errorsOf(`streams: { cam: { source: "rtsp://h/1", rtspPassword: ${wrong} } }`);
    expect([found.length, found[0]]).toEqual([1, expect.stringContaining(`, got ${got}`)]);
    expect(found[0]).not.toContain("hush");
  }
});

test("push:// names who may publish", () => {
  for (
    const good of [
      "push://",
      "push://@x",
      "push://10.0.0.0/8",
      "push://2001:db8::/32@x",
      "push://studio.example",
    ]
  ) {
    expect(PUSH_DESCRIPTOR.refuse?.(good)).toBeUndefined();
  }
  for (const bad of ["push://10.0.0.0/99", "push://a b", "push://a/b@x"]) {
    expect(PUSH_DESCRIPTOR.refuse?.(bad)).toBeDefined();
  }
});
