import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { answeredText } from "../../peers/answered.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";

describe("who watched what, told by the compiled binary", () => {
  let camera: ClipCamera;
  let server: RunningFogcast;
  let folder: string;
  let api: string;
  const fetched = { first: 0, second: 0 };

  /** Fetches as a viewer and answers the length of the body. */
  async function fetchAs(viewer: string, path: string): Promise<number> {
    const answer = await fetch(`${server.url}/hls/cam/${path}`, {
      headers: { "user-agent": viewer, "accept-encoding": "identity" },
    });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.bytes()).length;
  }

  /** The value of a sample on the metrics page. */
  async function sample(name: string): Promise<number> {
    const answer = await fetch(`${api}/metrics`);
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const line = (await answer.text()).split("\n").find((l) => l.startsWith(`${name} `));
    if (line === undefined) throw new Error(`no sample ${name}`);
    return Number(line.slice(name.length + 1));
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fogcast-telemetry-"));
    camera = await startClipCamera();
    const yaml = `log: { file: ${folder}/server.log }
accessLog: { target: ${folder}/access.csv }
streams:
  cam: { source: "${camera.url("cam")}", alwaysOn: true }
`;
    server = await startFogcast(yaml);
    const where = await server.printed(/API on 127\.0\.0\.1:\d+/);
    api = `http://${where.slice("API on ".length)}`;
    fetched.first += await fetchAs("first/1", "0/index.m3u8");
    fetched.first += await fetchAs("first/1", "index.m3u8");
    const list = await answeredText(`${server.url}/hls/cam/0/index.m3u8`, 200, {
      headers: { "user-agent": "second/1", "accept-encoding": "identity" },
    });
    fetched.second += new TextEncoder().encode(list).length;
    const segment = /^\d+\.m4s/m.exec(list)?.[0] as string;
    fetched.second += await fetchAs("second/1", `0/${segment}`);
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    camera?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("viewers are counted, and their bytes are those of the bodies that they got", async () => {
    const bytes = fetched.first + fetched.second;
    await until(
      15_000,
      `${bytes} bytes of two viewers`,
      async () =>
        await sample('fogcast_sessions{kind="viewer"}') === 2 &&
          await sample('fogcast_stream_sent_bytes_total{stream="cam"}') === bytes || undefined,
    );
    expect(await sample('mist_sessions{stream="cam",sessType="viewers"}')).toBe(2);
    expect(await sample('mist_bw{stream="cam",direction="up"}')).toBe(bytes);
    expect(await sample('mist_outputs{output="HLS"}')).toBe(2);
  }, 40_000);

  test("the stream's numbers are there", async () => {
    await until(20_000, "a frame rate of 25", async () =>
      Math.abs(
          await sample(
            'fogcast_track_frames_per_second{stream="cam",track="0",kind="video",codec="h264"}',
          ) - 25,
        ) < 3 || undefined);
    expect(await sample('fogcast_stream_up{stream="cam"}')).toBe(1);
    expect(await sample('fogcast_stream_packets_received_total{stream="cam"}')).toBeGreaterThan(50);
    expect(await sample('fogcast_stream_packets_lost_total{stream="cam"}')).toBe(0);
    // for a while after a standstill of the machine the stream's clock is bent to the sender's, by a sixteenth
    await until(20_000, "key frames 2 s apart", async () => {
      const seconds = await sample(
        'fogcast_track_key_frame_interval_seconds{stream="cam",track="0",kind="video",codec="h264"}',
      );
      if (Math.abs(seconds - 2) >= 0.05) throw new Error(`they are ${seconds} s apart`);
      return true;
    });
    expect(await sample('fogcast_stream_latency_seconds_count{stream="cam"}')).toBeGreaterThan(0);
    expect(await sample("mist_mem_total")).toBeGreaterThan(100_000);
  }, 60_000);

  test("each session leaves one line in the access log, and the log is in its file too", async () => {
    expect((await server.stop()).code).toBe(0);
    const lines = (await Bun.file(join(folder, "access.csv")).text()).trimEnd().split("\n");
    expect(lines.length).toBe(2);
    for (const viewer of ["first/1", "second/1"]) {
      const line = lines.filter((l) => l.endsWith(`, UA:${viewer}`));
      expect(line.length).toBe(1);
      expect(line[0]).toMatch(
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, [0-9a-f]{32}, cam, HLS, 127\.0\.0\.1, \d+, [\d.]+, 0\.0, UA:/,
      );
    }
    expect(await Bun.file(join(folder, "server.log")).text()).toContain("SIGTERM: closing");
  }, 40_000);
});
