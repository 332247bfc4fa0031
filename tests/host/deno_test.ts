import { expect, test } from "bun:test";

test("everything works from source under Deno too", async () => {
  const deno = new URL("../../node_modules/.bin/deno", import.meta.url).pathname;
  const script = new URL("./deno_run.ts", import.meta.url).pathname;
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const child = Bun.spawn([deno, "run", "-A", script], { stdout: "pipe", stderr: "pipe", env });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect(stdout.trim().split("\n"), stderr).toEqual([
    "tcp 1000 0",
    "udp 3",
    "http 127.0.0.1 1000 500 internal error 1",
    "websocket 3 2097152",
    "worker throw Error: thrown in a worker",
    "worker reject Error: rejected in a worker",
    "worker exit Worker echo ended by itself with code 7",
    "worker close undefined",
    "worker loop undefined",
    "assets true true",
    "hash ba7816bf clock true",
  ]);
  expect(await child.exited).toBe(0);
}, 30_000);
