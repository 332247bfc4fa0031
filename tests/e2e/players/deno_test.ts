import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BINARY, type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { runProgram } from "../../peers/run_program.ts";
import { readPlaylist } from "../../wire/protocol/hls/read_playlist.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const DENO = [`${ROOT}node_modules/.bin/deno`, "run", "-A", `${ROOT}src/app/main.ts`];

describe("the sources under Deno", () => {
  let camera: GstCamera;
  const servers: RunningFogcast[] = [];
  beforeAll(async () => {
    camera = await startGstCamera();
    const yaml = `streams:\n  cam:\n    source: ${camera.url("h264pcma")}\n    alwaysOn: true\n`;
    servers.push(...await Promise.all([startFogcast(yaml), startFogcast(yaml, DENO)]));
  }, 40_000);
  afterAll(async () => {
    for (const server of servers) await server.stop();
    await camera?.kill();
  }, 30_000);

  /**
   * What lines a playlist is made of, without numbers that differ from run to run: those of the head in their order. Only
   * the newest segments have parts, so which kind of line comes first then is a matter of age.
   */
  function shape(text: string): string[] {
    const numbers = /(DURATION|EXTINF|-TARGET|-BACK|-UNTIL|BANDWIDTH|LAST-PART)([=:])[\d.]+/g;
    const lines = text.trim().split("\n").map((line) =>
      line.replace(numbers, "$1$2N").replace(/TIME:[\d.:TZ-]+/, "TIME").replace(/\d{6,}/g, "MSN")
        .replace(/MSN\.\d+/, "MSN.PART").replace(/init-1\.\w+/, "init")
    );
    // a camera that begins anew while one of the two is looked at is no difference between them
    const kinds = [...new Set(lines)].filter((line) => !line.startsWith("#EXT-X-DISCONTINUITY"));
    const head = kinds.findIndex((line) => /^#EXT(INF|-X-PART:)/.test(line));
    return head < 0 ? kinds : [...kinds.slice(0, head), ...kinds.slice(head).sort()];
  }

  test("serve playlists of the same structure as the binary", async () => {
    for (const path of ["index.m3u8", "0/index.m3u8", "1/index.m3u8"]) {
      const shapes = await Promise.all(servers.map(async ({ url }) => {
        const text = await until(20_000, `two segments at ${path}`, async () => {
          const answer = await fetch(`${url}/hls/cam/${path}`);
          const text = await answer.text();
          if (path === "index.m3u8") return answer.status === 200 ? text : undefined;
          return readPlaylist(text).segments.length >= 2 ? text : undefined;
        });
        return shape(text);
      }));
      expect(shapes[1]).toEqual(shapes[0] as string[]);
      expect(shapes[0]?.length).toBeGreaterThan(5);
    }
  }, 60_000);

  test("give ffmpeg a stream to decode", async () => {
    const url = `${servers[1]?.url}/hls/cam/index.m3u8`;
    const { said, code } = await runProgram(
      15_000,
      ...`ffmpeg -v error -i ${url} -t 2 -map 0:v -map 0:a -enc_time_base -1 -f null -`.split(" "),
    );
    expect([code, said]).toEqual([0, ""]);
  }, 20_000);

  test("say the same version, and end with 0", async () => {
    const versions = await Promise.all(
      [[BINARY], DENO].map((command) => runProgram(15_000, ...command, "--version")),
    );
    expect(versions[1]?.out).toBe(versions[0]?.out as string);
    const { code } = await (servers.pop() as RunningFogcast).stop();
    expect(code).toBe(0);
  }, 20_000);
});
