import { afterAll, beforeAll, expect, test } from "bun:test";
import { type RunningFogcast, startFogcast } from "../../peers/fogcast.ts";
import { streamsYaml } from "../../peers/fogcast_streams.ts";

let fogcast: RunningFogcast;
let at = "";
let stopServing = () => {};

beforeAll(async () => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const status = Number(/^\/(\d+)/.exec(new URL(request.url).pathname)?.[1]);
      return new Response("<html>Welcome!</html>\r\n".repeat(100), { status });
    },
  });
  stopServing = () => void server.stop(true);
  at = `127.0.0.1:${server.port}`;
  fogcast = await startFogcast(streamsYaml({
    "sdp-404": { source: `http://${at}/404.sdp` },
    "sdp-401": { source: `http://${at}/401.sdp` },
    "sdp-500": { source: `http://${at}/500.sdp` },
    "sdp-page": { source: `http://${at}/200.sdp` },
    "sdp-nobody": { source: "http://127.0.0.1:1/studio.sdp" },
    "ts-404": { source: `http://${at}/404.ts` },
    "ts-401": { source: `http://${at}/401.ts` },
    "ts-500": { source: `http://${at}/500.ts` },
    "ts-page": { source: `http://${at}/200.ts` },
    "ts-nobody": { source: "http://127.0.0.1:1/studio.ts" },
    "program": { source: `"ts-exec:sh -c 'echo no such camera >&2; exit 3'"` },
  }));
}, 60_000);

afterAll(async () => {
  await fogcast?.stop();
  stopServing();
});

for (
  const [name, why] of [
    ["sdp-404", "HOST answers 404"],
    ["sdp-401", "HOST answers 401"],
    ["sdp-500", "HOST answers 500"],
    ["sdp-page", 'line 1: expected v=0 as a description begins, got "<html>Welcome!</html>"'],
    ["sdp-nobody", "cannot reach 127.0.0.1:1: ECONNREFUSED"],
    ["ts-404", "HOST answers 404"],
    ["ts-401", "HOST answers 401"],
    ["ts-500", "HOST answers 500"],
    ["ts-page", "what comes is no MPEG transport stream"],
    ["ts-nobody", "cannot reach 127.0.0.1:1: ECONNREFUSED"],
    ["program", "sh ended with exit code 3: no such camera"],
  ] as const
) {
  test.concurrent(
    `${name}: viewers read why there is nothing, those who come first and those who come later`,
    async () => {
      const text = `stream offline: ${why.replace("HOST", at)}\n`;
      const ask = async (path: string) => {
        const answer = await fetch(`${fogcast.url}${path}`);
        return [path, answer.status, await answer.text()];
      };
      const paths = [`/hls/${name}/index.m3u8`, `/${name}.mp4`, `/cmaf/${name}/index.mpd`, `/${name}.ts`];
      for (const answers of [await Promise.all(paths.map(ask)), await Promise.all(paths.map(ask))]) {
        expect(answers).toEqual(paths.map((path) => [path, 503, text]));
      }
    },
    60_000,
  );
}
