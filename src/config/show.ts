import type { DecidedValue } from "./config_error.ts";

/** Column at which origins begin, where the value leaves room. */
const ORIGIN_COLUMN = 44;

/** The merged configuration as YAML, each value followed by where it comes from. Secrets are masked already. */
export function showConfig(decided: readonly DecidedValue[]): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { path, shown, origin } of [...decided].sort((a, b) => comparePaths(a.path, b.path))) {
    let depth = 0;
    while (depth < path.length - 1 && path[depth] === open[depth]) depth++;
    for (; depth < path.length - 1; depth++) lines.push(`${"  ".repeat(depth)}${path[depth]}:`);
    open = path.slice(0, -1);
    lines.push(`${`${"  ".repeat(depth)}${path[depth]}: ${shown}`.padEnd(ORIGIN_COLUMN)} # ${origin}`);
  }
  return lines.join("\n") + "\n";
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const left = a[i] as string;
    const right = b[i] as string;
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
