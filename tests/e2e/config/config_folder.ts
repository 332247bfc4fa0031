import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeLog } from "../../../src/base/log.ts";
import { DEMO_PATH, startDemoCamera } from "../../../src/app/demo/camera.ts";
import { readClip } from "../../../src/app/demo/clip.ts";
import { systemClock } from "../../../src/host/clock.ts";
import { BINARY, type RunningFogcast, startCommand } from "../../peers/fogcast.ts";

/** A camera in this process; `url(n)` differs for each `n`, and plays the same. */
export async function startCamera(): Promise<{ url(n: number): string; close(): void }> {
  const read = async (name: string) =>
    await Bun.file(new URL(`../../../src/app/demo/clip/${name}`, import.meta.url)).bytes();
  const quiet = makeLog(() => {}, { stream: "", part: "test", least: "error" }, () => Date.now());
  const clip = readClip(await read("clip.h264"), await read("clip.aac"));
  const camera = await startDemoCamera(clip, systemClock, quiet);
  return {
    url: (n) => `rtsp://user${n}:x@127.0.0.1:${camera.port}/${DEMO_PATH}`,
    close: () => camera.close(),
  };
}

/** A folder of configuration, and the server that runs from it. */
export class ConfigFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(files: Readonly<Record<string, string>>): Promise<ConfigFolder> {
    const folder = new ConfigFolder(await mkdtemp(join(tmpdir(), "fogcast-config-")));
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    return folder;
  }

  /** At once: a server that reads meanwhile finds the old text or the new one, not the beginning of it. */
  async write(name: string, text: string): Promise<void> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    const beside = `${this.path}.new`;
    await writeFile(beside, text);
    await rename(beside, path);
  }

  remove(name: string): Promise<void> {
    return rm(join(this.path, name), { recursive: true });
  }

  serve(): Promise<RunningFogcast> {
    return startCommand(
      [BINARY, "serve", "--no-guardian", "--config", this.path],
      () => rm(this.path, { recursive: true, force: true }),
    );
  }
}

/** Waits until `text` was printed `times` times. */
export async function printedTimes(
  server: RunningFogcast,
  text: string,
  times: number,
  ms = 20_000,
): Promise<void> {
  for (const end = performance.now() + ms; server.output().split(text).length - 1 < times;) {
    if (performance.now() > end) {
      throw new Error(`not ${times} × ${text} within ${ms} ms\n${server.output()}`);
    }
    await Bun.sleep(10);
  }
}
