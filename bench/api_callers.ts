/**
 * Calls the API from a process of its own: `api_callers.ts http|udp PORT PER_SECOND SECONDS`; `Infinity` is as many as
 * it answers. Prints a line of JSON with what came back.
 */
import { HttpClient } from "./http_client.ts";

/** Calls at a time without a rate. */
const CONNECTIONS = 16;
const DATAGRAMS_AT_ONCE = 64;

const [face = "http", port = "0", rate = "1000", length = "5"] = process.argv.slice(2);
const perSecond = Number(rate);
const seconds = Number(length);
const until = performance.now() + seconds * 1000;
const command = '{"active_streams":["viewers","status"]}';
let answered = 0;
let failed = 0;
let refused = 0;

if (face === "http") await callHttp();
else await callUdp();
console.log(JSON.stringify({ answered, failed, refused, seconds }));

async function callHttp(): Promise<void> {
  const path = `/api2?command=${encodeURIComponent(command)}`;
  const began = performance.now();
  let taken = 0;
  const work = async () => {
    const client = await HttpClient.connect(`http://127.0.0.1:${port}`);
    while (performance.now() < until) {
      if (taken >= (performance.now() - began) / 1000 * perSecond) {
        await Bun.sleep(1);
        continue;
      }
      taken++;
      const { status } = await client.get(path);
      if (status === 200) answered++;
      else if (status === 429) refused++;
      else failed++;
    }
    client.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

async function callUdp(): Promise<void> {
  const request = new TextEncoder().encode(command);
  const target = Number(port);
  const began = performance.now();
  let sent = 0;
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", socket: { data: () => void answered++ } });
  const wanted = () =>
    perSecond === Infinity
      ? answered + DATAGRAMS_AT_ONCE
      : Math.floor((performance.now() - began) / 1000 * perSecond);
  while (performance.now() < until) {
    const batch: (Uint8Array<ArrayBuffer> | number | string)[] = [];
    for (; sent < wanted() && batch.length < 3 * 512; sent++) batch.push(request, target, "127.0.0.1");
    if (batch.length > 0) socket.sendMany(batch);
    await Bun.sleep(1);
  }
  await Bun.sleep(200);
  failed = sent - answered;
  socket.close();
}
