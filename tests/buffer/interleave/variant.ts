import { afterAll } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCE = new URL("../../../src/", import.meta.url).pathname;

/** One change of one source file; `from` must be there exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Copies src/buffer into a folder of its own with some text replaced, so that a test can run a version that is wrong on
 * purpose. Answers the folder. `each` may rewrite every file.
 */
export function buildVariant(
  edits: readonly Edit[],
  each: (text: string, file: string) => string = (t) => t,
): string {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-variant-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of readdirSync(`${SOURCE}buffer`)) {
    if (!file.endsWith(".ts")) continue;
    let text = readFileSync(`${SOURCE}buffer/${file}`, "utf8");
    for (const edit of edits) {
      if (edit.file !== file) continue;
      if (text.split(edit.from).length !== 2) throw new Error(`${file} does not have once: ${edit.from}`);
      text = text.replace(edit.from, () => edit.to);
    }
    text = each(text, file).replaceAll(`"../`, `"${SOURCE}`);
    writeFileSync(join(folder, file), text);
  }
  return folder;
}
