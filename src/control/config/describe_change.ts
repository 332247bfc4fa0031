import type { ConfigChange } from "../../config/diff.ts";

/** Names that one line lists; the rest are counted. */
const NAMES_MAX = 10;

/** True when nothing differs. */
export function isSame(change: ConfigChange): boolean {
  return change.sections.length + change.added.length + change.removed.length + change.changed.size === 0;
}

/** `streams added: a, b; changed: c (source, values); sections: log`, for the log. */
export function describeChange(change: ConfigChange): string {
  const changed = [...change.changed].map(([name, fields]) => `${name} (${fields.join(", ")})`);
  const parts: [string, readonly string[]][] = [
    ["streams added", change.added],
    ["streams removed", change.removed],
    ["streams changed", changed],
    ["sections", change.sections],
  ];
  return parts.filter(([, names]) => names.length > 0).map(([what, names]) => `${what}: ${listed(names)}`)
    .join("; ");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(", ");
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown;
}
