import { listenTcp } from "../../src/host/tcp.ts";

const SCRIPT = new URL("../../../shared/recipes/rtsp/quirk-camera.mjs", import.meta.url).pathname;

/**
 * The simulator on one port, started again there when it dies: it takes its UDP ports at random and ends when one is
 * taken, and a server that plays it then has to come back.
 */
export async function startLastingQuirkCamera(): Promise<{ readonly port: number; stop(): void }> {
  const probe = await listenTcp({ host: "127.0.0.1", port: 0 }, () => ({ data() {}, close() {} }));
  const { port } = probe;
  probe.close();
  let stopped = false;
  const start = () => {
    const child = Bun.spawn(["node", SCRIPT, String(port)], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    void child.exited.then(() => {
      if (!stopped) running = start();
    });
    return child;
  };
  let running = start();
  const reader = running.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return {
    port,
    stop() {
      stopped = true;
      running.kill();
    },
  };
}
