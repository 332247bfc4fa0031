import { expect, test } from "bun:test";
import { printMetrics } from "../../../src/control/telemetry/metrics/metrics.ts";
import { METRICS_TYPE } from "../../../src/control/telemetry/metrics/metrics.ts";
import { serveHttp } from "../../../src/host/http.ts";
import { metricsSnapshot } from "./metrics_snapshot.ts";

/** The reference's label is in camel case: dashboards made for it need it so. */
const KNOWN = /^mist_\w+ label names should be written in 'snake_case' not 'camelCase'$/;

/** Runs promtool; answers its exit code and what it complains of. */
async function promtool(text: string): Promise<{ code: number; complaints: string[] }> {
  const child = Bun.spawn(["promtool", "check", "metrics"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  await child.stdin.write(text);
  await child.stdin.end();
  const said = await new Response(child.stdout).text() + await new Response(child.stderr).text();
  return { code: await child.exited, complaints: said.split("\n").filter((line) => line !== "") };
}

test("promtool has nothing to say of the metrics but the reference's camel case", async () => {
  const { complaints } = await promtool(printMetrics(metricsSnapshot()));
  expect(complaints.filter((line) => !KNOWN.test(line))).toEqual([]);
  expect(complaints.length).toBeGreaterThan(0);
});

test("promtool complains of text that is wrong, so its silence means something", async () => {
  const { code, complaints } = await promtool(printMetrics(metricsSnapshot()).replace("cpu 256", "cpu abc"));
  expect(code).not.toBe(0);
  expect(complaints.join("\n")).toContain("error while linting");
});

test("a scrape over HTTP gives what promtool takes", async () => {
  const server = await serveHttp(
    { hostname: "127.0.0.1", port: 0 },
    () => new Response(printMetrics(metricsSnapshot()), { headers: { "content-type": METRICS_TYPE } }),
  );
  const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const { complaints } = await promtool(await answer.text());
  expect(complaints.filter((line) => !KNOWN.test(line))).toEqual([]);
  await server.stop(false);
});
