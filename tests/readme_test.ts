/**
 * The README is true: its tables are those of the descriptors, its configuration is right, its files exist.
 * `UPDATE=1 bun test tests/readme_test.ts` writes the tables anew.
 */
import { expect, test } from "bun:test";
import { inputsTable, optionsTable, outputsTable, pushesTable } from "../src/app/tables.ts";
import { STREAM_OPTIONS } from "../src/config/sections/streams.ts";
import { loadConfig } from "../src/config/load.ts";
import { OUTPUT_DESCRIPTORS } from "../src/egress/descriptors.ts";
import { PUSH_DESCRIPTORS } from "../src/egress/push/descriptors.ts";
import { SOURCE_DESCRIPTORS } from "../src/ingest/descriptors.ts";
import { SOURCES } from "../src/ingest/sources.ts";

const path = new URL("../README.md", import.meta.url).pathname;
let readme = await Bun.file(path).text();

function optionsOf(name: string) {
  return SOURCE_DESCRIPTORS.find((source) => source.name === name)?.options ?? [];
}

const TABLES: Record<string, string> = {
  inputs: inputsTable(SOURCE_DESCRIPTORS),
  outputs: outputsTable(OUTPUT_DESCRIPTORS),
  pushes: pushesTable(PUSH_DESCRIPTORS),
  stream: optionsTable(STREAM_OPTIONS),
  rtsp: optionsTable(optionsOf("rtsp")),
  ts: optionsTable(optionsOf("ts")),
};

/** What stands between the mark of a table and the next blank line after it. */
function tableIn(text: string, name: string): { from: number; to: number; table: string } {
  const mark = `<!-- table: ${name} -->\n\n`;
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`README has no mark for the table ${name}`);
  const from = at + mark.length;
  const match = /^(?:\|.*\n)*/.exec(text.slice(from)) as RegExpExecArray;
  return { from, to: from + match[0].length, table: match[0].trimEnd() };
}

for (const [name, wanted] of Object.entries(TABLES)) {
  test(`the README's table of ${name} is what the descriptors say`, async () => {
    const { from, to, table } = tableIn(readme, name);
    if (process.env["UPDATE"] === "1" && table !== wanted) {
      readme = readme.slice(0, from) + wanted + "\n" + (table === "" ? "\n" : "") + readme.slice(to);
      await Bun.write(path, readme);
    } else expect(table).toBe(wanted);
  });
}

test("every input has its descriptor in the list that the command line uses", () => {
  expect(SOURCES.map((s) => s.descriptor)).toEqual([...SOURCE_DESCRIPTORS]);
});

test("the README's configuration is right", async () => {
  const [yaml, push] = [...readme.matchAll(/```yaml\n([^`]+)```/g)].map((m) => m[1] as string);
  if (yaml === undefined || push === undefined) throw new Error("README has no configuration");
  const files = { read: () => Promise.resolve(`${yaml}${push}`), list: () => Promise.resolve(undefined) };
  const loaded = await loadConfig(files, {
    path: "fogcast.yaml",
    sources: SOURCE_DESCRIPTORS,
    pushes: PUSH_DESCRIPTORS,
    environment: {},
  });
  expect(loaded.errors.map((e) => e.message)).toEqual([]);
  expect([...loaded.config?.streams.keys() ?? []]).toEqual(["front-door"]);
  expect([...loaded.config?.push.auto.values() ?? []].map((p) => p.stream)).toEqual(["front-door"]);
});

test("files and folders that the README names are there", async () => {
  const named = [...readme.matchAll(/`((?:src|tests|bench)\/[\w./-]+)`/g)].map((m) => m[1] as string)
    .filter((name) => !name.includes("NAME"));
  expect(named.length).toBeGreaterThan(5);
  const { stat } = await import("node:fs/promises");
  for (const name of named) await stat(new URL(`../${name}`, import.meta.url).pathname);
});

test("every package that the program depends on is named with its reason", async () => {
  const manifest = await Bun.file(new URL("../package.json", import.meta.url)).json();
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  const section = readme.slice(readme.indexOf("## Dependencies"));
  for (const name of names) expect(section).toContain(name);
});
