import process from "node:process";
import { bun, nodeModule } from "./runtime.ts";

/** Bundles that this process has made, by entry point. */
const made = new Map<string, Uint8Array>();

/**
 * One minified script from the module `entry` and all that it imports, for browsers: neither a module nor names in the
 * page's global scope. Bun's bundler makes it, also when the program runs on another runtime. `top`: the project's folder.
 */
export function bundle(entry: string, top: string): Uint8Array {
  const known = made.get(entry);
  if (known !== undefined) return known;
  const program = bun !== undefined ? process.execPath : bunOfPackages(top);
  const script = nodeModule("node:child_process").execFileSync(
    program,
    ["build", entry, "--minify", "--format=iife", "--target=browser"],
    { cwd: top, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 << 20 },
  );
  made.set(entry, script);
  return script;
}

function bunOfPackages(top: string): string {
  const found = [
    `${top}node_modules/.bin/bun`,
    `${top}node_modules/bun/bin/bun.exe`,
  ].find(nodeModule("node:fs").existsSync);
  if (found === undefined) {
    throw new Error(
      "Cannot bundle the page's scripts: npm ci has not been run",
    );
  }
  return found;
}
