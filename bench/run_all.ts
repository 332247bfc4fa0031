/**
 * Runs benchmarks one after the other: all `*_bench.ts` here, or those whose names begin with one of the arguments.
 * Prints their lines as they come, then the README's table, which is also what to compare two machines by; the bars that
 * were missed go to standard error, and make the exit code 1.
 */
import { readdirSync } from "node:fs";

interface Line {
  readonly bench: string;
  readonly name?: string;
  readonly bar?: Readonly<Record<string, { readonly max?: number; readonly min?: number }>>;
  readonly pass?: boolean;
  readonly [value: string]: unknown;
}

const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dir)
  .filter((file) => file.endsWith("_bench.ts"))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
  .sort();
const lines: Line[] = [];
let failed = false;
for (const file of files) {
  const child = Bun.spawn([process.execPath, "run", `${import.meta.dir}/${file}`], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  process.stdout.write(text);
  if (await child.exited !== 0) {
    console.error(`${file}: failed`);
    failed = true;
  }
  for (const line of text.split("\n")) if (line.startsWith("{")) lines.push(JSON.parse(line) as Line);
}

console.log("\n| what | measured | bar |\n|---|---|---|");
for (const { bench, name, bar, ...values } of lines) {
  for (const [key, { max, min }] of Object.entries(bar ?? {})) {
    const unit = typeof values["unit"] === "string" ? ` ${values["unit"]}` : "";
    const limit = max === undefined ? `≥ ${min}` : `≤ ${max}`;
    console.log(`| ${bench}: ${name ?? ""}, ${key} | ${String(values[key])}${unit} | ${limit}${unit} |`);
  }
}
for (const { bench, name, pass } of lines) {
  if (pass === false) {
    console.error(`missed a bar: ${bench}: ${name ?? ""}`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
