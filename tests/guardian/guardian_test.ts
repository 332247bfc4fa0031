import { expect, test } from "bun:test";
import { CRASH_LINES } from "../../src/guardian/crash_report.ts";
import { STOP_MILLIS } from "../../src/guardian/guardian.ts";
import { HANG_MILLIS, START_MILLIS } from "../../src/guardian/hang_watch.ts";
import { GUARDED, TAKEOVER } from "../../src/guardian/messages.ts";
import { BUDGET, FIRST_WAIT } from "../../src/guardian/restart_budget.ts";
import { Stage } from "./scripted_server.ts";

const killed = { code: undefined, signal: "SIGSEGV" };

test("the server is told that it has a guardian, and takes nothing over", () => {
  const stage = new Stage();
  stage.guardian.start();
  expect(stage.last.environment).toEqual({ [GUARDED]: "1", [TAKEOVER]: "" });
});

test("readiness is told once, when the first server serves", () => {
  const stage = new Stage();
  const first = stage.serving();
  expect(stage.notified).toEqual(["READY=1"]);
  first.end(killed);
  stage.last.report({ type: "listening", version: "1" });
  expect(stage.notified).toEqual(["READY=1"]);
});

test("a server that dies is started again at once, with a report of its last lines", () => {
  const stage = new Stage();
  const first = stage.serving();
  for (let n = 0; n < CRASH_LINES + 20; n++) first.report({ type: "line", text: `line ${n}` });
  first.on.errorLine("panic: the very last");
  stage.pass(5000);
  first.end(killed);
  expect(stage.servers.length).toBe(2);
  const crash = stage.crashes[0];
  expect(crash?.why).toBe("killed by SIGSEGV");
  expect(crash?.aliveMillis).toBe(5000);
  expect(crash?.lines.length).toBe(CRASH_LINES);
  expect(crash?.lines.at(-1)).toBe("panic: the very last");
  expect(stage.codes).toEqual([]);
});

test("restarts beyond the budget wait longer and longer, and never end", () => {
  const stage = new Stage();
  stage.serving();
  for (let n = 0; n < BUDGET; n++) stage.last.end(killed);
  expect(stage.servers.length).toBe(BUDGET + 1);
  stage.last.end(killed);
  expect(stage.servers.length).toBe(BUDGET + 1);
  stage.pass(FIRST_WAIT);
  expect(stage.servers.length).toBe(BUDGET + 2);
  stage.last.end(killed);
  stage.pass(FIRST_WAIT);
  expect(stage.servers.length).toBe(BUDGET + 2);
  stage.pass(FIRST_WAIT);
  expect(stage.servers.length).toBe(BUDGET + 3);
});

test("after a quiet minute the budget is whole again", () => {
  const stage = new Stage();
  stage.serving();
  for (let n = 0; n < BUDGET; n++) stage.last.end(killed);
  stage.pass(61_000);
  stage.last.end(killed);
  expect(stage.servers.length).toBe(BUDGET + 2);
});

test("a server without heartbeat is killed after the hang time and not before", () => {
  const stage = new Stage();
  const first = stage.serving();
  stage.pass(10_000);
  expect(first.signals).toEqual([]);
  first.beating = false;
  stage.pass(HANG_MILLIS - 500);
  expect(first.signals).toEqual([]);
  stage.pass(1000);
  expect(first.signals).toEqual(["SIGKILL"]);
  expect(stage.crashes[0]?.why).toMatch(/^hung: no heartbeat for 3\.\d s$/);
  expect(stage.servers.length).toBe(2);
});

test.each([
  ["says nothing while it starts", false],
  ["falls silent while it starts", true],
])("a server that %s gets longer", (_name, beats) => {
  const stage = new Stage();
  stage.guardian.start();
  if (beats) stage.last.report({ type: "beat" });
  stage.last.beating = false;
  stage.pass(START_MILLIS - 1000);
  expect(stage.servers.length).toBe(1);
  stage.pass(2000);
  expect(stage.servers.length).toBe(2);
});

test("a guardian that slept itself takes nobody for hung", () => {
  const stage = new Stage();
  const first = stage.serving();
  stage.pass(1000);
  let late = true;
  const mono = stage.clock.mono.bind(stage.clock);
  // The next look comes a minute late, as after the sleep of a laptop.
  stage.clock.mono = () => late ? (mono() + 60_000) as ReturnType<typeof mono> : mono();
  stage.clock.advance(300);
  late = false;
  expect(first.signals).toEqual([]);
});

for (const code of [1, 2]) {
  test(`exit code ${code} of a server that never served is passed on`, () => {
    const stage = new Stage();
    stage.guardian.start();
    stage.last.end({ code, signal: undefined });
    expect(stage.codes).toEqual([code]);
    expect(stage.servers.length).toBe(1);
    expect(stage.crashes).toEqual([]);
  });

  test(`exit code ${code} of a server started again is retried`, () => {
    const stage = new Stage();
    stage.serving().end(killed);
    stage.last.end({ code, signal: undefined });
    expect(stage.codes).toEqual([]);
    expect(stage.servers.length).toBe(3);
  });
}

test("a server that ends by itself and well ends the guardian", () => {
  const stage = new Stage();
  stage.serving().end({ code: 0, signal: undefined });
  expect(stage.codes).toEqual([0]);
});

test("a signal is passed on, and the guardian ends with the server", () => {
  const stage = new Stage();
  const server = stage.serving();
  stage.guardian.stop("SIGINT");
  stage.guardian.stop("SIGTERM");
  expect(server.signals).toEqual(["SIGINT"]);
  expect(stage.notified).toEqual(["READY=1", "STOPPING=1"]);
  expect(stage.codes).toEqual([]);
  server.end({ code: 0, signal: undefined });
  expect(stage.codes).toEqual([0]);
});

test("a server that serves only when all is to end is not told of", () => {
  const stage = new Stage();
  stage.guardian.start();
  stage.guardian.stop("SIGTERM");
  stage.last.report({ type: "listening", version: "1" });
  expect(stage.notified).toEqual(["STOPPING=1"]);
});

test("a server that does not end when told to is killed", () => {
  const stage = new Stage();
  const server = stage.serving();
  stage.guardian.stop("SIGTERM");
  stage.pass(STOP_MILLIS);
  expect(server.signals).toEqual(["SIGTERM", "SIGKILL"]);
  expect(stage.codes).toEqual([1]);
});

test("a server that had only begun to start is ended by the signal itself, and that is well", () => {
  const stage = new Stage();
  stage.guardian.start();
  stage.guardian.stop("SIGTERM");
  stage.last.end({ code: undefined, signal: "SIGTERM" });
  expect(stage.said).toEqual([]);
  expect(stage.codes).toEqual([0]);
});

test.each([
  ["a serving server that the signal kills", true, "SIGTERM"],
  ["a starting server that another signal kills", false, "SIGSEGV"],
])("%s ended badly", (_name, serving, signal) => {
  const stage = new Stage();
  if (serving) stage.serving();
  else stage.guardian.start();
  stage.guardian.stop("SIGTERM");
  stage.last.end({ code: undefined, signal });
  expect(stage.said).toEqual([`the server ended badly: killed by ${signal}`]);
  expect(stage.codes).toEqual([1]);
});

test("a signal while a restart waits ends the guardian at once", () => {
  const stage = new Stage();
  stage.serving();
  for (let n = 0; n <= BUDGET; n++) stage.last.end(killed);
  stage.guardian.stop("SIGTERM");
  expect(stage.codes).toEqual([0]);
  stage.pass(60_000);
  expect(stage.servers.length).toBe(BUDGET + 1);
});

test("a wish to reload goes to the server", () => {
  const stage = new Stage();
  const server = stage.serving();
  stage.guardian.reload();
  expect(server.signals).toEqual(["SIGHUP"]);
});

test("a wish to reload waits for a server that still starts: the signal would end it", () => {
  const stage = new Stage();
  stage.guardian.start();
  stage.guardian.reload();
  expect(stage.last.signals).toEqual([]);
  stage.last.report({ type: "listening", version: "1" });
  expect(stage.last.signals).toEqual(["SIGHUP"]);
  stage.last.end(killed);
  stage.last.report({ type: "listening", version: "1" });
  expect(stage.last.signals).toEqual([]);
});
