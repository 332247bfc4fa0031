/** nginx, serving files: what static bytes cost a server that does nothing else. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface RunningNginx {
  readonly url: string;
  readonly pid: number;
  /** Puts other bytes in the place of a file. */
  replace(path: string, bytes: Uint8Array): void;
  /** Bytes of a file. */
  size(path: string): number;
  stop(): Promise<void>;
}

/**
 * Serves `files` (by path, without leading slash) with one worker process, and the settings of Debian's package
 * (sendfile, tcp_nopush, no access log, no cache of open files). `before` is put before the command, such as `taskset`.
 */
export async function startNginx(
  files: ReadonlyMap<string, Uint8Array>,
  port: number,
  before: readonly string[],
): Promise<RunningNginx> {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-bench-nginx-"));
  for (const [path, bytes] of files) {
    const at = join(folder, "www", path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, bytes);
  }
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`);
  const config = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 4096; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; ${temporary.join(" ")}
      types { video/mp4 m4s; application/vnd.apple.mpegurl m3u8; }
      server { listen 127.0.0.1:${port}; root ${folder}/www; }
    }`;
  writeFileSync(join(folder, "nginx.conf"), config);
  // Workers of nginx that was started by root become another user, who could not read the folder; this one stays.
  const child = Bun.spawn([...before, "nginx", "-p", folder, "-c", join(folder, "nginx.conf")], {
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0;; tries++) {
    const up = await fetch(url).then(() => true, () => false);
    if (up) break;
    if (tries === 100 || child.exitCode !== null) throw new Error("nginx does not start");
    await Bun.sleep(20);
  }
  return {
    url,
    pid: child.pid,
    replace: (path, bytes) => writeFileSync(join(folder, "www", path), bytes),
    size: (path) => statSync(join(folder, "www", path)).size,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      rmSync(folder, { recursive: true });
    },
  };
}
