import { afterAll, beforeAll, expect, test } from "bun:test";
import { startClipCamera } from "../../peers/clip_camera.ts";
import { until } from "../../peers/fogcast.ts";
import { PartReader } from "../../peers/part_reader.ts";
import { ApiBox } from "./api_box.ts";

const CALLS_PER_SECOND = 1000;
const DATAGRAMS_PER_SECOND = 10_000;
const SECONDS = 4;

let box: ApiBox;
let camera: Awaited<ReturnType<typeof startClipCamera>>;
let viewer: PartReader;

beforeAll(async () => {
  camera = await startClipCamera();
  const yaml = `http: { listen: "127.0.0.1:0" }
api: { listen: "127.0.0.1:0" }
streams:
  cam: { source: "${camera.url("a")}", transport: tcp, alwaysOn: true }
`;
  box = await ApiBox.make({ "fogcast.yaml": yaml });
  await box.start();
  const url = `${box.server?.url}/hls/cam/index.m3u8`;
  const text = await until(10_000, "the playlist", async () => {
    const answer = await fetch(url);
    return answer.ok ? await answer.text() : undefined;
  });
  const video = text.split("\n").find((line) => line !== "" && !line.startsWith("#")) ?? "";
  viewer = await PartReader.open(new URL(video, url).href);
}, 30_000);
afterAll(async () => {
  await viewer?.close();
  await box?.close();
  camera?.close();
});

/** Runs `step` every 10 ms with how much is due, for {@link SECONDS}. */
async function pace(perSecond: number, step: (due: number) => void): Promise<number> {
  const began = performance.now();
  let done = 0;
  for (;;) {
    const elapsed = performance.now() - began;
    if (elapsed > SECONDS * 1000) return done;
    const due = Math.floor(elapsed / 1000 * perSecond) - done;
    if (due > 0) step(due);
    done += Math.max(0, due);
    await Bun.sleep(10);
  }
}

test(`${CALLS_PER_SECOND} calls a second cost a part-by-part viewer no part`, async () => {
  const before = viewer.parts;
  const body = JSON.stringify({ active_streams: ["viewers", "status"], clients: { fields: ["host"] } });
  const open: Promise<void>[] = [];
  let answered = 0;
  const call = async () => {
    const answer = await fetch(`${box.url}/api2`, { method: "POST", body });
    const { active_streams: streams } = await answer.json() as { active_streams: Record<string, unknown> };
    if (streams["cam"] !== undefined) answered++;
  };
  const sent = await pace(CALLS_PER_SECOND, (due) => {
    for (let n = 0; n < due; n++) open.push(call());
  });
  await Promise.all(open);
  expect(answered).toBe(sent);
  expect(sent).toBeGreaterThan(CALLS_PER_SECOND * SECONDS * 0.9);
  expect(viewer.parts - before).toBeGreaterThan(SECONDS * 5 * 0.8);
  expect(viewer.faults).toEqual([]);
}, 30_000);

test(`${DATAGRAMS_PER_SECOND} datagrams a second cost it none either`, async () => {
  const before = viewer.parts;
  let answered = 0;
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", socket: { data: () => void answered++ } });
  const request = new TextEncoder().encode('{"active_streams":["viewers"]}');
  await pace(DATAGRAMS_PER_SECOND, (due) => {
    const batch: (Uint8Array<ArrayBuffer> | number | string)[] = [];
    for (let n = 0; n < due; n++) batch.push(request, box.port, "127.0.0.1");
    socket.sendMany(batch);
  });
  await Bun.sleep(200);
  socket.close();
  expect(answered).toBeGreaterThan(1000);
  expect(viewer.parts - before).toBeGreaterThan(SECONDS * 5 * 0.8);
  expect(viewer.faults).toEqual([]);
  expect((await box.command({ version: true }))["version"]).toBeString();
}, 30_000);
