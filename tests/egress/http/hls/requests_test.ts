import { expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { eventually } from "../../../eventually.ts";
import { readPlaylist } from "../../../wire/protocol/hls/read_playlist.ts";
import { settle } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { AUDIO, SyntheticCamera, TestStream, VIDEO } from "../test_door.ts";

const { open } = testApps();

const LIST = "/hls/cam/0/index.m3u8";

/** Follows an answer without waiting for it. */
function watch(
  answer: Promise<Response>,
): { value: Response | undefined; readonly answer: Promise<Response> } {
  const watched: ReturnType<typeof watch> = { value: undefined, answer };
  void answer.then((value) => watched.value = value);
  return watched;
}

test("a blocking request is answered as soon as its part is there, and not before", async () => {
  const t = open();
  const camera = await t.camera(5); // segment 2 has parts 0 to 4
  await t.text(LIST);
  const held = watch(t.get(`${LIST}?_HLS_msn=2&_HLS_part=5`));
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(5.16);
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(5.2);
  const answer = await held.answer;
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("max-age=12");
  const text = await answer.text();
  expect(text).toContain('URI="2.5.m4s"');
  expect(text).not.toContain('PART:DURATION=0.2,URI="2.6.m4s"');
});

test("a request without a part waits for the whole segment", async () => {
  const t = open();
  const camera = await t.camera(5);
  await t.text(LIST);
  const held = watch(t.get(`${LIST}?_HLS_msn=2`));
  camera.writeUntil(5.9);
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(6.04);
  expect(await (await held.answer).text()).toContain("\n2.m4s\n");
});

test("a part beyond the end of its segment means the first of the next", async () => {
  const t = open();
  const camera = await t.camera(5.9);
  await t.text(LIST);
  const held = watch(t.get(`${LIST}?_HLS_msn=2&_HLS_part=10`));
  camera.writeUntil(6.04);
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(6.2);
  expect(await (await held.answer).text()).toContain('URI="3.0.m4s"');
  // Asked again, when it is long there, it is answered at once.
  expect((await t.get(`${LIST}?_HLS_msn=2&_HLS_part=99`)).status).toBe(200);
});

test("what is there already is answered at once", async () => {
  const t = open();
  await t.camera(5);
  for (
    const query of [
      "_HLS_msn=0",
      "_HLS_msn=1&_HLS_part=3",
      "_HLS_msn=2&_HLS_part=4",
      "_HLS_msn=2&_HLS_part=0&_HLS_skip=YES",
    ]
  ) {
    expect((await t.get(`${LIST}?${query}`)).status).toBe(200);
  }
});

const badQueries = [
  "_HLS_part=1",
  "_HLS_msn=x",
  "_HLS_msn=-1",
  "_HLS_msn=1&_HLS_part=x",
  "_HLS_skip=maybe",
  "_HLS_msn=4", // two segments after 1, the newest complete one, is 3
  "_HLS_msn=99999",
  "_HLS_msn=2&_HLS_part=20",
  "_HLS_msn=3&_HLS_part=15",
];
for (const query of badQueries) {
  test(`?${query} is refused with 400 and one line`, async () => {
    const t = open();
    await t.camera(5);
    const answer = await t.get(`${LIST}?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/^_HLS_[^\n]+\n$/);
  });
}

test("a blocking request is given up after three target durations", async () => {
  const t = open();
  await t.camera(5);
  await t.text(LIST);
  const held = watch(t.get(`${LIST}?_HLS_msn=2&_HLS_part=5`));
  await settle();
  t.clock.time += 5999;
  await settle(300);
  expect(held.value).toBeUndefined();
  t.clock.time += 1;
  const answer = await held.answer;
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a hinted part that is asked for early is sent the moment it is complete", async () => {
  const t = open();
  const camera = await t.camera(5);
  const { preloadSegment } = readPlaylist(await t.text(LIST));
  const hint = preloadSegment?.preloadHints?.[0]?.uri as string;
  expect(hint).toBe("2.5.m4s");
  const held = watch(t.get(`/hls/cam/0/${hint}`));
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(5.2);
  const answer = await held.answer;
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(new TextDecoder("latin1").decode((await answer.bytes()).subarray(4, 8))).toBe("moof");
});

test("a hinted part whose segment ended first is 404", async () => {
  const t = open();
  const camera = await t.camera(5);
  camera.gop = 25;
  camera.writeUntil(5.8);
  await t.text(LIST);
  const held = watch(t.get("/hls/cam/0/2.10.m4s"));
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(6.2);
  expect((await held.answer).status).toBe(404);
});

test("towards the end of a segment the next one's first part is hinted, and comes", async () => {
  const t = open();
  const camera = await t.camera(6);
  const { preloadSegment, segments } = readPlaylist(await t.text(LIST));
  expect((preloadSegment ?? segments.at(-1) as NonNullable<typeof preloadSegment>).preloadHints?.[0]?.uri)
    .toBe("3.0.m4s");
  const held = watch(t.get("/hls/cam/0/3.0.m4s"));
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(6.2);
  expect((await held.answer).status).toBe(200);
});

test("the open segment is sent part by part as it grows; later ones are 404", async () => {
  const t = open();
  const camera = await t.camera(5);
  await t.text(LIST);
  const growing = await t.get("/hls/cam/0/2.m4s");
  expect([growing.status, growing.headers.get("content-length")]).toEqual([200, null]);
  const next = watch(t.get("/hls/cam/0/3.m4s"));
  const reader = (growing.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  const ended = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
  })();
  await eventually(() => chunks.length >= 5, () => chunks.length);
  expect(chunks.length).toBe(5);
  expect(next.value).toBeUndefined();
  for (const file of ["4.m4s", "3.1.m4s", "2.40.m4s", "99.0.m4s"]) {
    expect((await t.get(`/hls/cam/0/${file}`)).status).toBe(404);
  }
  camera.writeUntil(6.24);
  await ended;
  expect(chunks.length).toBe(10);
  expect(joinBytes(chunks)).toEqual(await t.bytes("/hls/cam/0/2.m4s") as Uint8Array<ArrayBuffer>);
  expect((await next.answer).status).toBe(200);
});

test("addresses that mean nothing are 404", async () => {
  const t = open();
  await t.camera(5);
  for (
    const path of [
      "/hls/cam/0/init-1.00000000.mp4",
      "/hls/cam/0/init-7.00000000.mp4",
      "/hls/cam/0/init-.mp4",
      "/hls/cam/0/x.m4s",
      "/hls/cam/0/1.99999.m4s",
      "/hls/cam/0/-1.m4s",
      "/hls/cam/9/index.m3u8x",
      "/hls/cam",
      "/hls/",
      "/nothing",
      "/hls/cam/0/1/2/3",
      "/hls/..%2f..%2fetc/index.m3u8",
      "/hls/%00/index.m3u8",
      "/hls/%E0%A4%A/index.m3u8",
      "/%2e%2e/x",
    ]
  ) expect([path, (await t.get(path)).status]).toEqual([path, 404]);
});

test("a track that does not exist is 404, after a moment in which it could have come", async () => {
  const t = open();
  await t.camera(5);
  const held = watch(t.get("/hls/cam/5/index.m3u8"));
  await settle();
  expect(held.value).toBeUndefined();
  t.clock.time += 2000;
  expect((await held.answer).status).toBe(404);
});

test("an unknown stream is 404; one that the door refuses says why and when to try again", async () => {
  const t = open();
  expect((await t.get("/hls/nobody/index.m3u8")).status).toBe(404);
  t.door.streams.set("off", { status: 503, reason: "The camera\nis off", retryAfterSeconds: 7 });
  t.door.streams.set("secret", { status: 403, reason: "Not for you" });
  const off = await t.get("/hls/off/0/index.m3u8");
  expect([off.status, off.headers.get("retry-after"), await off.text()]).toEqual([
    503,
    "7",
    "The camera is off\n",
  ]);
  expect((await t.get("/hls/secret/index.m3u8")).status).toBe(403);
});

test("names are taken as viewers write them", async () => {
  const t = open();
  t.door.streams.set("cam+Süd", t.stream);
  await t.camera(5);
  for (const name of ["CAM", "cam+S%C3%BCd", "cam%2BS%C3%BCd", "cam%20S%C3%BCd"]) {
    expect([name, (await t.get(`/hls/${name}/index.m3u8`)).status]).toEqual([name, 200]);
  }
});

test("the first request of a stream waits for its first part, that of a media playlist for a segment", async () => {
  const t = open();
  const held = watch(t.get("/hls/cam/index.m3u8"));
  const media = watch(t.get("/hls/cam/video/index.m3u8"));
  await settle();
  const camera = new SyntheticCamera(t.stream);
  await camera.add(VIDEO);
  await camera.add(AUDIO);
  camera.writeUntil(0.16);
  await settle();
  expect(held.value).toBeUndefined();
  camera.writeUntil(0.5);
  const { playlists = [] } = readPlaylist(await (await held.answer).text());
  expect(playlists[0]?.attributes["CODECS"]).toBe("avc1.42C00D,mp4a.40.2");
  camera.writeUntil(2);
  await settle();
  expect(media.value).toBeUndefined();
  camera.writeUntil(2.04);
  expect(await (await media.answer).text()).toContain("\n0.m4s\n");
});

test("a camera with key frames far apart is given out by its parts", async () => {
  const t = open();
  const camera = await t.camera(1);
  camera.gop = 10_000;
  const media = watch(t.get("/hls/cam/0/index.m3u8"));
  camera.writeUntil(9);
  await settle();
  expect(media.value).toBeUndefined();
  t.clock.time += 10_000;
  const list = readPlaylist(await (await media.answer).text());
  expect(list.segments.filter((s) => s.uri !== undefined)).toEqual([]);
  expect(list.preloadSegment?.parts?.length).toBe(45);
});

test("a track without media is waited for, but not for ever, and is not listed", async () => {
  const t = open();
  const camera = new SyntheticCamera(t.stream);
  await camera.add(VIDEO);
  await camera.add(AUDIO);
  camera.muted.add(1);
  camera.writeUntil(1);
  const held = watch(t.get("/hls/cam/index.m3u8"));
  await settle();
  expect(held.value).toBeUndefined();
  t.clock.time += 2000;
  const text = await (await held.answer).text();
  expect(text).toContain("# track 1, AAC, is left out");
  expect(readPlaylist(text).playlists?.[0]?.attributes["CODECS"]).toBe("avc1.42C00D");
  camera.muted.clear();
  camera.writeUntil(2);
  await settle();
  expect(await t.text("/hls/cam/index.m3u8")).toContain("mp4a.40.2");
});

test("a stream from which nothing comes is 503", async () => {
  const t = open();
  const held = ["index.m3u8", "0/index.m3u8", "video/index.m3u8", "0/0.m4s"].map((f) =>
    watch(t.get(`/hls/cam/${f}`))
  );
  await settle();
  t.clock.time += 10_000;
  await settle(300);
  for (const h of held) {
    const answer = await h.answer;
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("2");
  }
});

test("requests that are held end when the stream is given up", async () => {
  const t = open();
  await t.camera(5);
  await t.text(LIST);
  const held = watch(t.get(`${LIST}?_HLS_msn=2&_HLS_part=5`));
  await settle();
  t.stream.close();
  expect(t.stream.released).toBe(1);
  expect((await t.get(LIST)).status).toBe(200); // opened anew at once
  expect(t.door.opens).toBe(2);
  expect((await held.answer).status).toBe(503);
  await settle(300);
  expect((await t.get(LIST)).status).toBe(200);
  expect(t.door.opens).toBe(2);
});

test("no more than heldMax requests wait for one stream", async () => {
  const t = open({ heldMax: 3 });
  await t.camera(5);
  await t.text(LIST);
  const held = [0, 1, 2].map(() => watch(t.get(`${LIST}?_HLS_msn=2&_HLS_part=5`)));
  await settle();
  expect((await t.get(`${LIST}?_HLS_msn=2&_HLS_part=5`)).status).toBe(503);
  expect((await t.get("/hls/cam/0/2.5.m4s")).status).toBe(503);
  expect((await t.get(LIST)).status).toBe(200);
  expect(held.map((h) => h.value)).toEqual([undefined, undefined, undefined]);
});

test("a viewer whose request is held counts as one", async () => {
  const t = open();
  await t.camera(5);
  await t.text(LIST);
  const held = watch(t.get(`${LIST}?_HLS_msn=2&_HLS_part=5`));
  await settle();
  t.door.touches = [];
  for (let n = 0; n < 3; n++) {
    t.clock.time += 400;
    await eventually(() => t.door.touches.length > n);
  }
  expect(held.value).toBeUndefined();
});

test("a stream is opened once, its viewers are reported now and then, and it is let go after half a minute without viewers", async () => {
  const t = open();
  await t.camera(5);
  for (let n = 0; n < 5; n++) await t.text(LIST);
  expect(t.door.opens).toBe(1);
  expect(t.door.touches).toEqual(["cam"]);
  t.clock.time += 1000;
  await t.text(LIST);
  expect(t.door.touches).toEqual(["cam", "cam"]);
  t.clock.time += 30_001;
  await eventually(() => t.stream.released > 0);
  expect(t.stream.released).toBe(1);
  await t.text(LIST);
  expect(t.door.opens).toBe(2);
});

test("frames that are gone before anybody asked are 404, and the next segments are fine", async () => {
  const t = open();
  const stream = new TestStream("small", t.clock, {
    segmentMillis: 2000,
    partMillis: 200,
    windowMillis: 30_000,
    maxBytesPerTrack: 256 * 1024,
  });
  t.door.streams.set("small", stream);
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  camera.writeUntil(5);
  await t.text("/hls/small/0/index.m3u8");
  camera.writeUntil(30);
  await settle();
  const list = readPlaylist(await t.text("/hls/small/0/index.m3u8"));
  expect((await t.get("/hls/small/0/1.m4s")).status).toBe(404);
  const last = list.segments.at(-1);
  expect((await t.bytes(`/hls/small/0/${last?.uri}`)).length).toBeGreaterThan(10_000);
});
