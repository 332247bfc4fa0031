import { expect, test } from "bun:test";
import {
  badNames,
  type Files,
  hiddenFaults,
  importCycles,
  impureWire,
  LINES_MAX,
  longFiles,
  missingReadmes,
  runtimeOutsideHost,
  undocumentedWorkers,
  untestedDecoders,
  wrongImports,
} from "./rules.ts";
import { readImports, readSource } from "./source_text.ts";

/** Files with `text` at `path`, and the targets that samples import. */
function files(path: string, text: string, more: Record<string, string> = {}): Files {
  return new Map([[path, text], ...Object.entries(more)]);
}

const wrong: readonly [name: string, path: string, text: string, error: string][] = [
  ["upwards", "src/wire/a.ts", 'import { x } from "../host/x.ts";', "wire/ may not import host/"],
  [
    "types upwards",
    "src/base/a.ts",
    'import type { X } from "../media/x.ts";',
    "base/ may not import media/",
  ],
  ["re-exports upwards", "src/media/a.ts", 'export * from "../wire/x.ts";', "media/ may not import wire/"],
  ["import() upwards", "src/config/a.ts", 'await import("../host/x.ts");', "config/ may not import host/"],
  ["sideways", "src/egress/a.ts", 'import "../ingest/x.ts";', "egress/ may not import ingest/"],
  ["over lines", "src/wire/a.ts", 'import {\n  x,\n  y,\n} from "../link/x.ts";', "a.ts:1: imports"],
  [
    "deep",
    "src/wire/codec/h264/a.ts",
    'import { x } from "../../../host/x.ts";',
    "wire/ may not import host/",
  ],
  ["URL", "src/egress/a.ts", 'new URL("../ingest/x.ts", import.meta.url)', "egress/ may not import ingest/"],
  ["node:", "src/link/a.ts", 'import { x } from "node:fs";', "only host/ names the runtime"],
  ["bun:", "src/link/a.ts", 'import { x } from "bun:ffi";', "only host/ names the runtime"],
  ["a library elsewhere", "src/link/a.ts", 'import { parse } from "yaml";', "not in the table"],
  ["an unknown library", "src/config/yaml_document.ts", 'import x from "left-pad";', "not in the table"],
  ["a scoped library", "src/link/a.ts", 'import x from "@a/b/c";', "not in the table"],
  ["a pinned specifier", "src/link/a.ts", 'import x from "npm:yaml@2";', "pinned in package.json"],
  ["an unknown folder", "src/stuff/a.ts", "", "no folder of DESIGN.md"],
  ["nothing there", "src/wire/a.ts", 'import { x } from "./gone.ts";', "no such file"],
  ["tests", "src/wire/a.ts", 'import { x } from "../../tests/x.ts";', "outside src/"],
  ["the browser's code", "src/egress/a.ts", 'import x from "../web/page.ts";', "for the browser"],
];

for (const [name, path, text, error] of wrong) {
  test(`wrongImports() refuses ${name}`, () => {
    const folders = ["host", "media", "wire", "ingest", "link"];
    const more = Object.fromEntries(folders.map((f) => [`src/${f}/x.ts`, ""]));
    const found = wrongImports(files(path, text, more));
    expect(found.length).toBe(1);
    expect(found[0]).toContain(error);
  });
}

test("wrongImports() lets pass what may be", () => {
  const text = `import { a } from "./b.ts";
import type { c } from "../base/c.ts";
// import { x } from "../host/x.ts";
/* import { x } from "../host/x.ts"; */
const s = 'import { x } from "../host/x.ts"';
const t = \`import { x } from "../host/x.ts"; \${a}\`;
`;
  const more = { "src/wire/b.ts": "", "src/base/c.ts": "" };
  expect(wrongImports(files("src/wire/a.ts", text, more))).toEqual([]);
  expect(wrongImports(files("src/config/yaml_document.ts", 'import { parse } from "yaml";'))).toEqual([]);
  expect(wrongImports(files("src/egress/http/app.ts", 'import { Hono } from "hono/tiny";'))).toEqual([]);
  expect(wrongImports(files("src/host/a.ts", 'import { x } from "node:fs";'))).toEqual([]);
  expect(wrongImports(files("src/web/a.ts", 'import { x } from "anything";'))).toEqual([]);
});

for (
  const use of [
    "Date.now()",
    "performance.now()",
    "Math.random()",
    "setTimeout(f, 1)",
    "setInterval(f, 1)",
    "console.log(1)",
    "crypto.randomUUID()",
    "fetch('x')",
    "new Date()",
    "globalThis.x",
    "Bun.hash(x)",
    "Deno.args",
    "process.env",
    "Date\n  .now()",
    "`${Date.now()}`",
    "`a${`b${Math.random()}`}`",
  ]
) {
  test(`impureWire() finds ${use}`, () => {
    expect(impureWire(files("src/wire/a.ts", `const x = 1;\nconst y = ${use};\n`))).toHaveLength(1);
    expect(impureWire(files("src/host/a.ts", use))).toEqual([]);
  });
}

test("impureWire() is not misled by comments, strings, expressions and members", () => {
  const text = `// Date.now()
/** Math.random() */
const a = "console.log(1)"; const b = 'it\\'s Date.now()'; const c = \`Bun.x \${d} Deno\`;
const r = /"Date.now()/; const q = x / y; const s = z / Number("Bun");
this.fetch(1); row.performance.x; const processed = 1; new Date(0); WebSocketish;
`;
  expect(impureWire(files("src/wire/a.ts", text))).toEqual([]);
});

test("runtimeOutsideHost() finds the runtime, and leaves host/ and the browser alone", () => {
  for (const text of ["Bun.serve()", "const { serve } = Deno;", "typeof Bun", "process.exit(1)"]) {
    expect(runtimeOutsideHost(files("src/egress/a.ts", text))).toHaveLength(1);
    expect(runtimeOutsideHost(files("src/host/a.ts", text))).toEqual([]);
    expect(runtimeOutsideHost(files("src/web/a.ts", text))).toEqual([]);
  }
  expect(runtimeOutsideHost(files("src/egress/a.ts", "x.Bun.y; // Bun\n process(x)"))).toEqual([]);
});

for (
  const text of [
    "try { x(); } catch {}",
    "try { x(); } catch (e) {\n}",
    "let x: any;",
    "let x = y as any;",
    "let x: Map<string, any>;",
    "// @ts-ignore\nx();",
    "// @ts-expect-error because\nx();",
  ]
) {
  test(`hiddenFaults() finds ${text.replaceAll("\n", " ")}`, () => {
    expect(hiddenFaults(files("src/base/a.ts", text))).toHaveLength(1);
  });
}

test("hiddenFaults() lets pass a catch that acts, and the word any", () => {
  const text = 'try { x(); } catch (e) { log(e); } // any\nconst any = 1; many(any); f("as any");';
  expect(hiddenFaults(files("src/base/a.ts", text))).toEqual([]);
});

test("longFiles() counts lines", () => {
  expect(longFiles(files("src/base/a.ts", "x\n".repeat(LINES_MAX)))).toEqual([]);
  expect(longFiles(files("src/base/a.ts", "x\n".repeat(LINES_MAX) + "y"))).toEqual([
    "src/base/a.ts: 401 lines, at most 400",
  ]);
});

test("badNames() finds names that say nothing, of files and folders", () => {
  for (
    const name of ["misc", "util", "helper", "common", "types", "index", "utils", "CamelCase", "kebab-case"]
  ) {
    expect(badNames(files(`src/base/${name}.ts`, ""))).toHaveLength(1);
    expect(badNames(files(`src/base/${name}/a.ts`, ""))).toHaveLength(1);
  }
  expect(badNames(files("src/base/segment_index.ts", ""))).toEqual([]);
});

test("missingReadmes() finds a folder without one", () => {
  expect(missingReadmes(files("src/base/a.ts", ""))).toEqual(["src/base/README.md is missing"]);
  expect(missingReadmes(files("src/base/a.ts", "", { "src/base/README.md": "" }))).toEqual([]);
});

for (
  const text of ["export function decodeX() {}", "export function parseX() {}", "export class XParser {}"]
) {
  test(`untestedDecoders() finds ${text}`, () => {
    expect(untestedDecoders(files("src/wire/a/b.ts", text))).toHaveLength(1);
    const tested = { "tests/wire/a/b_test.ts": 'import { x } from "../../../src/wire/a/b.ts";' };
    expect(untestedDecoders(files("src/wire/a/b.ts", text, tested))).toEqual([]);
  });
}

test("untestedDecoders() counts what a tested file beside it, or below it, imports", () => {
  const text = "export function decodeX() {}";
  const more = (tested: string, specifier: string) => ({
    [tested]: `import { decodeX } from "${specifier}";`,
    "tests/a_test.ts": `import { y } from "../${tested}";`,
  });
  const at = "src/wire/a/x.ts";
  expect(untestedDecoders(files(at, text, more("src/wire/a/table.ts", "./x.ts")))).toEqual([]);
  expect(untestedDecoders(files(at, text, more("src/wire/a/b/y.ts", "../x.ts")))).toEqual([]);
  expect(untestedDecoders(files(at, text, more("src/wire/b/y.ts", "../a/x.ts")))).toHaveLength(1);
});

test("untestedDecoders() asks nothing of other files", () => {
  expect(untestedDecoders(files("src/wire/a.ts", "export function encodeX() {}\nfunction decodeX() {}")))
    .toEqual([]);
  expect(untestedDecoders(files("src/config/a.ts", "export function parseX() {}"))).toEqual([]);
});

test("undocumentedWorkers() wants a comment and a line in the README", () => {
  const path = "src/app/workers/ingest.ts";
  const said = "/** Pulls one stream, and writes its frames. */\nrun();";
  expect(undocumentedWorkers(files(path, "run();"))).toHaveLength(2);
  expect(undocumentedWorkers(files(path, said))).toHaveLength(1);
  expect(undocumentedWorkers(files(path, said, { "src/app/README.md": "`workers/ingest.ts`" }))).toEqual([]);
});

test("importCycles() finds circles, but not those of types", () => {
  const a = 'import { b } from "./b.ts";';
  expect(importCycles(files("src/base/a.ts", a, { "src/base/b.ts": 'import { a } from "./a.ts";' })))
    .toEqual(["src/base/a.ts → src/base/b.ts → src/base/a.ts"]);
  expect(importCycles(files("src/base/a.ts", a, { "src/base/b.ts": 'import type { A } from "./a.ts";' })))
    .toEqual([]);
  expect(importCycles(files("src/base/a.ts", a, { "src/base/b.ts": "" }))).toEqual([]);
});

test("readImports() reads every form with its line", () => {
  const text = `import a from "./a.ts";
import * as b from './b.ts';
import { type c, d } from "./c.ts";
import type { e } from "./e.ts";
import "./f.ts";
export { g } from "./g.ts";
export * as h from "./h.ts";
const i = await import("./i.ts");
`;
  expect(readImports(text).map((i) => [i.specifier, i.typeOnly, i.line])).toEqual([
    ["./a.ts", false, 1],
    ["./b.ts", false, 2],
    ["./c.ts", false, 3],
    ["./e.ts", true, 4],
    ["./f.ts", false, 5],
    ["./g.ts", false, 6],
    ["./h.ts", false, 7],
    ["./i.ts", false, 8],
  ]);
});

test("readSource() keeps offsets and lines", () => {
  const text = 'a("x\\"y"); // z\nb(`p${q("r")}s`) /* t\nu */ / v;\n';
  const { code, withStrings } = readSource(text);
  expect(code).toBe('a("    ");     \nb(` ${q(" ")} `)     \n     / v;\n');
  expect(withStrings).toBe('a("x\\"y");     \nb(`p${q("r")}s`)     \n     / v;\n');
});
