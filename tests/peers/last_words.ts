/** What runs for a test, by name, and all that it printed so far. */
const speakers = new Map<string, () => string>();

/** Lines of each that a failure shows. */
const LINES = 25;

/** Has failures show what a program said last, until the answer is called. */
export function quoteInFailures(name: string, output: () => string): () => void {
  speakers.set(name, output);
  return () => void speakers.delete(name);
}

/** The last lines of every program that runs for this test, to be put behind what a failure says. */
export function lastWords(): string {
  let text = "";
  for (const [name, output] of speakers) {
    const lines = output().trimEnd().split("\n").slice(-LINES);
    if (lines.join("") === "") continue;
    text += `\n--- ${name} said last:\n${lines.join("\n")}`;
  }
  return text;
}
