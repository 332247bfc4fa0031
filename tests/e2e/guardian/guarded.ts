import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY, type RunningFogcast, startCommand } from "../../peers/fogcast.ts";

export interface GuardedFogcast extends RunningFogcast {
  /** Its state folder. */
  readonly state: string;
  /** Process numbers of the servers that run now. */
  servers(): number[];
  /** Runs a command of the binary on the same state folder; answers its exit code and what it printed. */
  run(...args: string[]): Promise<{ code: number; text: string }>;
}

/** A port of 127.0.0.1 that was free just now. */
export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  server.stop(true);
  return server.port;
}

/** Starts the binary with a guardian, on a port of its own. */
export async function startGuarded(yaml: string, ...flags: string[]): Promise<GuardedFogcast> {
  const folder = await mkdtemp(join(tmpdir(), "fogcast-guarded-"));
  const config = join(folder, "fogcast.yaml");
  const state = join(folder, "state");
  await writeFile(config, `http:\n  listen: 127.0.0.1:${freePort()}\n${yaml}`);
  const fogcast = await startCommand(
    [BINARY, "serve", "--config", config, "--state", state, ...flags],
    () => rm(folder, { recursive: true, force: true }),
  );
  return {
    ...fogcast,
    state,
    servers() {
      const found = Bun.spawnSync(["pgrep", "-P", String(fogcast.pid)]).stdout.toString();
      return found.split("\n").filter((line) => line !== "").map(Number);
    },
    async run(...args) {
      const child = Bun.spawn([BINARY, ...args, "--state", state], { stdout: "pipe", stderr: "pipe" });
      const [out, error] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      return { code: await child.exited, text: out + error };
    },
  };
}
