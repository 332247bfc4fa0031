import { expect, test } from "bun:test";
import { parseSyslogPlace } from "../../src/config/syslog_place.ts";
import { load } from "./memory_files.ts";

test("metrics, the access log and the log's files are set in their sections, paths beside the file that says them", async () => {
  const yaml = `
metrics: { perStream: false, passphrase: hush }
accessLog: { target: access.csv, megabytes: 1.5, keep: 3 }
log: { file: /var/log/fogcast.log, fileMegabytes: 2, fileKeep: 9, syslog: "udp://logs.local", priorities: never }
`;
  const { config, errors, decided } = await load({ "/etc/fogcast/f.yaml": yaml }, "/etc/fogcast/f.yaml");
  expect(errors).toEqual([]);
  expect(config?.metrics).toEqual({ enabled: true, perStream: false, passphrase: "hush" });
  expect(config?.accessLog).toEqual({
    target: "/etc/fogcast/access.csv",
    maxBytes: 1.5 * 1024 * 1024,
    keep: 3,
  });
  expect(config?.log).toMatchObject({
    file: "/var/log/fogcast.log",
    fileMaxBytes: 2 * 1024 * 1024,
    fileKeep: 9,
    syslog: { kind: "udp", host: "logs.local", port: 514 },
    priorities: "never",
  });
  expect(JSON.stringify(decided)).not.toContain("hush");
});

test("LOG is no path", async () => {
  const { config } = await load({ "/etc/f.yaml": "accessLog: { target: LOG }" }, "/etc/f.yaml");
  expect(config?.accessLog.target).toBe("LOG");
});

test("a syslog place that is none is refused with what is expected", async () => {
  const { errors } = await load({ "f.yaml": "log: { syslog: tcp://x }" }, "f.yaml");
  expect(errors.map((e) => e.message)).toEqual([
    'f.yaml:1:16: log.syslog: expected udp://HOST:514 or a socket such as /dev/log, got "tcp://x"',
  ]);
});

for (
  const [text, place] of [
    ["udp://logs", { kind: "udp", host: "logs", port: 514 }],
    ["udp://192.0.2.1:1514/", { kind: "udp", host: "192.0.2.1", port: 1514 }],
    ["udp://[2001:db8::1]:514", { kind: "udp", host: "2001:db8::1", port: 514 }],
    ["/dev/log", { kind: "unix", path: "/dev/log" }],
    ["unix:///run/log", { kind: "unix", path: "/run/log" }],
    ["udp://logs:0", undefined],
    ["udp://logs:99999", undefined],
    ["udp://", undefined],
    ["logs", undefined],
  ] as const
) {
  test(`parseSyslogPlace() reads ${text}`, () => expect(parseSyslogPlace(text)).toEqual(place));
}
