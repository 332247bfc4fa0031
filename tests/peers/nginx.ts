import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The configuration that the README gives for nginx. */
export function readmeConfiguration(): string {
  const readme = readFileSync(new URL("../../README.md", import.meta.url).pathname, "utf8");
  const found = /```nginx\n([\s\S]*?)```/.exec(readme)?.[1];
  if (found === undefined) throw new Error("The README has no configuration of nginx");
  return found;
}

export interface CachingNginx {
  readonly url: string;
  readonly pid: number;
  /** How often each address was asked for upstream, and by viewers. */
  counts(): ReadonlyMap<string, { readonly upstream: number; readonly viewers: number }>;
  stop(): Promise<void>;
}

/** Text in the README's configuration that a test has to have otherwise. */
const UPSTREAM = "127.0.0.1:8080";
const LISTEN = "listen 80;";
const CACHE = "/var/cache/nginx/fogcast";

/** Runs nginx with `configuration`, in front of the server at `upstream` (`http://host:port`). */
export async function startCachingNginx(configuration: string, upstream: string): Promise<CachingNginx> {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-nginx-"));
  const port = freePort();
  let text = configuration;
  for (
    const [from, to] of [
      [UPSTREAM, new URL(upstream).host],
      [LISTEN, `listen 127.0.0.1:${port};`],
      [CACHE, join(folder, "cache")],
    ] as const
  ) {
    if (!text.includes(from)) throw new Error(`The configuration of nginx lacks ${from}`);
    text = text.replaceAll(from, to);
  }
  mkdirSync(join(folder, "cache"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`);
  const file = join(folder, "nginx.conf");
  const log = join(folder, "access.log");
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
    worker_rlimit_nofile 8192;
    events { worker_connections 4096; }
    http { log_format counted "$request_uri $upstream_cache_status"; access_log ${log} counted;
    ${temporary.join(" ")}
    ${text}
    }`,
  );
  const child = Bun.spawn(["/usr/sbin/nginx", "-p", folder, "-c", file], {
    stdout: "ignore",
    stderr: "pipe",
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await child.exited;
    rmSync(folder, { recursive: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0;; tries++) {
    if (await fetch(`${url}/up`).then(() => true, () => false)) break;
    if (tries === 100 || child.exitCode !== null) {
      const said = await new Response(child.stderr).text();
      await stop();
      throw new Error(`nginx does not start: ${said}`);
    }
    await Bun.sleep(20);
  }
  return {
    url,
    pid: child.pid,
    counts() {
      const counts = new Map<string, { upstream: number; viewers: number }>();
      for (const line of readFileSync(log, "utf8").split("\n").slice(0, -1)) {
        const [path = "", status] = line.split(" ");
        const count = counts.get(path) ?? { upstream: 0, viewers: 0 };
        count.viewers++;
        if (status !== "HIT") count.upstream++;
        counts.set(path, count);
      }
      return counts;
    },
    stop,
  };
}

/** A port that nothing listens on now. */
function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}
