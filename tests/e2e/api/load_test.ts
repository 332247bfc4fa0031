import { afterAll, beforeAll, expect, test } from "bun:test";
import { startClipCamera } from "../../peers/clip_camera.ts";
import { answeredText } from "../../peers/answered.ts";
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
  const text = await until(20_000, "the playlist", async () => {
    return await answeredText(url);
  });
  const video = text.split("\n").find((line) => line !== "" && !line.startsWith("#")) ?? "";
  viewer = await PartReader.open(new URL(video, url).href);
}, 60_000);
afterAll(async () => {
  await viewer?.close();
  await box?.close();
  camera?.close();
});

/** Runs `step` every 10 ms with how much is due, until what is due in {@link SECONDS} is done: later on a busy machine. */
async function pace(perSecond: number, step: (due: number) => void): Promise<void> {
  const began = performance.now();
  for (let done = 0; done < perSecond * SECONDS; await Bun.sleep(10)) {
    const elapsed = Math.min(SECONDS, (performance.now() - began) / 1000);
    const due = Math.floor(elapsed * perSecond) - done;
    if (due > 0) step(due);
    done += Math.max(0, due);
  }
}

/** The viewer has had every part since it had `before`; how late they came is measured in api_bench.ts. */
async function viewerHadAll(before: number): Promise<void> {
  const wanted = before + SECONDS * 5 * 0.8;
  await until(20_000, `${wanted} parts`, () => {
    if (viewer.parts < wanted && viewer.faults.length === 0) {
      throw new Error(`the viewer has ${viewer.parts}`);
    }
    return Promise.resolve(true);
  });
  expect(viewer.faults).toEqual([]);
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
  await pace(CALLS_PER_SECOND, (due) => {
    for (let n = 0; n < due; n++) open.push(call());
  });
  await Promise.all(open);
  expect(answered).toBe(CALLS_PER_SECOND * SECONDS);
  await viewerHadAll(before);
}, 90_000);

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
  await until(20_000, "a thousand answers", () => {
    if (answered <= 1000) throw new Error(`there are ${answered}`);
    return Promise.resolve(true);
  });
  socket.close();
  await viewerHadAll(before);
  expect((await box.command({ version: true }))["version"]).toBeString();
}, 90_000);
