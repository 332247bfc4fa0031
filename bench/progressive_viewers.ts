/**
 * Many viewers of one endless answer, in a process of their own: `progressive_viewers.ts URL COUNT STALLED`. The last
 * STALLED of them stop reading as soon as they have begun. Prints `joined` once all are in, and at SIGTERM a line of
 * JSON: bytes, how many were closed, and by how many frames the last one is behind.
 */
import { ProgressiveClient } from "./progressive_client.ts";

/** How many join at the same time. */
const JOINING = 50;

const [url = "", count = "0", stalled = "0"] = process.argv.slice(2);
const frames = new Map<ProgressiveClient, number>();
const reading: ProgressiveClient[] = [];
const others: ProgressiveClient[] = [];

async function join(stalls: boolean): Promise<void> {
  if (stalls) others.push(await ProgressiveClient.open(url, (client) => client.pause()));
  else {
    const heard = (client: ProgressiveClient) => {
      const { frame } = client;
      if (!Number.isNaN(frame)) frames.set(client, frame);
    };
    reading.push(await ProgressiveClient.open(url, heard));
  }
}

for (let n = 0; n < Number(count); n += JOINING) {
  const more = Math.min(JOINING, Number(count) - n);
  await Promise.all(Array.from({ length: more }, (_, i) => join(n + i >= Number(count) - Number(stalled))));
}
while (frames.size < reading.length) await Bun.sleep(20);
console.log("joined");

process.on("SIGTERM", () => {
  const numbers = [...frames.values()];
  console.log(JSON.stringify({
    bytes: reading.reduce((sum, client) => sum + client.bytes, 0),
    closed: [...reading, ...others].filter((client) => client.closed).length,
    behind: Math.max(...numbers) - Math.min(...numbers),
  }));
  process.exit(0);
});
