import { expect, test } from "bun:test";
import { addressesOf } from "../../../src/control/api/api_listener.ts";
import { BODY_MAX, JSON_DEPTH_MAX, parseBoundedJson } from "../../../src/control/api/bounded_json.ts";
import type { ApiFailure } from "../../../src/control/api/api_failure.ts";
import { QUEUE_MAX, SLICE_MILLIS, UdpFace } from "../../../src/control/api/udp_face.ts";
import { addViewer, makeApi, status } from "./api_fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function refusal(text: string): ApiFailure {
  try {
    parseBoundedJson(text);
  } catch (failure) {
    return failure as ApiFailure;
  }
  throw new Error(`taken: ${text.slice(0, 100)}`);
}

for (
  const [what, text, error] of [
    ["a key twice", '{"a":1,\n"a":2}', 'the key "a" is given twice in one object'],
    ["a key twice, once with escapes", '{"a":1,"\\u0061":2}', 'the key "a" is given twice in one object'],
    ["a key twice further in", '{"x":[{"b":{"a":1,"a":2}}]}', 'the key "a" is given twice in one object'],
    ["__proto__", '{"__proto__":{}}', "the key __proto__ is refused"],
    [
      "too deep",
      "[".repeat(JSON_DEPTH_MAX + 1) + "]".repeat(JSON_DEPTH_MAX + 1),
      `nested deeper than ${JSON_DEPTH_MAX} levels`,
    ],
    ["a million brackets", "[".repeat(1_000_000), `nested deeper than ${JSON_DEPTH_MAX} levels`],
    ["cut off", '{"a":', "no valid JSON"],
    ["an open string", '{"a', "no valid JSON"],
    ["nothing", "", "no valid JSON"],
    ["too long", `"${"x".repeat(BODY_MAX)}"`, "more than"],
  ] as const
) {
  test(`JSON with ${what} is refused`, () => expect(refusal(text).message).toContain(error));
}

test("JSON that is right is read, whatever its strings look like", () => {
  const value = { a: '{"a":1,"a":2}', b: { a: [1, { a: "\\" }, '"'] }, "": [[], {}], "x,": null };
  expect(parseBoundedJson(JSON.stringify(value, undefined, 1))).toEqual(value);
  const deep = "[".repeat(JSON_DEPTH_MAX) + "]".repeat(JSON_DEPTH_MAX);
  expect(() => parseBoundedJson(deep)).not.toThrow();
  expect(refusal('{\n"a":1,\n"a":2}').fields).toMatchObject({ line: 3, key: "a" });
});

for (
  const [what, path, init, status] of [
    ["a body of 1 MiB and one byte", "/api2", { method: "POST", body: " ".repeat(BODY_MAX + 1) }, 413],
    ["no JSON", "/api2", { method: "POST", body: "{nope" }, 400],
    ["a list in place of an object", "/api2?command=[1]", {}, 400],
    ["text that is no command", "/api2", { method: "POST", body: "hello" }, 400],
    ["bytes that are no UTF-8", "/api2", { method: "POST", body: new Uint8Array([0x7b, 0xff, 0x7d]) }, 400],
    ["a callback that is code", "/api2?command={}&callback=alert(1)//", {}, 400],
    ["a form without the field", "/v1/streams", { method: "POST", body: new URLSearchParams("a=1") }, 415],
    ["a WebSocket that is none", "/ws", {}, 426],
    ["a method that a route has not", "/v1/streams", { method: "DELETE" }, 405],
    ["a route that is none", "/v1/nosuch", {}, 404],
    ["a stream that is none", "/v1/streams/nosuch", {}, 404],
    ["a section that is none", "/v1/config/nosuch", {}, 404],
    ["a stream without a source", "/v1/streams", {
      method: "POST",
      body: '{"name":"x"}',
      headers: { "content-type": "application/json" },
    }, 422],
    ["a stream that is there already", "/v1/streams", {
      method: "POST",
      body: '{"name":"front","source":"rtsp://c/1"}',
      headers: { "content-type": "application/json" },
    }, 409],
  ] as const
) {
  test(`${what}: ${status}, with the reason and no stack trace`, async () => {
    const api = await makeApi();
    const answer = await api.ask(path, init as RequestInit);
    expect(answer.status).toBe(status);
    const body = await answer.json() as { error: string };
    expect(body.error.length).toBeGreaterThan(5);
    expect(JSON.stringify(body)).not.toMatch(/\.ts|at \w+ \(/);
    expect(api.store.writes).toEqual([]);
  });
}

for (
  const [what, path, init] of [
    ["?command=", '/api2?command={"version":true}', {}],
    ["a body of JSON", "/api2", {
      method: "POST",
      body: '{"version":true}',
      headers: { "content-type": "application/json" },
    }],
    ["a body without a type", "/", { method: "POST", body: '{"version":true,"minimal":1}' }],
    ["a form field", "/api2", { method: "POST", body: new URLSearchParams({ command: '{"version":true}' }) }],
    ["a field of a multipart form, as PHP sends arrays", "/api2", {
      method: "POST",
      body: form({ command: '{"version":true}' }),
    }],
  ] as const
) {
  test(`commands are taken by ${what}`, async () => {
    const api = await makeApi();
    const answer = await api.ask(path, init as RequestInit);
    expect(await answer.json()).toEqual({
      LTS: 1,
      authorize: { status: "OK", local: true },
      version: "1.2.3",
    });
  });
}

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [key, value] of Object.entries(fields)) data.set(key, value);
  return data;
}

test("/api answers config, streams and log as well; other paths without commands give a page; JSONP a call", async () => {
  const api = await makeApi();
  const whole = await (await api.ask("/api")).json() as Record<string, unknown>;
  expect(Object.keys(whole)).toEqual(["LTS", "authorize", "config", "streams", "log"]);
  expect((await api.ask("/")).headers.get("content-type")).toContain("text/html");
  const call = await api.ask('/api2?command={"version":true}&jsonp=a.b');
  expect(call.headers.get("content-type")).toContain("text/javascript");
  expect(await call.text()).toBe(
    '/**/a.b({"LTS":1,"authorize":{"status":"OK","local":true},"version":"1.2.3"});',
  );
});

test("REST: a stream is added, changed, replaced and removed; each step is in the file", async () => {
  const api = await makeApi();
  const send = async (method: string, path: string, body?: unknown) => {
    const init = { method, headers: { "content-type": "application/json" } };
    return await api.ask(path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  };
  const added = await send("POST", "/v1/streams", { name: "cam2", source: "rtsp://u:p@c/2", alwaysOn: true });
  expect(added.status).toBe(201);
  expect(await added.json()).toMatchObject({
    name: "cam2",
    settings: { source: "rtsp://***@c/2", alwaysOn: true },
  });
  expect((await send("PATCH", "/v1/streams/cam2", { transport: "udp", alwaysOn: null })).status).toBe(200);
  expect(api.file()).toContain("  cam2:\n    source: rtsp://u:p@c/2\n    transport: udp\n");
  expect((await send("PUT", "/v1/streams/cam2", { source: "rtsp://***@c/2", idle: "5s" })).status).toBe(200);
  expect(api.file()).toContain("  cam2:\n    source: rtsp://u:p@c/2\n    idle: 5s\n");
  expect((await send("DELETE", "/v1/streams/cam2")).status).toBe(204);
  expect((await send("DELETE", "/v1/streams/cam2")).status).toBe(404);
  expect(api.file()).not.toContain("cam2");
  expect(api.file()).toContain("front: # north");
  api.store.readOnly.add("/etc/fogcast.yaml");
  const refused = await send("PATCH", "/v1/streams/front", { transport: "udp" });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toEqual({ error: expect.stringContaining("read-only") });
});

test("REST: tags of a stream are given and taken away", async () => {
  const api = await makeApi();
  const send = async (method: string, path: string) => (await api.ask(path, { method })).status;
  expect(await send("PUT", "/v1/streams/front/tags/day")).toBe(204);
  expect(await send("PUT", "/v1/streams/front/tags/two%20words")).toBe(400);
  expect(await (await api.ask("/v1/streams/front/tags")).json()).toEqual({ tags: ["day"] });
  expect(await (await api.ask("/v1/streams/front")).json()).toMatchObject({ tags: ["day"] });
  expect(await send("DELETE", "/v1/streams/front/tags/day")).toBe(204);
  expect(await send("DELETE", "/v1/streams/front/tags/day")).toBe(404);
});

test("REST: variables are added, listed and removed", async () => {
  const api = await makeApi();
  const send = (method: string, path: string, body?: unknown) =>
    api.ask(path, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const put = await send("PUT", "/v1/variables/room", { value: "hall" });
  const room = {
    name: "room",
    value: "hall",
    target: "",
    intervalMillis: 0,
    waitMillis: 5000,
    answeredAt: null,
  };
  expect(await put.json()).toEqual(room);
  expect(await (await send("GET", "/v1/variables")).json()).toEqual({ variables: [room] });
  expect((await send("PUT", "/v1/variables/room", { interval: "1h", wait: "9h" })).status).toBe(422);
  expect((await send("DELETE", "/v1/variables/room")).status).toBe(204);
  expect((await send("DELETE", "/v1/variables/room")).status).toBe(404);
});

test("REST: configuration, sessions, health, readiness, metrics", async () => {
  const api = await makeApi();
  const get = async (path: string) => await (await api.ask(path)).json() as Record<string, unknown>;
  expect(await get("/v1/config/log")).toMatchObject({ section: "log", written: { level: "info" } });
  addViewer(api, 1, "front");
  const { sessions } = await get("/v1/sessions?stream=front") as { sessions: { id: string }[] };
  expect(sessions.length).toBe(1);
  expect((await api.ask(`/v1/sessions/${sessions[0]?.id}/tags/vip`, { method: "PUT" })).status).toBe(204);
  expect((await api.ask("/v1/sessions/nosuch/tags/vip", { method: "PUT" })).status).toBe(404);
  expect((await api.ask("/v1/sessions", { method: "DELETE" })).status).toBe(400);
  const ended = await api.ask("/v1/sessions?tag=free", { method: "DELETE" });
  expect(await ended.json()).toEqual({ ended: 0 });
  expect(await get(`/v1/sessions/${sessions[0]?.id}`)).toMatchObject({ tags: ["vip"] });
  expect((await api.ask(`/v1/sessions/${sessions[0]?.id}`, { method: "DELETE" })).status).toBe(204);
  expect(api.sessions.size).toBe(0);
  expect(await get("/v1/health")).toMatchObject({ status: "ok", version: "1.2.3" });
  const far = { remote: "10.0.0.7", headers: { host: "box" } };
  expect(await (await api.ask("/v1/health", far)).json()).toEqual({ status: "ok", uptimeSeconds: 0 });
  expect((await api.ask("/v1/ready", far)).status).toBe(200);
  api.ready = false;
  expect((await api.ask("/v1/ready", far)).status).toBe(503);
  expect(await (await api.ask("/metrics")).text()).toBe("up 1\n");
  expect((await api.ask("/metrics", far)).status).toBe(401);
  expect(await (await api.ask("/open-sesame", far)).text()).toBe("up 1\n");
  expect(await (await api.ask("/open-sesame.json", far)).json()).toEqual({ curr: [1] });
  expect((await api.ask("/closed-sesame.json", far)).headers.get("content-type")).toStartWith("text/html");
});

test("OpenAPI describes every route, each with an operation of its own", async () => {
  const api = await makeApi();
  const { openapi, paths } = await (await api.ask("/v1/openapi.json")).json() as {
    openapi: string;
    paths: Record<string, Record<string, { operationId?: string }>>;
  };
  expect(openapi).toBe("3.1.0");
  expect(Object.keys(paths["/v1/streams/{name}"] ?? {}).sort()).toEqual(["delete", "get", "patch", "put"]);
  const ids = Object.values(paths).flatMap((p) => Object.values(p)).map((o) => o.operationId).filter((id) =>
    id
  );
  expect(new Set(ids).size).toBe(ids.length);
  for (
    const wanted of [
      "/v1/streams",
      "/v1/sessions",
      "/v1/config/{section}",
      "/v1/health",
      "/v1/ready",
      "/v1/events",
      "/api2",
    ]
  ) {
    expect(Object.keys(paths)).toContain(wanted);
  }
});

test("server-sent events: log, stream and session, as they happen, without credentials", async () => {
  const api = await makeApi();
  api.running.push(status("front", { state: "connecting" }));
  const reader = (await api.ask("/v1/events")).body?.getReader();
  const decoder = new TextDecoder();
  const next = async () => decoder.decode((await reader?.read())?.value);
  expect(await next()).toBe("retry: 1000\n\n");
  api.logs.put({ at: 1, level: "warn", stream: "front", part: "rtsp", message: "lost rtsp://a:b@c/" });
  api.running[0] = status("front");
  addViewer(api, 1, "front");
  api.clock.advance(250);
  expect(await next()).toContain('event: session\ndata: {"what":"begin"');
  expect(await next()).toBe(
    'event: log\ndata: {"at":1,"level":"warn","stream":"front","part":"rtsp","message":"lost rtsp://***@c/"}\n\n',
  );
  expect(await next()).toContain('event: stream\ndata: {"name":"front","state":"online"');
  await reader?.cancel();
  expect(api.app.feed.size).toBe(0);
});

/** A face with a socket that keeps what it sends. */
async function udp() {
  const api = await makeApi();
  const sent: { text: string; port: number }[] = [];
  const face = new UdpFace(api.app.state);
  face.open({
    port: 4242,
    send: (b, port) => sent.push({ text: new TextDecoder().decode(b), port }) > 0,
    close() {},
  });
  return { api, face, sent };
}

test("while another server takes over, what it would not hear of is refused with the reason; all else is answered", async () => {
  const { api, face, sent } = await udp();
  await api.command({ push_start: ["door", "wire://h"], tag_stream: { front: "day" } });
  api.handingOver = true;
  const refused = { error: "another server is taking over: try again in a few seconds" };
  const commands = {
    push_start: ["yard", "wire://h"],
    push_stop: 1,
    push_stop_graceful: 1,
    tag_stream: { front: "night" },
    untag_stream: { front: "day" },
  };
  expect(await api.command({ ...commands, push_list: true, stream_tags: "front" })).toMatchObject({
    ...Object.fromEntries(Object.keys(commands).map((name) => [name, refused])),
    push_list: [expect.arrayContaining([1, "door"])],
    stream_tags: { front: ["day"] },
  });
  face.receive(bytes('{"tag_stream":{"front":"night"}}'), 5555, "127.0.0.1");
  expect(sent.at(-1)?.text).toBe(JSON.stringify({ LTS: 1, tag_stream: refused }));
  const body = JSON.stringify({ stream: "yard", target: "wire://h" });
  for (
    const [method, path, more] of [
      ["POST", "/v1/pushes", { body }],
      ["DELETE", "/v1/pushes/1", {}],
      ["PUT", "/v1/streams/front/tags/night", {}],
      ["DELETE", "/v1/streams/front/tags/day", {}],
    ] as const
  ) {
    const answer = await api.ask(path, { method, ...more });
    expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "5"]);
    expect(await answer.json()).toEqual(refused);
  }
  expect((await api.ask("/v1/pushes")).status).toBe(200);
});

test("a datagram is executed as local, with one short answer to its sender's port", async () => {
  const { face, sent } = await udp();
  face.receive(bytes('{"version":true,"authorize":{"username":"x"}}'), 5555, "127.0.0.1");
  expect(sent).toEqual([{ text: '{"LTS":1,"version":"1.2.3"}', port: 5555 }]);
});

for (
  const [what, text, port, address, reason] of [
    ["from elsewhere", '{"version":true}', 5555, "10.0.0.7", "udp from elsewhere"],
    ["from its own port", '{"version":true}', 4242, "127.0.0.1", "udp from itself"],
    ["without JSON", "hello", 5555, "127.0.0.1", "udp malformed"],
    ["with a list", "[]", 5555, "127.0.0.1", "udp malformed"],
    ["with a key twice", '{"a":1,"a":1}', 5555, "127.0.0.1", "udp malformed"],
  ] as const
) {
  test(`a datagram ${what} is counted and dropped`, async () => {
    const { face, sent } = await udp();
    face.receive(bytes(text), port, address);
    expect(sent).toEqual([]);
    expect(face.dropped.get(reason)).toBe(1);
  });
}

test("a flood of datagrams waits in a bounded queue, and is worked off slice by slice", async () => {
  const { api, face, sent } = await udp();
  const flood = QUEUE_MAX + 1000;
  for (let n = 0; n < flood; n++) face.receive(bytes('{"version":true}'), 5555, "127.0.0.1");
  const dropped = face.dropped.get("udp queue full") ?? 0;
  expect(dropped).toBeGreaterThan(0);
  // the clock of the test stands still, so a slice takes what there is
  api.clock.advance(SLICE_MILLIS + 1);
  expect(sent.length + dropped).toBe(flood);
});

test("without an account it listens on this machine only", () => {
  const config = { udp: true, browse: [], uiSettings: "", accounts: {} };
  const any = { hostname: "", port: 4242 };
  expect(addressesOf({ ...config, listen: [any, { hostname: "10.0.0.1", port: 4242 }] }))
    .toEqual([{ hostname: "127.0.0.1", port: 4242 }]);
  const accounts = { joe: { password: "x", md5: undefined, token: undefined } };
  expect(addressesOf({ ...config, listen: [any], accounts })).toEqual([any]);
  expect(addressesOf({ ...config, listen: [{ hostname: "::1", port: 1 }] })).toEqual([{
    hostname: "::1",
    port: 1,
  }]);
});

test("REST: cameras are looked for; an interface that is not there and a wrong value are refused", async () => {
  const api = await makeApi();
  const post = (body: unknown) => api.ask("/v1/discover", { method: "POST", body: JSON.stringify(body) });
  const found = await post({ interfaces: ["lo"], user: "joe", password: "hush" });
  expect(found.status).toBe(200);
  expect(await found.json()).toMatchObject({ new: [{ name: "found-1", source: "rtsp://***@10.0.0.7/1" }] });
  expect(api.file()).not.toContain("found");
  for (const body of [{ interfaces: "none" }, { seconds: 0 }, { seconds: 31 }, { add: "yes" }, { user: 1 }]) {
    expect((await post(body)).status).toBe(400);
  }
});
