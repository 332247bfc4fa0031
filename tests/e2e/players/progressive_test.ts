import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BINARY, type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { runProgram } from "../../peers/run_program.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const DENO = [`${ROOT}node_modules/.bin/deno`, "run", "-A", `${ROOT}src/app/main.ts`];

describe("a camera as endless files, of the binary and of the sources under Deno", () => {
  let cameras: readonly GstCamera[] = [];
  let servers: readonly RunningFogcast[] = [];

  beforeAll(async () => {
    const commands = [[BINARY], DENO];
    // One each: GStreamer begins again, with times that repeat, when a second one joins while it starts.
    cameras = await Promise.all(commands.map(() => startGstCamera()));
    servers = await Promise.all(cameras.map((camera, n) => {
      const yaml = `streams:\n  cam:\n    source: ${camera.url("h264pcma")}\n`;
      return startFogcast(yaml, commands[n]);
    }));
  }, 40_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all(cameras.map((camera) => camera.kill()));
  }, 30_000);

  /** Times of the packets of each codec, in seconds, that ffprobe finds in a second. */
  async function probe(url: string): Promise<Record<string, readonly number[]>> {
    const show = ["-show_entries", "packet=stream_index,dts_time:stream=index,codec_name", "-of", "json"];
    const { out, said, code } = await runProgram(
      20_000,
      "ffprobe",
      "-v",
      "error",
      ...show,
      `${url}?duration=1`,
    );
    expect([code, said]).toEqual([0, ""]);
    const { streams, packets } = JSON.parse(out) as {
      readonly streams: readonly { readonly index: number; readonly codec_name: string }[];
      readonly packets: readonly { readonly stream_index: number; readonly dts_time: string }[];
    };
    return Object.fromEntries(
      streams.map((stream) => [
        stream.codec_name,
        packets.filter((p) => p.stream_index === stream.index).map((p) => Number(p.dts_time)),
      ]),
    );
  }

  /** What is wrong with the packets of a second. */
  function faults(codecs: Record<string, readonly number[]>): readonly string[] {
    const { h264: pictures = [], ...others } = codecs;
    const [sound = []] = Object.values(others);
    const found: string[] = [];
    // Pictures are led to the sound by a sixteenth of their pace.
    const steps = pictures.slice(1).map((at, n) => at - (pictures[n] as number));
    if (steps.some((step) => step < 0.037 || step > 0.043)) found.push(`pictures at ${pictures.join(" ")}`);
    if (!(pictures[0] === 0 && (pictures.at(-1) as number) >= 1 - 0.043)) {
      found.push(`pictures from ${pictures[0]} to ${pictures.at(-1)} s`);
    }
    // GStreamer sends G.711 in packets of 128 ms.
    if (sound.length < 7 || sound.length > 8) found.push(`sound at ${sound.join(" ")}`);
    if (Object.keys(codecs).length !== 2) found.push(Object.keys(codecs).join(" and "));
    return found;
  }

  test("ffprobe reads a second of them", async () => {
    const read = async (url: string) => {
      let found: readonly string[] = [];
      // Where the machine held up the camera or lost its datagrams, a second has a hole: the next one tells.
      for (let second = 0; second < 5; second++) {
        found = faults(await probe(url));
        if (found.length === 0) break;
      }
      return found.map((fault) => `${url}: ${fault}`);
    };
    const urls = servers.flatMap(({ url }) => ["mp4", "mkv"].map((file) => `${url}/cam.${file}`));
    expect((await Promise.all(urls.map(read))).flat()).toEqual([]);
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
