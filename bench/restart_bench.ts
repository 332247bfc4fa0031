/**
 * A server that is killed, under its guardian: until another one answers. A server with 16 cameras that is told to end,
 * one of which does not answer its TEARDOWN, and with a viewer who is held: until it has ended.
 */
import { segmentAhead, streamsYaml, untilState } from "../tests/peers/fogcast_streams.ts";
import { SDP } from "../tests/e2e/faults/camera_faults.ts";
import { startGuarded } from "../tests/e2e/guardian/guarded.ts";
import { ScriptedCamera } from "../tests/link/rtsp/scripted_camera.ts";
import { startClipCamera } from "../tests/peers/clip_camera.ts";
import { startFogcast, until } from "../tests/peers/fogcast.ts";
import { median, printMeasurement } from "./measurement.ts";

/** Within the guardian's budget: a sixth time it would wait. */
const RUNS = 5;
const CAMERAS = 15;

async function killAgain(): Promise<boolean> {
  const fogcast = await startGuarded("api: { listen: [] }\nrtspServer: { listen: [] }\nstreams: {}\n");
  const millis: number[] = [];
  try {
    for (let run = 0; run < RUNS; run++) {
      const [pid] = fogcast.servers();
      const from = performance.now();
      process.kill(pid as number, "SIGKILL");
      while (!await fetch(`${fogcast.url}/streams.json`).then(({ ok }) => ok, () => false)) {
        await Bun.sleep(2);
      }
      millis.push(performance.now() - from);
    }
  } finally {
    await fogcast.stop();
  }
  const values = { median: median(millis), max: Math.max(...millis), runs: RUNS, unit: "ms" };
  return printMeasurement("restart", "kill -9 to the next server's answer", values, { max: { max: 1000 } });
}

async function endAll(): Promise<boolean> {
  const camera = await startClipCamera();
  const mute = await ScriptedCamera.open(SDP, (method) => method === "TEARDOWN" ? "silence" : undefined);
  const sources = [...Array.from({ length: CAMERAS }, (_, n) => camera.url(`cam${n}`)), mute.url()];
  const options = { transport: "tcp", alwaysOn: "true" };
  const streams = sources.map((source, n) => [`cam${n}`, { source, ...options }] as const);
  const fogcast = await startFogcast(streamsYaml(Object.fromEntries(streams)));
  let millis = NaN;
  try {
    for (let n = 0; n < CAMERAS; n++) await untilState(fogcast, `cam${n}`, "online");
    await until(10_000, "PLAY", () => Promise.resolve(mute.methods.includes("PLAY") || undefined));
    const list = `${fogcast.url}/hls/cam0/0/index.m3u8`;
    const msn = segmentAhead(await (await fetch(list)).text());
    void fetch(`${list}?_HLS_msn=${msn}`).catch(() => undefined);
    await Bun.sleep(100);
  } finally {
    const { code, ms } = await fogcast.stop();
    if (code === 0) millis = ms;
    camera.close();
    mute.close();
  }
  const values = { millis, cameras: CAMERAS + 1, unit: "ms" };
  return printMeasurement("restart", "SIGTERM to the end", values, { millis: { max: 1000 } });
}

const held = [await killAgain(), await endAll()];
process.exit(held.every((h) => h) ? 0 : 1);
