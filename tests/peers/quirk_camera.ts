import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { listenTcp } from "../../src/host/tcp.ts";

const ROOT = new URL("../../../shared/recipes", import.meta.url).pathname;
const MEDIA = `${process.env["RECIPES_WORK"] ?? `${homedir()}/.cache/recipes`}/media`;

/** Why the simulator of misbehaving cameras cannot run here; undefined where it can. */
export function quirkCameraMissing(): string | undefined {
  if (!existsSync(`${ROOT}/rtsp/quirk-camera.mjs`)) return "the simulator is not beside the repository";
  if (!existsSync(`${MEDIA}/h264aac.mp4`) || !existsSync(`${MEDIA}/h265aac.mp4`)) {
    return `no media in ${MEDIA}`;
  }
  return undefined;
}

/** Starts the simulator; answers its port and how to end it. */
export async function startQuirkCamera(): Promise<{ port: number; stop: () => void }> {
  const probe = await listenTcp({ host: "127.0.0.1", port: 0 }, () => ({ data() {}, close() {} }));
  const { port } = probe;
  probe.close();
  const child = Bun.spawn(["node", `${ROOT}/rtsp/quirk-camera.mjs`, String(port)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return { port, stop: () => child.kill() };
}
