import { afterEach, expect, test } from "bun:test";
import { settle, TestApp } from "./test_app.ts";

let made: TestApp[] = [];
const open = () => {
  const t = new TestApp();
  made.push(t);
  return t;
};
afterEach(() => {
  for (const t of made) t.app.close();
  made = [];
});

test("the page, the list of streams and what is not there", async () => {
  const t = open();
  expect(await t.text("/")).toBe("<p>page");
  const list = await t.get("/streams.json");
  expect(list.headers.get("content-type")).toBe("application/json");
  expect(await list.json()).toEqual([{
    name: "cam",
    state: "online",
    reason: "",
    tracks: [],
  }]);
  expect((await t.get("/index.htm")).status).toBe(404);
});

for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
  test(`${method} is 405 everywhere and says what is possible`, async () => {
    const t = open();
    await t.camera(5);
    for (const path of ["/", "/streams.json", "/hls/cam/index.m3u8", "/hls/cam/0/0.m4s"]) {
      const answer = await t.get(path, { method });
      expect([path, answer.status]).toEqual([path, 405]);
      expect(answer.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    }
  });
}

test("OPTIONS allows pages of other origins, also with a Range header", async () => {
  const t = open();
  const headers = { origin: "http://elsewhere", "access-control-request-method": "GET" };
  const answer = await t.get("/hls/cam/0/0.m4s", { method: "OPTIONS", headers });
  expect(answer.status).toBe(204);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("access-control-allow-headers")).toContain("Range");
});

test("HEAD says what GET would, without a body", async () => {
  const t = open();
  await t.camera(5);
  for (
    const path of ["/hls/cam/index.m3u8", "/hls/cam/0/index.m3u8", "/hls/cam/0/0.m4s", "/hls/cam/0/0.1.m4s"]
  ) {
    const got = await t.get(path);
    const head = await t.get(path, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(String((await got.bytes()).length));
    expect(head.headers.get("content-type")).toBe(got.headers.get("content-type"));
    expect((await head.bytes()).length).toBe(0);
  }
});

test("media is typed by what is in it", async () => {
  const t = open();
  await t.camera(5);
  const type = async (path: string) => (await t.get(path)).headers.get("content-type");
  expect(await type("/hls/cam/0/0.m4s")).toBe("video/mp4");
  expect(await type("/hls/cam/0-1/0.1.m4s")).toBe("video/mp4");
  expect(await type("/cmaf/cam/0_1/0.1.ts")).toBe("video/mp2t");
  expect(await type("/hls/cam/1/0.m4s")).toBe("audio/mp4");
  expect(await type("/hls/cam/1/index.m3u8")).toBe("application/vnd.apple.mpegurl");
});

test("segments and parts have ranges", async () => {
  const t = open();
  await t.camera(5);
  for (const path of ["/hls/cam/0/0.m4s", "/hls/cam/0/0.1.m4s"]) {
    const whole = await t.bytes(path);
    const some = await t.get(path, { headers: { range: "bytes=100-199" } });
    expect(some.status).toBe(206);
    expect(some.headers.get("content-range")).toBe(`bytes 100-199/${whole.length}`);
    expect(await some.bytes()).toEqual(whole.subarray(100, 200) as Uint8Array<ArrayBuffer>);
    expect((await t.get(path, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416);
  }
});

test("playlists go out in gzip form to those who take it, whole to others", async () => {
  const t = open();
  await t.camera(9);
  for (const path of ["/hls/cam/index.m3u8", "/hls/cam/0/index.m3u8"]) {
    const plain = await t.get(path);
    expect(plain.headers.get("content-encoding")).toBeNull();
    const zipped = await t.get(path, { headers: { "accept-encoding": "gzip, br" } });
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(zipped.headers.get("vary")).toBe("Accept-Encoding");
    const bytes = Bun.gunzipSync(await zipped.bytes() as Uint8Array<ArrayBuffer>);
    expect(new TextDecoder().decode(bytes)).toBe(await plain.text());
  }
});

test("any page may read everything, errors included, and caches are told how long", async () => {
  const t = open();
  await t.camera(5);
  const cached = [
    ["/hls/cam/index.m3u8", "no-cache"],
    ["/hls/cam/0/index.m3u8", "max-age=1"],
    ["/hls/cam/0/index.m3u8?_HLS_msn=1", "max-age=12"],
    ["/hls/cam/0/0.m4s", "public, max-age=31536000, immutable"],
    ["/hls/cam/0/1.2.m4s", "public, max-age=31536000, immutable"],
    ["/hls/cam/0/99.m4s", "max-age=1"],
    ["/hls/cam/0/index.m3u8?_HLS_msn=x", "no-store"],
    ["/hls/nobody/index.m3u8", "no-store"],
  ];
  for (const [path, control] of cached) {
    const { headers } = await t.get(path as string);
    expect([path, headers.get("cache-control")]).toEqual([path, control as string]);
    expect(headers.get("access-control-allow-origin")).toBe("*");
  }
});

test("session tokens change nothing", async () => {
  const t = open();
  await t.camera(5);
  for (const path of ["/hls/cam/0/index.m3u8", "/hls/cam/0/0.m4s"]) {
    expect(await t.text(`${path}?token=a&x=1`)).toBe(await t.text(path));
  }
});

test("an address longer than anybody needs is refused unread", async () => {
  const t = open();
  expect((await t.get(`/${"x".repeat(5000)}`)).status).toBe(414);
});

test("a failure inside is one line for the viewer and a trace for the log", async () => {
  const t = open();
  t.door.open = () => Promise.reject(new Error("the controller is gone"));
  const answer = await t.get("/hls/cam/index.m3u8");
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe("Something went wrong in the server\n");
  expect(t.errors.join()).toContain("the controller is gone");
});

test("requests that wait for the first media are answered as soon as it is known that none will come", async () => {
  const t = open();
  const why = "stream offline: 401 Unauthorized";
  const held = ["/hls/cam/index.m3u8", "/hls/cam/0/index.m3u8", "/cam.ts", "/cam.still.mp4"].map((path) =>
    t.get(path)
  );
  await settle();
  t.stream.close(why);
  for (const answer of await Promise.all(held)) {
    expect([answer.status, answer.headers.get("retry-after"), await answer.text()])
      .toEqual([503, "2", `${why}\n`]);
  }
});
