import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY, until } from "../../peers/fogcast.ts";
import { freePort, type GuardedFogcast, startGuarded } from "./guarded.ts";
import { type LiveCamera, startLiveCamera } from "./live_camera.ts";

const QUIET = "api: { listen: [] }\nstreams: {}\n";

/** Private memory of a process, bytes. */
async function privateBytes(pid: number): Promise<number> {
  const text = await Bun.file(`/proc/${pid}/smaps_rollup`).text();
  return Number(/^Private_Dirty:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
}

describe("the guardian", () => {
  let fogcast: GuardedFogcast;
  beforeAll(async () => {
    fogcast = await startGuarded(QUIET);
  });
  afterAll(async () => {
    await fogcast?.stop();
  });

  test("costs little memory of its own", async () => {
    const bytes = await privateBytes(fogcast.pid);
    console.log(`  ${(bytes / 1024 / 1024).toFixed(1)} MiB`);
    expect(bytes).toBeLessThan(12 * 1024 * 1024);
  });

  test("starts a server that hangs again, and reports it", async () => {
    const [pid] = fogcast.servers();
    const stopped = performance.now();
    process.kill(pid as number, "SIGSTOP");
    await until(20_000, "another server", () => {
      const [now] = fogcast.servers();
      return Promise.resolve(now !== undefined && now !== pid ? true : undefined);
    });
    expect(performance.now() - stopped).toBeGreaterThan(2500);
    await until(20_000, "answers", async () => (await fetch(`${fogcast.url}/streams.json`)).ok || undefined);
    const { text } = await fogcast.run("crashes", "last");
    expect(text).toMatch(/why: hung: no heartbeat for [3-9]\.\d s/);
    expect(text).toContain("serves 0 streams");
  }, 60_000);

  test("keeps the old server when the new program does not start", async () => {
    const [pid] = fogcast.servers();
    const { code, text } = await fogcast.run("upgrade", "/bin/true");
    expect(code).toBe(1);
    expect(text).toContain("the new server was given up: it ended");
    expect(fogcast.servers()).toEqual([pid as number]);
    expect((await fetch(`${fogcast.url}/streams.json`)).ok).toBe(true);
  }, 40_000);

  test("healthcheck tells a server from none", async () => {
    const check = async (url: string) =>
      await Bun.spawn([BINARY, "healthcheck", "--url", url], { stderr: "ignore" }).exited;
    expect(await check(`${fogcast.url}/streams.json`)).toBe(0);
    expect(await check(`${fogcast.url}/nothing`)).toBe(1);
    expect(await check(`http://127.0.0.1:${freePort()}/`)).toBe(1);
  });

  test("healthcheck finds the server by its configuration, over the API and without one", async () => {
    const [{ port }, api] = [new URL(fogcast.url), freePort()];
    const folder = await mkdtemp(join(tmpdir(), "fogcast-healthcheck-"));
    const check = async (yaml: string) => {
      await Bun.write(join(folder, "c.yaml"), yaml);
      return await Bun.spawn([BINARY, "healthcheck", "--config", join(folder, "c.yaml")], {
        stderr: "ignore",
      }).exited;
    };
    expect(await check(`http: { listen: ":${port}" }\n${QUIET}`)).toBe(0);
    expect(await check(`http: { listen: ":${freePort()}" }\n${QUIET}`)).toBe(1);
    const viaApi = `http: { listen: ":${port}" }\napi: { listen: "127.0.0.1:${api}" }\n`;
    // an API whose port somebody else had at the start does not make the server sick
    expect(await check(viaApi)).toBe(0);
    using ready = Bun.serve({
      hostname: "127.0.0.1",
      port: api,
      fetch: (request) =>
        new Response("", { status: new URL(request.url).pathname === "/v1/ready" ? 503 : 200 }),
    });
    expect(await check(viaApi)).toBe(1);
    expect(ready.port).toBe(api);
    await rm(folder, { recursive: true });
  });

  test("passes on the exit code of a server that cannot start", async () => {
    const { port } = new URL(fogcast.url);
    const folder = await mkdtemp(join(tmpdir(), "fogcast-guardian-"));
    const run = async (yaml: string) => {
      await Bun.write(join(folder, "c.yaml"), yaml);
      const command = [BINARY, "serve", "--config", join(folder, "c.yaml"), "--state", folder];
      return await Bun.spawn(command, { stdout: "ignore", stderr: "ignore" }).exited;
    };
    expect(await run(`http: { listen: "127.0.0.1:${port}" }\n${QUIET}`)).toBe(1);
    expect(await run("streems: {}\n")).toBe(2);
    await rm(folder, { recursive: true });
  }, 30_000);

  test("a server whose guardian is gone ends too", async () => {
    const other = await startGuarded(QUIET);
    const [server] = other.servers();
    process.kill(other.pid, "SIGKILL");
    await until(20_000, "the server has ended", async () => {
      const state = await Bun.file(`/proc/${server}/stat`).text().catch(() => "gone");
      return state === "gone" || state.includes(") Z ") ? true : undefined;
    });
    await other.stop();
  }, 40_000);
});

test("systemd hears readiness, the watchdog's food and the end", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fogcast-notify-"));
  const path = join(folder, "notify");
  const heard = Bun.spawn(["socat", "-u", `UNIX-RECV:${path}`, "-"], { stdout: "pipe", stderr: "ignore" });
  let text = "";
  const listening = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of heard.stdout) text += decoder.decode(bytes, { stream: true });
  })();
  const told = (what: RegExp) =>
    until(20_000, `systemd hears ${what}`, () => {
      if (!what.test(text)) throw new Error(`it heard ${text}`);
      return Promise.resolve(true);
    });
  await until(
    20_000,
    "the socket",
    async () => await Bun.file(path).exists() || Bun.spawnSync(["test", "-S", path]).success || undefined,
  );
  await Bun.write(join(folder, "c.yaml"), `http: { listen: "127.0.0.1:${freePort()}" }\n${QUIET}`);
  const server = Bun.spawn([BINARY, "serve", "--config", join(folder, "c.yaml"), "--state", folder], {
    stdout: "ignore",
    stderr: "ignore",
    env: { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: "900000" },
  });
  await told(/READY=1.*(WATCHDOG=1.*){3}/);
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  await told(/STOPPING=1/);
  heard.kill();
  await listening;
  // The watchdog is fed on while everything is being closed.
  expect(text).toMatch(/READY=1.*STOPPING=1(WATCHDOG=1)*$/);
  await rm(folder, { recursive: true });
}, 60_000);

test("the unit that install prints is right to systemd", async () => {
  const printed = await new Response(Bun.spawn([BINARY, "install", "--print"]).stdout).text();
  const unit = printed.split("\n# /etc/fogcast/fogcast.yaml\n")[0] as string;
  const folder = await mkdtemp(join(tmpdir(), "fogcast-unit-"));
  await Bun.write(join(folder, "fogcast.service"), unit);
  const verify = Bun.spawnSync(["systemd-analyze", "verify", "--man=no", join(folder, "fogcast.service")]);
  const complaints = verify.stderr.toString().split("\n").filter((line) => line.includes("fogcast.service"));
  expect(complaints).toEqual([]);
  await Bun.write(
    join(folder, "fogcast.yaml"),
    printed.split("\n# /etc/fogcast/fogcast.yaml\n")[1] as string,
  );
  expect(await Bun.spawn([BINARY, "check", "--config", folder], { stdout: "ignore" }).exited).toBe(0);
  await rm(folder, { recursive: true });
}, 15_000);

describe("limits", () => {
  let camera: LiveCamera;
  let fogcast: GuardedFogcast;
  beforeAll(async () => {
    camera = await startLiveCamera();
    const yaml =
      `api: { listen: 127.0.0.1:0 }\nlimits: { maxViewers: 2 }\nbuffer: { totalMegabytes: 96 }\nstreams: { cam: { source: "${camera.url}" } }\n`;
    fogcast = await startGuarded(yaml);
  }, 40_000);
  afterAll(async () => {
    await fogcast?.stop();
    camera?.close();
  });

  test("a viewer beyond the limit is answered 503, those before go on", async () => {
    const ask = (viewer: string) =>
      fetch(`${fogcast.url}/hls/cam/index.m3u8`, { headers: { "user-agent": viewer } });
    const before = ["one", "two"];
    const goOn = async () => {
      for (const viewer of before) expect([viewer, (await ask(viewer)).status]).toEqual([viewer, 200]);
    };
    await goOn();
    // viewers are counted every second: those who come before that are let in
    let more = 0;
    const refused = await until(20_000, "a viewer who is refused", async () => {
      await Bun.sleep(500);
      await goOn();
      const answer = await ask(`further ${more++}`);
      return answer.status === 200 ? undefined : answer;
    });
    const { status, headers } = refused;
    expect([status, headers.get("retry-after"), await refused.text()]).toEqual([
      503,
      "5",
      expect.stringContaining("as many viewers as it may"),
    ]);
    await goOn();
    expect(await fogcast.printed(/limits: \d+ requests of new viewers refused/)).toBeTruthy();
  }, 60_000);

  test("the metrics say what was refused, and how much memory the buffers take of what they may", async () => {
    const api = (await fogcast.printed(/API on [^\s,]*:\d+/)).slice("API on ".length);
    const text = await (await fetch(`http://${api}/metrics`)).text();
    const metric = (name: string) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
    expect(metric("fogcast_viewers_refused_total")).toBeGreaterThanOrEqual(1);
    expect(metric("fogcast_buffer_budget_bytes")).toBe(96 * 1024 * 1024);
    expect(metric("fogcast_buffer_used_bytes")).toBeGreaterThan(1000);
    expect(metric("fogcast_streams_refused_total")).toBe(0);
  });
});
