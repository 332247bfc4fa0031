import { readImports, readSource, resolveImport } from "./source_text.ts";

/** A project's files by path (`src/wire/codec/nal.ts`), whole. */
export type Files = ReadonlyMap<string, string>;

const LOWER = ["base", "media", "wire", "host", "buffer", "config", "link"];

/** Which folders of `src/` each may import; itself always. DESIGN.md, "Folders, and which way imports may point". */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  media: ["base"],
  wire: ["base", "media"],
  host: ["base"],
  buffer: ["base", "media"],
  config: ["base", "media"],
  link: ["base", "media", "wire", "host"],
  ingest: LOWER,
  egress: LOWER,
  control: ["base", "media", "wire", "config", "buffer"],
  guardian: ["base", "config", "host"],
  analyse: ["base", "media", "wire", "host", "buffer"],
  app: [...LOWER, "ingest", "egress", "control", "guardian", "analyse"],
};

/** npm packages, and the files that may import them: a path, or a folder ending in `/`. */
export const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  hono: ["src/egress/http/", "src/control/api/rest_face.ts"],
  yaml: ["src/config/yaml_document.ts", "src/config/edit/"],
};

/** Longest source file, in lines. */
export const LINES_MAX = 400;

const FORBIDDEN_NAMES = ["misc", "util", "utils", "common", "helper", "helpers", "types", "index"];

const RUNTIME = /(?<![.\w$])(?:Bun|Deno|process)(?=\s*\.)|(?<![.\w$])(?:Bun|Deno)\b/g;

const IMPURE = new RegExp(
  String
    .raw`(?<![.\w$])(?:Date\s*\.\s*now|performance\s*\.|Math\s*\.\s*random|set(?:Timeout|Interval|Immediate)\s*\(|` +
    String
      .raw`queueMicrotask|new\s+Date\s*\(\s*\)|console\s*\.|crypto\s*\.|fetch\s*\(|globalThis|process\s*\.|` +
    String.raw`Bun\b|Deno\b|WebSocket\b|Worker\b|Atomics\b|require\s*\()`,
  "g",
);

/** Browser code: its own world, talks to the API only. */
function isBrowser(path: string): boolean {
  return path.startsWith("src/web/");
}

function* sources(files: Files): Generator<readonly [path: string, text: string]> {
  for (const [path, text] of files) {
    if (path.startsWith("src/") && path.endsWith(".ts") && !isBrowser(path)) yield [path, text];
  }
}

function folderOf(path: string): string {
  return path.split("/")[1] as string;
}

/** Imports that point the wrong way, at nothing, or at a library that the file may not use. */
export function wrongImports(files: Files): string[] {
  const wrong: string[] = [];
  for (const [path, text] of sources(files)) {
    const folder = folderOf(path);
    const may = MAY_IMPORT[folder];
    if (may === undefined) {
      wrong.push(`${path}: src/${folder} is no folder of DESIGN.md`);
      continue;
    }
    for (const { specifier, line } of readImports(text)) {
      const where = `${path}:${line}: imports ${specifier}`;
      const target = resolveImport(path, specifier);
      if (target === undefined) {
        const why = wrongPackage(path, specifier);
        if (why !== undefined) wrong.push(`${where}: ${why}`);
        continue;
      }
      if (!target.startsWith("src/")) {
        // Outside src/ only the manifest may be read, for the version.
        if (target !== "package.json") wrong.push(`${where}: outside src/`);
        continue;
      }
      const other = folderOf(target);
      if (other === "web") {
        if (folder !== "host" && folder !== "app") wrong.push(`${where}: src/web is for the browser`);
        continue;
      }
      if (other !== folder && !may.includes(other)) {
        wrong.push(`${where}: ${folder}/ may not import ${other}/`);
      }
      if (/\.\w+$/.test(target) && !files.has(target)) wrong.push(`${where}: no such file`);
    }
  }
  return wrong;
}

function wrongPackage(path: string, specifier: string): string | undefined {
  if (/^(node|bun):|^bun$/.test(specifier)) {
    return path.startsWith("src/host/") ? undefined : "only host/ names the runtime";
  }
  if (/^(https?|data|file|blob):/.test(specifier)) return undefined; // new URL(text): no module
  if (/^(jsr|npm):/.test(specifier)) return "packages are pinned in package.json";
  const parts = specifier.split("/");
  const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0] as string;
  const allowed = Object.hasOwn(LIBRARIES, name) ? LIBRARIES[name] ?? [] : [];
  if (path.startsWith("src/host/assets")) return undefined; // embeds the player's file, does not run it
  return allowed.some((a) => a === path || (a.endsWith("/") && path.startsWith(a)))
    ? undefined
    : "not in the table of libraries in tests/architecture/rules.ts";
}

/** Uses of the runtime outside `host/`. */
export function runtimeOutsideHost(files: Files): string[] {
  return matches(files, RUNTIME, (path) => !path.startsWith("src/host/"));
}

/** Clocks, randomness, timers, consoles and sockets in `wire/`. */
export function impureWire(files: Files): string[] {
  return matches(files, IMPURE, (path) => path.startsWith("src/wire/"));
}

/** What hides a fault instead of handling it. */
export function hiddenFaults(files: Files): string[] {
  const empty = /\bcatch\s*(?:\(\s*\w*\s*\)\s*)?\{\s*\}|(?<=[:<|,]\s*|\bas\s+)any\b(?!\s*[(:=])/g;
  const ignored: string[] = [];
  for (const [path, text] of sources(files)) {
    for (const match of text.matchAll(/@ts-(?:ignore|nocheck|expect-error)/g)) {
      ignored.push(`${path}:${lineOf(text, match.index)}: ${match[0]}`);
    }
  }
  return [...matches(files, empty, () => true), ...ignored];
}

function matches(files: Files, pattern: RegExp, applies: (path: string) => boolean): string[] {
  const found: string[] = [];
  for (const [path, text] of sources(files)) {
    if (!applies(path)) continue;
    const { code } = readSource(text);
    for (const match of code.matchAll(pattern)) {
      found.push(`${path}:${lineOf(text, match.index)}: ${match[0].replaceAll(/\s+/g, " ")}`);
    }
  }
  return found;
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

/** Files longer than the limit. Comments count: they are read too. */
export function longFiles(files: Files): string[] {
  const long: string[] = [];
  for (const [path, text] of sources(files)) {
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    if (lines > LINES_MAX) long.push(`${path}: ${lines} lines, at most ${LINES_MAX}`);
  }
  return long;
}

/** Names that say nothing, and names that are not snake_case. */
export function badNames(files: Files): string[] {
  const bad: string[] = [];
  for (const [path] of sources(files)) {
    const parts = path.slice("src/".length, -".ts".length).split("/");
    for (const part of parts) {
      if (FORBIDDEN_NAMES.includes(part)) bad.push(`${path}: no file or folder is named ${part}`);
      else if (!/^[a-z0-9_]+$/.test(part)) bad.push(`${path}: ${part} is not snake_case`);
    }
  }
  return bad;
}

/** Folders of `src/` with sources but without a README. */
export function missingReadmes(files: Files): string[] {
  const folders = new Set([...sources(files)].map(([path]) => `src/${folderOf(path)}`));
  return [...folders].filter((folder) => !files.has(`${folder}/README.md`)).map((f) =>
    `${f}/README.md is missing`
  );
}

const DECODER =
  /^export (?:function (?:decode|parse|split|describe|unpack)[A-Z]|class \w*(?:Parser|Demuxer|Depacketizer|Assembler)\b)/m;

/**
 * Files of `wire/` that export a decoder and that no test reaches: by importing them, or by importing a file beside or
 * below them (a table of formats, a packet of blocks) that does.
 */
export function untestedDecoders(files: Files): string[] {
  const direct = new Set<string>();
  for (const [path, text] of files) {
    if (path.startsWith("tests/") && path.endsWith(".ts")) {
      for (const t of targetsOf(path, text)) direct.add(t);
    }
  }
  const tested = new Set(direct);
  for (const path of direct) {
    for (const target of targetsOf(path, files.get(path) ?? "")) {
      const folder = target.slice(0, target.lastIndexOf("/") + 1);
      if (path.startsWith(folder)) tested.add(target);
    }
  }
  const untested: string[] = [];
  for (const [path, text] of sources(files)) {
    if (path.startsWith("src/wire/") && DECODER.test(readSource(text).code) && !tested.has(path)) {
      untested.push(`${path}: exports a decoder, and no test reaches it`);
    }
  }
  return untested;
}

function targetsOf(path: string, text: string): string[] {
  const targets = readImports(text).map((i) => resolveImport(path, i.specifier));
  return targets.filter((t): t is string => t !== undefined);
}

/** Worker entry points that do not say what they are, or that the folder's README does not name. */
export function undocumentedWorkers(files: Files): string[] {
  const wrong: string[] = [];
  const readme = files.get("src/app/README.md") ?? "";
  for (const [path, text] of sources(files)) {
    if (!path.startsWith("src/app/workers/")) continue;
    const name = path.slice("src/app/workers/".length);
    if (!/\/\*\*[\s\S]{20,}?\*\/|^\/\/ .{20,}/m.test(text)) {
      wrong.push(`${path}: no comment says what it does`);
    }
    if (!readme.includes(name)) wrong.push(`${path}: src/app/README.md does not name workers/${name}`);
  }
  return wrong;
}

/** Circles of imports that exist at run time, each once: `a.ts → b.ts → a.ts`. */
export function importCycles(files: Files): string[] {
  const graph = new Map<string, string[]>();
  for (const [path, text] of sources(files)) {
    const targets = readImports(text).filter((i) => !i.typeOnly).map((i) => resolveImport(path, i.specifier));
    graph.set(path, targets.filter((t): t is string => t !== undefined && files.has(t)));
  }
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]) => {
    const seen = trail.indexOf(path);
    if (seen >= 0) {
      cycles.push([...trail.slice(seen), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}
