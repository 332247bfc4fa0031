import { expect, test } from "bun:test";
import { configSchema } from "../../src/config/json_schema.ts";
import { keysOf } from "../../src/config/schema.ts";
import { sectionsFor } from "../../src/config/sections/table.ts";
import { showConfig } from "../../src/config/show.ts";
import { FILE, load, RTSP } from "./memory_files.ts";

const SOURCES = [RTSP, FILE];

test("configSchema() names every section, every option with its help, and nothing else", () => {
  const schema = configSchema(SOURCES);
  expect(Object.keys(schema.properties ?? {}))
    .toEqual([
      "log",
      "accessLog",
      "metrics",
      "http",
      "rtspServer",
      "api",
      "hls",
      "buffer",
      "limits",
      "push",
      "variables",
      "rtsp",
      "file",
      "streams",
      "include",
    ]);
  for (const section of sectionsFor(SOURCES)) {
    const keys = section.name === "streams"
      ? keysOf(schema, ["streams", "x"])
      : keysOf(schema, [section.name]);
    for (const option of section.options) expect(keys).toContain(option.name);
  }
  expect(keysOf(schema, ["streams", "x"])).toContain("transport");
  expect(schema.additionalProperties).toBe(false);
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema as unknown as Record<string, unknown>);
});

test("configSchema() writes durations as people do", () => {
  const hls = configSchema(SOURCES).properties?.hls?.properties;
  expect([hls?.segment?.default, hls?.part?.default, hls?.window?.default]).toEqual(["2s", "200ms", "30s"]);
});

test("no source's option has the name of an option of every stream", () => {
  const common = sectionsFor([]).find((s) => s.name === "streams")?.options.map((o) => o.name) ?? [];
  expect(common).toContain("source");
  for (const source of SOURCES) {
    for (const option of source.options) expect(common).not.toContain(option.name);
  }
});

test("every section's defaults are values that the section takes", async () => {
  const loaded = await load({}, undefined);
  const lines = showConfig(loaded.decided).replaceAll(/ +# default/g, "");
  const again = await load({ "f.yaml": lines }, "f.yaml");
  expect(again.errors.map((e) => e.message)).toEqual([]);
  expect(again.config).toEqual(loaded.config as NonNullable<typeof loaded.config>);
});

test("showConfig() prints every value with its origin, and no secret", async () => {
  const loaded = await load(
    {
      "f.yaml":
        "rtsp:\n  transport: tcp\n  token: hush\nstreams:\n  a:\n    source: rtsp://joe:hush@c/1\n    idle: 90s\n",
    },
    "f.yaml",
    {
      environment: { FOGCAST_LOG__LEVEL: "debug" },
      overrides: [{ path: ["http", "listen"], value: ":81", from: "--port" }],
    },
  );
  const rows = showConfig(loaded.decided).split("\n").map((l) => l.replace(/ +# /, " # "));
  expect(rows).toContain("  level: debug # FOGCAST_LOG__LEVEL");
  expect(rows).toContain('  listen: [":81"] # --port');
  expect(rows).toContain("  transport: tcp # f.yaml:2:3");
  expect(rows).toContain("  token: *** # f.yaml:3:3");
  expect(rows.slice(rows.indexOf("streams:"))).toEqual([
    "streams:",
    "  a:",
    "    alwaysOn: false # default",
    "    idle: 90s # f.yaml:7:5",
    "    part: 200ms # default",
    "    segment: 2s # default",
    '    source: "rtsp://***@c/1" # f.yaml:6:5',
    "    timeout: 10s # default",
    "    token: *** # rtsp.token",
    "    transport: tcp # rtsp.transport",
    "    window: 30s # default",
    "",
  ]);
});
