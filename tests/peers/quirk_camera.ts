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

/** The simulator, started at the first use and again when it has died (of chance: see its users). */
export class QuirkCamera {
  #child: Bun.Subprocess<"ignore", "pipe", "ignore"> | undefined;
  #starting: Promise<number> | undefined;

  /** Port of a simulator that runs. */
  port(): Promise<number> {
    if (this.#starting === undefined || (this.#child?.exitCode ?? null) !== null) {
      this.#starting = this.#start();
    }
    return this.#starting;
  }

  /** Whether it has died since it was last asked for; waits a moment for the news. */
  async died(): Promise<boolean> {
    await Promise.race([this.#child?.exited, new Promise((resolve) => setTimeout(resolve, 1000))]);
    return (this.#child?.exitCode ?? null) !== null;
  }

  stop(): void {
    this.#child?.kill();
  }

  async #start(): Promise<number> {
    const probe = await listenTcp({ host: "127.0.0.1", port: 0 }, () => ({ data() {}, close() {} }));
    const { port } = probe;
    probe.close();
    this.#child = Bun.spawn(["node", `${ROOT}/rtsp/quirk-camera.mjs`, String(port)], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    const reader = this.#child.stdout.getReader();
    await reader.read();
    reader.releaseLock();
    return port;
  }
}
