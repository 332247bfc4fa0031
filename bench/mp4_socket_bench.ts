/**
 * MP4 over WebSockets, 2 Mbit/s: how long from the last byte of a frame handed to the camera's socket until the message
 * with that frame is in a viewer's hands, with one viewer and with a thousand others beside; what a viewer costs in
 * memory and CPU time; that nobody falls behind; and what twenty viewers cost that do not read.
 */
import { BINARY, startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { printMeasurement } from "./measurement.ts";
import { BITS, KB, ROUND_SECONDS, STALLED, times, ViewerRounds, VIEWERS } from "./viewer_rounds.ts";
import { WsClient } from "./ws_client.ts";

const cameras = await Cameras.start(1, BITS);
const server = await startFogcast(streamsYaml(cameras, 1, { window: "10s" }), [BINARY]);
const rounds = new ViewerRounds(cameras, server.pid);
const url = `${server.url.replace("http", "ws")}/cam0.mp4`;

/** A viewer whose frames are timed. */
async function watch(): Promise<WsClient> {
  const watcher = await WsClient.connect(url, ({ tail, lastAt }) => rounds.got(tail, lastAt));
  watcher.send('{"type":"play"}');
  return watcher;
}

/** A round beside viewers in another process: of all the one whose frames are timed is the last to be served. */
function beside(count: number, stalled: number) {
  type Told = "messages" | "bytes" | "skipped" | "closed" | "behind";
  return rounds.withViewers<Told>(["socket_viewers.ts", url, count, stalled], async () => {
    const watcher = await watch();
    const round = await rounds.measure();
    watcher.close();
    return round;
  });
}

const first = await watch();
await Bun.sleep(10_000);
const alone = await rounds.measure();
first.close();
printMeasurement("mp4 socket", "1 viewer", { ...times(alone), cpuPercent: alone.cpuPercent }, {
  p50Millis: { max: 3 },
});
const many = await beside(VIEWERS, 0);
printMeasurement("mp4 socket", `${VIEWERS} viewers`, {
  ...times(many),
  messagesPerSecond: many.messages / ROUND_SECONDS,
  viewerKB: (many.private - alone.private) / VIEWERS / KB,
  viewerCpuPercent: (many.cpuPercent - alone.cpuPercent) / VIEWERS,
  skipped: many.skipped,
  closed: many.closed,
  behindFrames: many.behind,
}, {
  viewerKB: { max: 50 },
  skipped: { max: 0 },
  closed: { max: 0 },
  behindFrames: { max: 25 },
  p99Millis: { max: 250 },
});
const slow = await beside(STALLED + 1, STALLED);
printMeasurement("mp4 socket", `${STALLED} viewers that do not read`, {
  ...times(slow),
  stalledKB: (slow.private - alone.private) / STALLED / KB,
  readersSkipped: slow.skipped,
}, { stalledKB: { max: 2048 }, readersSkipped: { max: 0 } });
await server.stop();
cameras.close();
