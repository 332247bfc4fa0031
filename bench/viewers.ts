/**
 * Many viewers of one stream in a process of their own: `viewers.ts ORIGIN STREAM COUNT`. Prints `joined` once all of
 * them are in, and at SIGTERM a line of JSON with what they got.
 */
import { Viewer } from "./viewer.ts";

/** How many join at the same time. */
const JOINING = 50;

const [origin = "", stream = "", count = "0"] = process.argv.slice(2);
let parts = 0;
let bytes = 0;
let failures = 0;
let ending = false;

async function watch(viewer: Viewer): Promise<void> {
  try {
    while (!ending) {
      const { body } = await viewer.part();
      parts++;
      bytes += body.length;
    }
  } catch (error) {
    if (ending) return;
    failures++;
    console.error(String(error));
  }
  failures += viewer.failures;
}

const viewers: Viewer[] = [];
while (viewers.length < Number(count)) {
  const next = Math.min(JOINING, Number(count) - viewers.length);
  viewers.push(...await Promise.all(Array.from({ length: next }, () => Viewer.join(origin, stream))));
}
for (const viewer of viewers) void watch(viewer);
console.log("joined");
// without viewers nothing else would keep the process alive
setInterval(() => {}, 1000);
process.on("SIGTERM", () => {
  ending = true;
  const failed = viewers.reduce((sum, viewer) => sum + viewer.failures, failures);
  console.log(JSON.stringify({ parts, bytes, failures: failed }));
  process.exit(0);
});
