import { readdirSync, readFileSync } from "node:fs";
import type { Files } from "./rules.ts";

/** Sources, tests and READMEs of the project, by path from its top. */
export function readProject(): Files {
  const top = new URL("../../", import.meta.url).pathname;
  const files = new Map<string, string>();
  for (const folder of ["src", "tests"]) {
    for (const entry of readdirSync(top + folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|md)$/.test(entry.name)) continue;
      const path = `${entry.parentPath}/${entry.name}`;
      files.set(path.slice(top.length), readFileSync(path, "utf8"));
    }
  }
  const manifest = "package.json";
  files.set(manifest, readFileSync(top + manifest, "utf8"));
  return files;
}
