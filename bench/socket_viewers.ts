/**
 * Many viewers of one stream over WebSockets, in a process of their own: `socket_viewers.ts URL COUNT STALLED`. The
 * last STALLED of them stop reading as soon as they have begun. Prints `joined` once all are in, and at SIGTERM a line
 * of JSON: messages, bytes, how many were skipped ahead or closed, and by how many frames the last one is behind.
 */
import { WsClient } from "./ws_client.ts";

/** How many join at the same time. */
const JOINING = 50;

const [url = "", count = "0", stalled = "0"] = process.argv.slice(2);
const reading: WsClient[] = [];
const others: WsClient[] = [];
let skipped = 0;

async function join(stalls: boolean): Promise<void> {
  const client: WsClient = await WsClient.connect(url, stalls ? (it) => it.pause() : undefined, (text) => {
    if (text.includes('"warning"')) skipped++;
  });
  client.send('{"type":"play"}');
  (stalls ? others : reading).push(client);
}

for (let n = 0; n < Number(count); n += JOINING) {
  const more = Math.min(JOINING, Number(count) - n);
  await Promise.all(Array.from({ length: more }, (_, i) => join(n + i >= Number(count) - Number(stalled))));
}
while (reading.some((client) => client.messages < 2)) await Bun.sleep(20);
console.log("joined");

process.on("SIGTERM", () => {
  // The last bytes of what a viewer got are the number of a frame.
  const frames = reading.map(({ tail }) => parseInt(new TextDecoder().decode(tail), 16));
  const newest = Math.max(...frames);
  console.log(JSON.stringify({
    messages: reading.reduce((sum, client) => sum + client.messages, 0),
    bytes: reading.reduce((sum, client) => sum + client.bytes, 0),
    skipped,
    closed: [...reading, ...others].filter((client) => client.closed).length,
    behind: newest - Math.min(...frames),
  }));
  process.exit(0);
});
