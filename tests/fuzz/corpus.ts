import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import type { Failure } from "./target.ts";

const CORPUS = new URL("../corpus/", import.meta.url).pathname;

/** Keeps a failing input for ever: `tests/corpus/TARGET/HASH.bin`. Answers its path. */
export function keepInput(failure: Failure): string {
  const folder = `${CORPUS}${failure.target}`;
  mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256").update(failure.input).digest("hex").slice(0, 16);
  const path = `${folder}/${hash}.bin`;
  writeFileSync(path, failure.input);
  return path;
}

/** Every kept input, by its target's name. */
export function readCorpus(): { target: string; name: string; input: Uint8Array }[] {
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS, { withFileTypes: true }).filter((e) => e.isDirectory()).flatMap((folder) =>
    readdirSync(`${CORPUS}${folder.name}`).sort().map((name) => ({
      target: folder.name,
      name,
      input: new Uint8Array(readFileSync(`${CORPUS}${folder.name}/${name}`)),
    }))
  );
}
