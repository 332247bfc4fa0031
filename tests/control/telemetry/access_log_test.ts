import { expect, test } from "bun:test";
import type { SessionRow } from "../../../src/control/session/session_row.ts";
import { AccessLog, printAccessCsv, printAccessLine } from "../../../src/control/telemetry/access_log.ts";

const ROW: SessionRow = {
  id: "abc123",
  stream: "cam",
  remote: "192.0.2.1",
  protocol: "HLS",
  userAgent: 'Player/1, "best"',
  startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  lastSeenAt: Date.UTC(2026, 0, 2, 3, 4, 15),
  packets: 0,
  packetsLost: 0,
  jitterMillis: 0,
  roundTripMillis: 0,
  bytesOut: 2_500_000,
  bytesIn: 0,
  bytesOutPerSecond: 0,
  bytesInPerSecond: 0,
  requests: 50,
  tags: [],
  kind: "viewer",
};

test("printAccessLine() has the reference's fields", () => {
  expect(printAccessLine(ROW)).toBe(
    'session abc123 cam (HLS) from 192.0.2.1 ended after 10 s, avg 250.0 KB/s up 0.0 KB/s down, tags: [UA:Player/1, "best"]',
  );
});

test("printAccessCsv() has the reference's columns, quoted as RFC 4180 says", () => {
  expect(printAccessCsv(ROW)).toBe(
    '2026-01-02 03:04:15, abc123, cam, HLS, 192.0.2.1, 10, 250.0, 0.0, "UA:Player/1, ""best"""\n',
  );
});

test("tags stand behind the user agent", () => {
  const tagged = { ...ROW, tags: ["vip", "paid"] };
  expect(printAccessLine(tagged)).toContain('tags: [UA:Player/1, "best", vip, paid]');
  expect(printAccessLine({ ...tagged, userAgent: "" })).toContain("tags: [vip, paid]");
});

test("what peers choose cannot break a CSV line, nor be taken for a formula", () => {
  const line = printAccessCsv({ ...ROW, stream: "=cmd|x", userAgent: "a\nb\r\0", remote: "-1+2" });
  expect(line.split("\n").length).toBe(2);
  expect(line).toContain(", '=cmd|x, ");
  expect(line).toContain(", '-1+2, ");
  expect(line).toContain("UA:a b  ");
});

test("a session of one request counts as one second", () => {
  expect(printAccessCsv({ ...ROW, lastSeenAt: ROW.startedAt })).toContain(", 1, 2500.0, 0.0, ");
});

test("AccessLog writes where the settings say, at run time", async () => {
  const said: string[] = [];
  const files = new Map<string, { text: string; closed: boolean }>();
  const say = (line: string) => void said.push(line);
  const access = new AccessLog({
    log: { debug: say, info: say, warn: say, error: say, debugging: false },
    openFile: ({ path }) => {
      const file = { text: "", closed: false };
      files.set(path, file);
      return {
        write: (text) => void (file.text += text),
        close: () => Promise.resolve(void (file.closed = true)),
      };
    },
  });
  access.put(ROW);
  await access.set({ target: "LOG", maxBytes: 1, keep: 1 });
  access.put(ROW);
  access.put({ ...ROW, kind: "input" });
  expect(said).toEqual([printAccessLine(ROW)]);
  await access.set({ target: "/a.csv", maxBytes: 1, keep: 1 });
  await access.set({ target: "/a.csv", maxBytes: 1, keep: 1 });
  access.put(ROW);
  await access.set({ target: "/b.csv", maxBytes: 1, keep: 1 });
  access.put(ROW);
  await access.close();
  expect([...files]).toEqual([
    ["/a.csv", { text: printAccessCsv(ROW), closed: true }],
    ["/b.csv", { text: printAccessCsv(ROW), closed: true }],
  ]);
});
