import { describe, expect, test } from "bun:test";
import { parseTsAddress, TS_PATTERN } from "../../../src/ingest/ts/address.ts";
import { COMMAND_MAX, splitCommand } from "../../../src/ingest/ts/split_command.ts";
import { TS_DESCRIPTOR } from "../../../src/ingest/ts/descriptor.ts";
import { findSource } from "../../../src/ingest/sources.ts";
import { errorsOf } from "../../config/memory_files.ts";

const udp = (host: string, port: number, group: boolean, source = "", local = "") => ({
  kind: "udp" as const,
  host,
  port,
  group,
  source,
  interface: local,
});

describe("parseTsAddress()", () => {
  const cases: readonly [string, ReturnType<typeof parseTsAddress>][] = [
    ["tsudp://239.1.2.3:5000", udp("239.1.2.3", 5000, true)],
    ["tsudp://239.1.2.3:5000/eth0", udp("239.1.2.3", 5000, true, "", "eth0")],
    ["tsudp://239.1.2.3:5000/10.0.0.7", udp("239.1.2.3", 5000, true, "", "10.0.0.7")],
    ["tsudp://10.0.0.5@232.1.2.3:5000/eth0", udp("232.1.2.3", 5000, true, "10.0.0.5", "eth0")],
    ["tsrtp://@239.1.2.3:5000", udp("239.1.2.3", 5000, true)],
    ["tsudp://5000", udp("", 5000, false)],
    ["tsudp://:5000", udp("", 5000, false)],
    ["tsudp://eth0:5000", udp("eth0", 5000, false)],
    ["udp://10.0.0.7:1", udp("10.0.0.7", 1, false)],
    ["rtp://@:65535", udp("", 65_535, false)],
    ["tsudp://[ff15::7]:5000/eth0", udp("ff15::7", 5000, true, "", "eth0")],
    ["tsudp://[2001:db8::1]@[ff35::7]:5000", udp("ff35::7", 5000, true, "2001:db8::1")],
    ["http://host/x.ts", { kind: "http", url: "http://host/x.ts" }],
    ["https-ts://user:pass@host/live?a=1", { kind: "http", url: "https://user:pass@host/live?a=1" }],
    ["ts-exec:ffmpeg -i 'a b.mp4' -", { kind: "program", command: ["ffmpeg", "-i", "a b.mp4", "-"] }],
    ["stream:///run/tv.fifo", { kind: "pipe", path: "/run/tv.fifo" }],
    ["-", { kind: "stdin" }],
  ];
  for (const [url, address] of cases) {
    test(url, () => {
      expect(TS_PATTERN.test(url)).toBe(true);
      expect(findSource(url)?.descriptor.name).toBe("ts");
      expect(parseTsAddress(url)).toEqual(address);
    });
  }
  for (
    const url of [
      "tsudp://",
      "tsudp://239.1.2.3",
      "tsudp://239.1.2.3:0",
      "tsudp://239.1.2.3:65536",
      "tsudp://239.1.2.3:5000?fec=1",
      "tsudp://a b:5000",
      "tsrtp://239.1.2.3:5000/eth0/x",
    ]
  ) {
    test(`${url} is refused when the configuration is read`, async () => {
      const errors = await errorsOf(`streams: { tv: { source: '${url}' } }`, { sources: [TS_DESCRIPTOR] });
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain(
        "expected an address such as tsudp://239.1.2.3:5000/eth0 or tsudp://10.0.0.5@232.1.2.3:5000",
      );
    });
  }
  test("other addresses are for other inputs", () => {
    for (
      const url of ["rtsp://camera/x.ts", "http://host/x.tsv", "http://host/x.mp4?f=x.ts", "/a/b.ts", "--"]
    ) {
      expect(TS_PATTERN.test(url)).toBe(false);
    }
  });
});

describe("splitCommand() divides as a shell does", () => {
  const cases: readonly [string, readonly string[] | string][] = [
    ["a  b\tc", ["a", "b", "c"]],
    ["a 'b c' d", ["a", "b c", "d"]],
    [`a "b 'c' \\" \\\\ \\x"`, ["a", `b 'c' " \\ \\x`]],
    [String.raw`a\ b 'c\' d`, ["a b", "c\\", "d"]],
    ["a'b'\"c\"d", ["abcd"]],
    ["a '' \"\"", ["a", "", ""]],
    ["sh -c 'x | y > $Z'", ["sh", "-c", "x | y > $Z"]],
    ["", []],
    ["   ", []],
    ["a 'b", "a ' without its end"],
    ['a "b', 'a " without its end'],
    ["a \\", "nothing behind the last \\"],
    ["x".repeat(COMMAND_MAX + 1), `at most ${COMMAND_MAX} characters`],
  ];
  for (const [text, words] of cases) {
    test(text.slice(0, 30) || "nothing", () => expect(splitCommand(text)).toEqual(words as string[]));
  }
  test("and so does sh itself", () => {
    for (const [text, words] of cases) {
      if (typeof words === "string" || words.length === 0) continue;
      const { stdout } = Bun.spawnSync(["sh", "-c", `printf '%s\\0' ${text}`]);
      expect(stdout.toString().split("\0").slice(0, -1)).toEqual([...words]);
    }
  });
});
