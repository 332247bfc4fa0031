/**
 * A 2 Mbit/s stream as endless files: how long from the last byte of a frame handed to the camera's socket until that
 * frame is in a viewer's hands, with one viewer and with a thousand others beside; what a viewer costs in memory and CPU
 * time; that nobody falls behind; and what twenty viewers cost that do not read.
 */
import { BINARY, startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { printMeasurement } from "./measurement.ts";
import { ProgressiveClient } from "./progressive_client.ts";
import { BITS, KB, STALLED, times, ViewerRounds, VIEWERS } from "./viewer_rounds.ts";

const cameras = await Cameras.start(1, BITS);
const server = await startFogcast(streamsYaml(cameras, 1, { window: "10s" }), [BINARY]);
const rounds = new ViewerRounds(cameras, server.pid);
const url = `${server.url}/cam0.mp4`;

/** A viewer whose frames are timed. */
function watch(): Promise<ProgressiveClient> {
  let newest = -1;
  return ProgressiveClient.open(url, ({ tail, frame }) => {
    if (!(frame > newest)) return;
    newest = frame;
    rounds.got(tail, performance.now());
  });
}

/** A round beside viewers in another process. */
function beside(count: number, stalled: number) {
  return rounds.withViewers<"bytes" | "closed" | "behind">(["progressive_viewers.ts", url, count, stalled]);
}

await Bun.sleep(4000);
const watcher = await watch();
const alone = await rounds.measure();
printMeasurement("progressive", "1 viewer", { ...times(alone), cpuPercent: alone.cpuPercent }, {
  p50Millis: { max: 3 },
  p99Millis: { max: 30 },
});
const many = await beside(VIEWERS, 0);
printMeasurement("progressive", `${VIEWERS} viewers`, {
  ...times(many),
  viewerKB: (many.private - alone.private) / VIEWERS / KB,
  cpuPercent: many.cpuPercent,
  viewerCpuPercent: (many.cpuPercent - alone.cpuPercent) / VIEWERS,
  closed: many.closed,
  behindFrames: many.behind,
}, {
  viewerKB: { max: 50 },
  closed: { max: 0 },
  behindFrames: { max: 25 },
  p99Millis: { max: 250 },
});
const slow = await beside(STALLED + 1, STALLED);
printMeasurement("progressive", `${STALLED} viewers that do not read`, {
  ...times(slow),
  stalledKB: (slow.private - many.private) / STALLED / KB,
}, { stalledKB: { max: 1024 } });
watcher.close();
await server.stop();
cameras.close();
