import { type RunningFogcast, startFogcast } from "./fogcast.ts";
import { streamsYaml } from "./fogcast_streams.ts";
import { type GstCamera, startGstCamera } from "./gst_camera.ts";

/** A GStreamer camera, a server that has its mounts as streams of the same names, and a browser to watch them. */
export interface WatchedCamera<Browser> {
  readonly camera: GstCamera;
  readonly server: RunningFogcast;
  readonly browser: Browser;
  stop(): Promise<void>;
}

/** `options`: of each stream. What has started is stopped again when the rest does not start. */
export async function startWatchedCamera<Browser extends { close(): Promise<unknown> }>(
  mounts: readonly string[],
  starting: Promise<Browser>,
  options: Readonly<Record<string, string>> = {},
): Promise<WatchedCamera<Browser>> {
  const [camera, browser] = await Promise.allSettled([startGstCamera(), starting]);
  let server: RunningFogcast | undefined;
  const stop = async () => {
    if (browser.status === "fulfilled") await browser.value.close();
    await server?.stop();
    if (camera.status === "fulfilled") await camera.value.kill();
  };
  try {
    if (camera.status === "rejected") throw camera.reason;
    if (browser.status === "rejected") throw browser.reason;
    const { url } = camera.value;
    server = await startFogcast(
      streamsYaml(Object.fromEntries(mounts.map((mount) => [mount, { source: url(mount), ...options }]))),
    );
    return { camera: camera.value, server, browser: browser.value, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
