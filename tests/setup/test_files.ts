import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Peer, peersIn } from "./peers.ts";

/** unit: alone, in parallel. peer: with third-party software. binary: with the compiled executable as well. */
export type TestGroup = "unit" | "peer" | "binary";

export interface TestFile {
  readonly path: string;
  readonly group: TestGroup;
  readonly peers: readonly Peer[];
  /** Puts the machine under load, or watches how smoothly something plays: runs beside nothing else. */
  readonly alone: boolean;
}

/** Files that run beside nothing else. */
export const ALONE = [
  "tests/e2e/api/load_test.ts",
  "tests/e2e/cameras/sixteen_cameras_test.ts",
  "tests/e2e/faults/flood_test.ts",
  "tests/e2e/faults/poison_test.ts",
  "tests/e2e/guardian/upgrade_test.ts",
];

/** Group of a test file, by its path from the top of the repository. */
export function groupOf(path: string): TestGroup {
  if (path.startsWith("tests/e2e")) return "binary";
  return path.endsWith("_peer_test.ts") ? "peer" : "unit";
}

/** Text of a file and of everything below tests/ that it imports. */
function textWithImports(path: string, seen: Set<string>): string {
  if (seen.has(path) || !existsSync(path)) return "";
  seen.add(path);
  let text = readFileSync(path, "utf8");
  for (const [, from] of text.matchAll(/from\s+"(\.[^"]+\.ts)"/g)) {
    const imported = join(dirname(path), from ?? "");
    if (imported.startsWith("tests/")) text += textWithImports(imported, seen);
  }
  return text;
}

/** All test files below tests/, or those whose path starts with one of `only`; sorted by path. */
export function findTestFiles(only: readonly string[] = []): TestFile[] {
  return [...new Bun.Glob("tests/**/*_test.ts").scanSync(".")]
    .filter((path) => only.length === 0 || only.some((start) => path.startsWith(start.replace(/^\.\//, ""))))
    .sort()
    .map((path) => {
      const group = groupOf(path);
      // the tests of this folder speak of peers without using them
      const uses = path.startsWith("tests/setup/") ? "" : textWithImports(path, new Set());
      return { path, group, peers: peersIn(uses), alone: ALONE.includes(path) };
    });
}
