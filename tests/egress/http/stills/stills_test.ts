import { expect, test } from "bun:test";
import type { VideoTrack } from "../../../../src/media/track.ts";
import { findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { testApps } from "../test_apps.ts";
import { ALAW, frameBytes, VIDEO } from "../test_door.ts";

const { open: start } = testApps();

const JPEG: VideoTrack = { ...VIDEO, codec: "jpeg", config: new Uint8Array(0), codecString: "" };

test("a Motion JPEG track gives its newest picture, and 304 to who has it", async () => {
  const app = start();
  const camera = await app.camera(3, [JPEG, ALAW]);
  const answer = await app.get("/cam.jpg");
  expect([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual(
    [200, "image/jpeg", "max-age=1"],
  );
  expect(await answer.bytes()).toEqual(Uint8Array.from(frameBytes(JPEG, 50, true)));
  expect(answer.headers.get("last-modified")).toBe("Mon, 01 Jun 2026 12:00:02 GMT");
  const etag = answer.headers.get("etag") ?? "";
  const again = await app.get("/cam.jpeg", { headers: { "if-none-match": `"x", W/${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  const head = await app.get("/cam.jpg", { method: "HEAD" });
  expect([head.headers.get("content-length"), await head.text()]).toEqual(["9000", ""]);
  camera.writeUntil(5);
  const later = await app.get("/cam.jpg", { headers: { "if-none-match": etag } });
  expect(later.status).toBe(200);
  expect(await later.bytes()).toEqual(Uint8Array.from(frameBytes(JPEG, 100, true)));
});

test("other pictures give a movie of the newest key frame, in ranges too", async () => {
  const app = start();
  await app.camera(3);
  const answer = await app.get("/cam.still.mp4");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "video/mp4"]);
  const bytes = await answer.bytes();
  expect(findBoxes(bytes, ["moov", "trak"]).length).toBe(1);
  const [mdat] = findBoxes(bytes, ["mdat"]);
  expect(mdat?.payload).toEqual(frameBytes(VIDEO, 50, true));
  const part = await app.get("/cam.still.mp4", { headers: { range: "bytes=4-7" } });
  expect([part.status, await part.text()]).toEqual([206, "ftyp"]);
});

test("what cannot be made is refused, and says what there is", async () => {
  const app = start();
  await app.camera(3);
  const jpeg = await app.get("/cam.jpg");
  expect([jpeg.status, await jpeg.text()]).toEqual([
    406,
    "No image/jpeg can be made of this stream: it has H.264, AAC\n",
  ]);
  expect((await app.get("/none.jpg")).status).toBe(404);
  expect((await app.get("/cam.still.mp4?video=%5B")).status).toBe(400);
});
