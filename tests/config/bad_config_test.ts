import { expect, test } from "bun:test";
import { loadConfig } from "../../src/config/load.ts";
import { CONFIG_FILE_MAX } from "../../src/config/tree.ts";
import { SOURCE_DESCRIPTORS } from "../../src/ingest/descriptors.ts";
import { badConfigCases } from "./bad_config_cases.ts";
import { cpuMillis } from "../cpu_millis.ts";
import { errorsOf, load, memoryFiles } from "./memory_files.ts";

for (const c of badConfigCases) {
  test(`loadConfig() refuses ${c.name}`, async () => {
    expect(await errorsOf(c.yaml)).toEqual([...c.errors]);
  });
}

test("loadConfig() answers no configuration when there is an error", async () => {
  const loaded = await load({ "fogcast.yaml": "log: { level: loud }" }, "fogcast.yaml");
  expect(loaded.config).toBeUndefined();
});

test("loadConfig() gives file, line, column, path, expected and found as fields", async () => {
  const loaded = await load({ "fogcast.yaml": "\nlog:\n  level: loud" }, "fogcast.yaml");
  expect(loaded.errors[0]).toMatchObject({
    file: "fogcast.yaml",
    line: 3,
    column: 10,
    path: "log.level",
    expected: "debug, info, warn or error",
    found: '"loud"',
  });
});

test("loadConfig() bounds aliases that double with each level", async () => {
  let errors: readonly string[] = [];
  const took = (levels: number) => {
    let yaml = "a0: &a0 [x, x]\n";
    for (let i = 1; i < levels; i++) yaml += `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]\n`;
    return cpuMillis(async () => errors = await errorsOf(yaml));
  };
  // a thousand times as many aliases, were they followed
  const begin = await took(20);
  expect(errors[0]).toContain("aliases");
  expect(await took(30)).toBeLessThan(4 * begin + 200);
  expect(errors[0]).toContain("aliases");
});

test("loadConfig() bounds long aliases used often", async () => {
  const yaml = `a: &a [${"x,".repeat(1000)}]\nb: [${"*a,".repeat(900)}]\n`;
  expect((await errorsOf(yaml))[0]).toContain("more than 200000 values");
});

test("loadConfig() refuses an alias of itself", async () => {
  expect((await errorsOf("a: &a { b: *a }\n"))[0]).toMatch(/nested deeper|aliases|unknown alias/);
});

for (
  const [name, yaml] of [
    ["brackets", "a: " + "[".repeat(40) + "]".repeat(40)],
    ["indentation", Array.from({ length: 60 }, (_, i) => " ".repeat(i) + "a:").join("\n")],
    ["a million brackets", "[".repeat(1_000_000)],
    ["thousands of braces", "{a: ".repeat(9000)],
    ["thousands of dashes", "- ".repeat(9000) + "x"],
  ] as const
) {
  test(`loadConfig() bounds nesting by ${name}`, async () => {
    const errors = await errorsOf(yaml);
    expect(errors.join("\n")).toContain("nested deeper than 32 levels");
  });
}

test("loadConfig() refuses a file over the limit and takes one at the limit", async () => {
  const start = "{} #";
  const fits = start + "x".repeat(CONFIG_FILE_MAX - start.length);
  expect(await errorsOf(fits)).toEqual([]);
  expect((await errorsOf(fits + "x"))[0]).toContain("longer than");
});

test("loadConfig() reads a hundred thousand keys without comparing each with each", async () => {
  const took = (streams: number) => {
    let yaml = "streams:\n";
    for (let i = 0; i < streams; i++) yaml += `  s${i}: { source: rtsp://c/${i} }\n`;
    return cpuMillis(async () => {
      const loaded = await load({ "fogcast.yaml": yaml }, "fogcast.yaml");
      expect(loaded.config?.streams.size).toBe(streams);
    });
  };
  // five times as many: each with each would be 25 times the work
  const fewer = await took(4000);
  expect(await took(20_000)).toBeLessThan(12 * fewer);
}, 60_000);

test("loadConfig() counts errors beyond the limit instead of keeping them", async () => {
  let yaml = "streams:\n";
  for (let i = 0; i < 250; i++) yaml += `  s${i}: {}\n`;
  const loaded = await load({ "fogcast.yaml": yaml }, "fogcast.yaml");
  expect([loaded.errors.length, loaded.unsaidErrors]).toEqual([100, 150]);
});

test("loadConfig() takes __proto__ and constructor for plain names", async () => {
  const yaml = "streams: { __proto__: { source: rtsp://c/1 }, constructor: { source: rtsp://c/2 } }\n";
  const loaded = await load({ "fogcast.yaml": yaml }, "fogcast.yaml");
  expect([...loaded.config?.streams.keys() ?? []]).toEqual(["__proto__", "constructor"]);
  expect(await errorsOf("__proto__: {}\n")).toEqual([expect.stringContaining("__proto__: unknown key")]);
});

test("loadConfig() shows an example of every source whole: no password in one swallows what comes behind it", async () => {
  const files = memoryFiles({ "fogcast.yaml": "streams: { a: { source: rtps://c/1 } }" });
  const { errors } = await loadConfig(files, {
    path: "fogcast.yaml",
    environment: {},
    sources: SOURCE_DESCRIPTORS,
    pushes: [],
  });
  expect(errors.map((e) => e.message)).toEqual([
    "fogcast.yaml:1:25: streams.a.source: expected the URL of a source: " +
    "rtsp (rtsp://camera.local:554/Streaming/Channels/101), sdp (/etc/fogcast/studio.sdp), " +
    'ts (tsudp://239.1.2.3:5000/eth0), publish (push://192.168.1.0/24), got "rtps://c/1"',
  ]);
});
