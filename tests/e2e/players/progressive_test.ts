import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BINARY, type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { runProgram } from "../../peers/run_program.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const DENO = [`${ROOT}node_modules/.bin/deno`, "run", "-A", `${ROOT}src/app/main.ts`];

describe("a camera as endless files, of the binary and of the sources under Deno", () => {
  let camera: GstCamera;
  let servers: readonly RunningFogcast[] = [];

  beforeAll(async () => {
    camera = await startGstCamera();
    const yaml = `streams:\n  cam:\n    source: ${camera.url("h264pcma")}\n`;
    servers = await Promise.all([startFogcast(yaml, [BINARY]), startFogcast(yaml, DENO)]);
  }, 40_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await camera?.kill();
  });

  /** Codecs and how many packets of each ffprobe finds in a second. */
  async function probe(url: string): Promise<Record<string, number>> {
    const show = ["-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0"];
    const { out, said, code } = await runProgram(
      20_000,
      "ffprobe",
      "-v",
      "error",
      ...show,
      `${url}?duration=1`,
    );
    expect([code, said]).toEqual([0, ""]);
    const lines = out.trim().split("\n").map((line) => line.split(","));
    return Object.fromEntries(lines.map(([codec, count]) => [codec, Number(count)]));
  }

  test("ffprobe reads a second of them", async () => {
    // GStreamer sends G.711 in packets of 128 ms.
    const isSecond = ({ h264 = 0, flac = 0, pcm_alaw = 0 }: Record<string, number>) =>
      h264 >= 24 && h264 <= 26 && flac + pcm_alaw >= 5;
    // An answer begins with the camera: it is pulled when the first viewer comes.
    const read = async (url: string) => {
      const found = await probe(url);
      // where the machine held camera or viewer up, the second has a hole: the next one tells
      return isSecond(found) ? found : await probe(url);
    };
    const urls = servers.flatMap(({ url }) => ["mp4", "mkv"].map((file) => `${url}/cam.${file}`));
    const found = await Promise.all(urls.map(read));
    expect(found.filter((codecs) => Object.keys(codecs).length !== 2 || !isSecond(codecs))).toEqual([]);
  }, 60_000);

  test(
    "an answer goes on until its session is stopped by the API, and nobody may come back at once",
    async () => {
      const [server] = servers as readonly [RunningFogcast];
      const api = /API on [^\s,]*:(\d+)/.exec(await server.printed(/API on \S+/))?.[1];
      const answer = await fetch(`${server.url}/cam.ts`);
      const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
      expect((await reader.read()).done).toBe(false);
      const ended = (async () => {
        while (!(await reader.read()).done);
      })();
      // Sessions are reported once a second.
      let over = false;
      void ended.then(() => over = true);
      for (let tries = 0; !over && tries < 100; tries++) {
        const body = JSON.stringify({ stop_sessions: "cam" });
        await fetch(`http://127.0.0.1:${api}/api2`, {
          method: "POST",
          body,
          headers: { "content-type": "application/json" },
        });
        await Bun.sleep(100);
      }
      expect(over).toBe(true);
      await until(5000, "a refusal", async () => {
        const { status, body } = await fetch(`${server.url}/cam.ts`);
        await body?.cancel();
        return status === 403 ? status : undefined;
      });
    },
    20_000,
  );
});
