import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { readPlaylist } from "../../wire/protocol/hls/read_playlist.ts";

/** One request on a connection of its own: the system gives each connection to one of the workers. */
function getAlone(url: string): Promise<{ status: number; hash: string; size: number }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false }, (answer) => {
      const hash = createHash("sha256");
      let size = 0;
      answer.on("data", (chunk: Uint8Array) => {
        hash.update(chunk);
        size += chunk.length;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, hash: hash.digest("hex"), size }));
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

const CONNECTIONS = 24;

describe("two HTTP workers", () => {
  let camera: GstCamera;
  let server: RunningFogcast;
  beforeAll(async () => {
    camera = await startGstCamera();
    server = await startFogcast(
      `streams:\n  cam:\n    source: ${camera.url("h264pcma")}\n    alwaysOn: true\n`,
      undefined,
      "workers: 2",
    );
  }, 30_000);
  afterAll(async () => {
    await server?.stop();
    await camera?.kill();
  }, 30_000);

  test("give the same bytes for every address, to every connection", async () => {
    for (const rendition of ["0", "1", "0-1", "0.ts"]) {
      const at = `${server.url}/hls/cam/${rendition}/index.m3u8`;
      const list = await until(15_000, "three segments", async () => {
        const read = readPlaylist(await (await fetch(at)).text());
        return read.segments.length >= 3 ? read : undefined;
      });
      const [oldest] = list.segments;
      const newest = list.segments.at(-1);
      const named = [oldest?.map?.uri, oldest?.uri, newest?.uri, newest?.parts?.[3]?.uri];
      const uris = named.filter((uri) => uri !== undefined);
      expect(uris.length).toBe(rendition === "0.ts" ? 3 : 4);
      for (const uri of uris) {
        const url = new URL(uri, at).href;
        const answers = await Promise.all(Array.from({ length: CONNECTIONS }, () => getAlone(url)));
        expect(answers.map((a) => a.status)).toEqual(Array(CONNECTIONS).fill(200));
        expect([uri, new Set(answers.map((a) => a.hash)).size]).toEqual([uri, 1]);
        expect(answers[0]?.size).toBeGreaterThan(300);
      }
    }
  }, 40_000);

  test(
    "hold requests for a part that is to come on every connection, and answer all with the same",
    async () => {
      const at = `${server.url}/hls/cam/0/index.m3u8`;
      for (let round = 0; round < 3; round++) {
        const text = await (await fetch(at)).text();
        const hint = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1];
        const url = new URL(String(hint), at).href;
        const answers = await Promise.all(Array.from({ length: CONNECTIONS }, () => getAlone(url)));
        const statuses = new Set(answers.map((a) => a.status));
        expect(statuses.size).toBe(1);
        // 404: the segment ended before that part
        if (!statuses.has(404)) expect([...statuses]).toEqual([200]);
        expect(new Set(answers.map((a) => a.hash)).size).toBe(1);
      }
    },
    20_000,
  );
});
