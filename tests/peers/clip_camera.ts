import { startDemoCamera } from "../../src/app/demo/camera.ts";
import { readClip } from "../../src/app/demo/clip.ts";
import { systemClock } from "../../src/host/clock.ts";

const CLIP = new URL("../../src/app/demo/clip/", import.meta.url);

/** A camera in the test's own process: H.264 and AAC, as many players at once as come, each from the clip's start. */
export interface ClipCamera {
  readonly port: number;
  /** Each `name` is another address of the same camera. */
  url(name: string): string;
  close(): void;
}

export async function startClipCamera(): Promise<ClipCamera> {
  const read = async (name: string) => new Uint8Array(await Bun.file(new URL(name, CLIP)).arrayBuffer());
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
  const clip = readClip(await read("clip.h264"), await read("clip.aac"));
  const server = await startDemoCamera(clip, systemClock, quiet);
  return {
    port: server.port,
    url: (name) => `rtsp://127.0.0.1:${server.port}/demo?${name}`,
    close: () => server.close(),
  };
}
