import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BINARY, type RunningFogcast, startCommand } from "../../peers/fogcast.ts";
import { ConfigFolder } from "./config_folder.ts";

const MAIN = "http: { listen: 127.0.0.1:0 }\napi: { listen: 127.0.0.1:0 }\n";
const SYNCED = "# synced to every box\ngate: { source: rtsp://127.0.0.1:1/1 } # do not touch\n";
const OURS = "# of this box\nhall:\n  source: rtsp://127.0.0.1:1/2 # old one\n  idle: 20s\n";

describe("a folder with a read-only and a writable part, changed through the API", () => {
  let folder: ConfigFolder;
  let server: RunningFogcast;
  let api: string;

  const start = async () => {
    server = await startCommand([BINARY, "serve", "--no-guardian", "--config", folder.path]);
    api = `http://${(await server.printed(/API on 127\.0\.0\.1:\d+/)).slice("API on ".length)}`;
  };
  const ask = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${api}${path}`, { ...init, headers: { "content-type": "application/json" } });
    return { status: answer.status, text: await answer.text() };
  };
  const text = (name: string) => readFile(join(folder.path, name), "utf8");
  const names = async () =>
    ((await (await fetch(`${server.url}/streams.json`)).json()) as { name: string }[]).map((s) => s.name);

  beforeAll(async () => {
    folder = await ConfigFolder.make({
      "fogcast.yaml": MAIN,
      "streams.yaml": SYNCED,
      "streams.d/ours.yaml": OURS,
    });
    await chmod(join(folder.path, "streams.yaml"), 0o444);
    await start();
  });
  afterAll(async () => {
    await server?.stop();
    await folder?.remove("");
  });

  test("a change of the box's own stream is written to its file, comments kept", async () => {
    const answer = await ask("PATCH", "/v1/streams/hall", { source: "rtsp://127.0.0.1:1/3" });
    expect(answer).toMatchObject({ status: 200 });
    expect(await text("streams.d/ours.yaml")).toBe(OURS.replace("1/2 #", "1/3 #"));
  });

  test("a new stream goes to the writable file", async () => {
    const answer = await ask("PUT", "/v1/streams/yard", { source: "rtsp://127.0.0.1:1/4" });
    expect(answer.status).toBeLessThan(300);
    expect(await text("streams.d/ours.yaml")).toContain("yard:\n  source: rtsp://127.0.0.1:1/4\n");
    expect(await names()).toEqual(["gate", "hall", "yard"]);
  });

  test("a change of a read-only section is refused with the reason, and changes nothing", async () => {
    for (const [method, body] of [["PATCH", { idle: "1s" }], ["DELETE", undefined]] as const) {
      const answer = await ask(method, "/v1/streams/gate", body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).toContain("streams.yaml is read-only (mode 0444)");
    }
    expect(await text("streams.yaml")).toBe(SYNCED);
    expect(await names()).toEqual(["gate", "hall", "yard"]);
  });

  test("an invalid value is refused, and nothing is written", async () => {
    const before = await text("streams.d/ours.yaml");
    const answer = await ask("PATCH", "/v1/streams/hall", { transport: "upd" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).toContain("streams.hall.transport");
    expect(await text("streams.d/ours.yaml")).toBe(before);
  });

  test("what was saved is there after a restart", async () => {
    expect((await ask("DELETE", "/v1/streams/hall")).status).toBeLessThan(300);
    await server.stop();
    await start();
    expect(await names()).toEqual(["gate", "yard"]);
    expect((await readdir(folder.path)).sort()).toEqual(["fogcast.yaml", "streams.d", "streams.yaml"]);
    expect(await text("streams.yaml")).toBe(SYNCED);
    expect(await text("fogcast.yaml")).toBe(MAIN);
  });
});
