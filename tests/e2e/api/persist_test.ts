import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { BINARY, until } from "../../peers/fogcast.ts";
import { ApiBox, datagram } from "./api_box.ts";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

const MAIN = `# this box
http: { listen: "127.0.0.1:0" } # viewers
api: { listen: "127.0.0.1:0" }
`;
const STREAMS = `# cameras of the north
door: # front
  source: rtsp://joe:hush@127.0.0.1:1/1 # main stream
`;

describe("the API of the compiled binary", () => {
  let box: ApiBox;

  beforeAll(async () => {
    box = await ApiBox.make({ "fogcast.yaml": MAIN, "streams.yaml": STREAMS, "log.yaml": "level: info\n" });
    await box.readOnly("log.yaml");
    await box.start();
  }, 60_000);
  afterAll(() => box?.close());

  test("says that it is for this machine only", () => {
    expect(box.server?.output()).toContain("API on 127.0.0.1:");
  });

  test("addstream is in the file, comments kept, and there after a restart", async () => {
    const answer = await box.command({
      addstream: { yard: { source: "rtsp://127.0.0.1:1/2", always_on: false } },
    });
    expect(answer["streams"]).toMatchObject({
      yard: { source: "rtsp://127.0.0.1:1/2" },
      "incomplete list": 1,
    });
    const file = await box.file("streams.yaml");
    expect(file).toStartWith(STREAMS);
    expect(file).toContain("yard:\n  source: rtsp://127.0.0.1:1/2\n");
    expect(await box.file("fogcast.yaml")).toBe(MAIN);
    await box.stop();
    await box.start();
    const { streams } = await box.command({ streams: true });
    expect(Object.keys(streams as object)).toEqual(["door", "yard"]);
  }, 60_000);

  test("a section whose file is read-only is refused, and nothing changes", async () => {
    const answer = await box.command({ config: { debug: 5 } });
    expect(answer["config"]).toMatchObject({ error: expect.stringContaining("read-only") });
    expect(await box.file("log.yaml")).toBe("level: info\n");
    const rest = await fetch(`${box.url}/v1/config/log`, {
      method: "PATCH",
      body: '{"level":"debug"}',
      headers: { "content-type": "application/json" },
    });
    expect(rest.status).toBe(409);
  });

  test("REST: add, change, remove; what is wrong is said with file, line and key", async () => {
    const send = (method: string, path: string, body: unknown) =>
      fetch(`${box.url}${path}`, {
        method,
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      });
    expect((await send("POST", "/v1/streams", { name: "gate", source: "rtsp://127.0.0.1:1/3" })).status).toBe(
      201,
    );
    const wrong = await send("PATCH", "/v1/streams/gate", { transport: "upd" });
    expect(wrong.status).toBe(422);
    expect(await wrong.json()).toMatchObject({
      key: "streams.gate.transport",
      found: '"upd"',
      line: expect.any(Number),
      file: expect.stringContaining("streams.yaml"),
    });
    expect((await send("PATCH", "/v1/streams/gate", { transport: "tcp" })).status).toBe(200);
    expect(await box.file("streams.yaml")).toContain("transport: tcp");
    expect((await fetch(`${box.url}/v1/streams/gate`, { method: "DELETE" })).status).toBe(204);
    expect(await box.file("streams.yaml")).not.toContain("gate");
    expect((await fetch(`${box.url}/v1/ready`)).status).toBe(200);
    expect(await (await fetch(`${box.url}/metrics`)).text()).toContain("mist_");
  });

  test("server-sent events tell of a log line", async () => {
    const answer = await fetch(`${box.url}/v1/events`);
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const reader = answer.body?.getReader();
    await reader?.read();
    await box.command({ addstream: { door2: { source: "rtsp://127.0.0.1:1/4" } } });
    let heard = "";
    while (!heard.includes("event: log")) heard += new TextDecoder().decode((await reader?.read())?.value);
    expect(heard).toContain("streams added: door2");
    await reader?.cancel();
  }, 40_000);

  test("WebSocket: in at once from this machine, log lines and commands as frames", async () => {
    const frames: unknown[] = [];
    const socket = new WebSocket(`${box.url.replace("http", "ws")}/ws?logs=1&streams=1`);
    socket.onmessage = ({ data }) => void frames.push(JSON.parse(String(data)));
    await until(20_000, "the first frames", () => Promise.resolve(frames.length > 1 || undefined));
    expect(frames[0]).toEqual(["auth", true]);
    expect(frames[1]).toEqual(["log", [
      expect.any(Number),
      expect.any(String),
      expect.any(String),
      expect.any(String),
      0,
      expect.any(String),
      "",
    ]]);
    socket.send('{"version":true}');
    await until(20_000, "the answer", () => Promise.resolve(frames.find((f) => !Array.isArray(f))));
    socket.close();
  }, 60_000);

  test(
    "datagrams: one in, one short answer; malformed ones get none; a change by datagram lasts",
    async () => {
      expect(await datagram(box.port, '{"version":true}')).toMatch(/^\{"LTS":1,"version":"[\d.]+"\}$/);
      expect(await datagram(box.port, "hello", 300)).toBeUndefined();
      const answer = await datagram(
        box.port,
        '{"addstream":{"bydatagram":{"source":"rtsp://127.0.0.1:1/5"}}}',
      );
      expect(answer).toContain('"bydatagram"');
      expect(await box.file("streams.yaml")).toContain("bydatagram:");
      await box.server?.printed(/udp malformed/);
    },
    60_000,
  );

  for (
    const [what, init, status] of [
      ["2 MiB", { method: "POST", body: "x".repeat(2 << 20) }, 413],
      ["no JSON", { method: "POST", body: "{" }, 400],
      ["a key twice", { method: "POST", body: '{"a":1,"a":2}' }, 400],
      ["a thousand brackets", { method: "POST", body: "[".repeat(1000) }, 400],
    ] as const
  ) {
    test(`a body of ${what} is answered ${status}, and the server goes on`, async () => {
      expect((await fetch(`${box.url}/api2`, init)).status).toBe(status);
      expect((await box.command({ version: true }))["version"]).toBeString();
    });
  }

  test("fogcast account add, then the login of PHP clients, as through a proxy", async () => {
    const add = Bun.spawn([BINARY, "account", "add", "joe", "--legacy-login", "--config", box.folder], {
      stdin: new Blob(["swordfish\n"]),
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await add.exited).toBe(0);
    await box.server?.printed(/configuration changed .*sections: api/);
    const port = await until(20_000, "the API listening anew", async () => {
      const port = await box.listening();
      return (await fetch(`http://127.0.0.1:${port}/v1/ready`)).ok ? port : undefined;
    });
    box.port = port;
    const proxied = { "x-forwarded-for": "10.1.2.3" };
    // $data = array("authorize" => array("username" => …, "password" => "")); then md5(md5(secret).challenge)
    const form = async (commands: unknown) => {
      const body = new URLSearchParams({ command: JSON.stringify(commands) });
      return await (await fetch(`${box.url}/api`, { method: "POST", body, headers: proxied })).json() as {
        authorize: { status: string; challenge: string };
        streams?: Record<string, unknown>;
      };
    };
    const first = await form({ authorize: { username: "joe", password: "" } });
    expect(first.authorize.status).toBe("CHALL");
    expect(first.streams).toBeUndefined();
    const password = md5(md5("swordfish") + first.authorize.challenge);
    const second = await form({ authorize: { username: "joe", password }, active_streams: true });
    expect(second.authorize.status).toBe("OK");
    expect(Object.keys(second.streams ?? {})).toContain("door");
    const wrong = await form({ authorize: { username: "joe", password: md5("x") }, deletestream: "door" });
    expect(wrong.authorize.status).toBe("CHALL");
    expect(await box.file("streams.yaml")).toContain("door: # front");
  }, 60_000);

  test("shutdown ends it with code 0", async () => {
    expect((await box.command({ shutdown: true }))["shutdown"]).toBe(true);
    await box.server?.printed("the API asked for it: closing");
  });
});
