import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningFogcast, until } from "../../peers/fogcast.ts";
import { ConfigFolder, printedTimes, startCamera } from "./config_folder.ts";
import { PartReader } from "./part_reader.ts";

const RELOADS = 50;
const MAIN = "http: { listen: 127.0.0.1:0 }\napi: { listen: [] }\n";

describe("a running server whose configuration changes", () => {
  let camera: { url(n: number): string; close(): void };
  let folder: ConfigFolder;
  let server: RunningFogcast;
  let reader: PartReader;

  const streams = (n: number, more = "") =>
    folder.write(
      "streams.yaml",
      `still: { source: "${camera.url(0)}", transport: tcp, alwaysOn: true }
busy: { source: "${camera.url(n)}", transport: tcp, alwaysOn: true }
${more}`,
    );
  const hangUp = () => process.kill(server.pid, "SIGHUP");
  const states = async () =>
    new Map(
      (await (await fetch(`${server.url}/streams.json`)).json() as { name: string; state: string }[])
        .map((s) => [s.name, s.state]),
    );

  beforeAll(async () => {
    camera = await startCamera();
    folder = await ConfigFolder.make({ "fogcast.yaml": MAIN });
    await streams(1);
    server = await folder.serve();
    reader = await PartReader.start(server.url, "still");
    await reader.more(1);
  }, 40_000);
  afterAll(async () => {
    await server?.stop();
    camera?.close();
  });

  test("50 reloads that change one stream's source cost the viewer of another not one part", async () => {
    const before = reader.parts;
    const started = performance.now();
    for (let n = 1; n <= RELOADS; n++) {
      await streams(1 + n);
      hangUp();
      await printedTimes(server, "streams changed: busy (source)", n);
      await Bun.sleep(60);
    }
    const seconds = (performance.now() - started) / 1000;
    // parts are 200 ms of video each: as many come as time has passed, which on a busy machine takes a moment
    const wanted = before + Math.floor(seconds / 0.2) - 2;
    await reader.more(Math.max(1, wanted - reader.parts));
    expect(server.output()).not.toContain("streams changed: still");
    await until(20_000, "busy online", async () => (await states()).get("busy") === "online" || undefined);
  }, 150_000);

  test("a faulty file is refused with file, line, key, expected and found, and everything plays on", async () => {
    await streams(100, "bad: { source: rtsp://127.0.0.1:1/x, transport: upd }\n");
    await server.printed(/streams\.yaml:3:49: streams\.bad\.transport: expected .*, got "upd"/);
    expect(server.output()).toContain(`${folder.path}/streams.yaml:3:49`);
    expect(server.output()).toContain("the running one stays");
    expect([...(await states()).keys()].sort()).toEqual(["busy", "still"]);
    await reader.more(2);
  });

  test("files of a folder that appear and vanish are taken up by themselves", async () => {
    await streams(101);
    await server.printed(/its files changed\): streams changed: busy/);
    await folder.write("streams.d/new.yaml", "late: { source: rtsp://127.0.0.1:1/x }\n");
    await server.printed("streams added: late");
    expect((await states()).get("late")).toBe("idle");
    await folder.remove("streams.d/new.yaml");
    await server.printed("streams removed: late");
    expect((await fetch(`${server.url}/hls/late/index.m3u8`)).status).toBe(404);
    await reader.more(1);
  });

  test("the log changes its level and format at run time", async () => {
    await folder.write("log.yaml", "format: json\nlevel: debug\n");
    await server.printed("sections: log");
    hangUp();
    await server.printed(/"level":"debug".*SIGHUP.*nothing differs/);
    await folder.write("log.yaml", "format: text\n");
    await printedTimes(server, "sections: log", 2);
  });

  test("addresses of HTTP change at once; where one cannot be had, all stay as they were", async () => {
    const stranger = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const http = (more: string) =>
      folder.write("fogcast.yaml", `http: { listen: [127.0.0.1:0, ${more}] }\napi: { listen: [] }\n`);
    await http(`127.0.0.1:${stranger.port}`);
    await server.printed(
      new RegExp(`Cannot listen on .*:${stranger.port}: the port is in use by .*; all stays as it was`),
    );
    await stranger.stop(true);
    await reader.more(1);
    await http("localhost:0");
    const serving = await server.printed(/serves at .* from now on/);
    const [first, second] = [...serving.matchAll(/http:\/\/[\w.]+:\d+/g)].map(([url]) => url);
    expect(first).toBe(server.url);
    expect((await fetch(`${second}/streams.json`)).status).toBe(200);
    await folder.write("fogcast.yaml", MAIN);
    await printedTimes(server, "from now on", 2);
    await expect(fetch(`${second}/streams.json`)).rejects.toThrow();
    await reader.more(1);
  });

  test("a folder that vanishes stops nothing, and is taken up when it is back", async () => {
    await folder.remove("");
    await server.printed("cannot be read: ENOENT");
    await reader.more(2);
    await folder.write("fogcast.yaml", MAIN);
    await streams(200);
    await until(
      20_000,
      "taken up",
      () => Promise.resolve(server.output().split("streams changed: busy").length > RELOADS + 2 || undefined),
    );
    await reader.more(2);
  }, 60_000);

  test("the viewer would have noticed: a change of its own stream is a discontinuity", async () => {
    await folder.write(
      "streams.yaml",
      `still: { source: "${camera.url(1)}", transport: tcp, alwaysOn: true }\n`,
    );
    await server.printed("streams changed: still (source)");
    await until(20_000, "the discontinuity", () => Promise.resolve(reader.failure));
    await expect(reader.stop()).rejects.toThrow("discontinuity");
  }, 60_000);
});
