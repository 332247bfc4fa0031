import { expect, test } from "bun:test";
import { TAKEOVER } from "../../src/guardian/messages.ts";
import { PREPARE_MILLIS } from "../../src/guardian/upgrade.ts";
import { type ScriptedServer, Stage } from "./scripted_server.ts";

/** Lets promises go on. */
async function settle() {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}

/** Brings an upgrade to where the new server has been started. */
async function begin(stage: Stage, path: string | undefined = "/new") {
  const old = stage.serving();
  const result = stage.guardian.upgrade(path).then(
    (version) => ({ version, error: "" }),
    (error: Error) => ({ version: "", error: error.message }),
  );
  await settle();
  old.report({ type: "running", streams: ["a", "b"] });
  await settle();
  return { old, fresh: stage.last, result };
}

async function handOver(old: ScriptedServer, fresh: ScriptedServer) {
  fresh.report({ type: "prepared", missing: [] });
  await settle();
  old.report({ type: "handed", stream: "a", file: "/run/a" });
  old.report({ type: "handed", stream: "b" });
  old.report({ type: "handed over" });
  await settle();
}

test("streams go from the old server to the new one, then the ports, then the old one leaves", async () => {
  const stage = new Stage();
  const { old, fresh, result } = await begin(stage);
  expect(fresh).not.toBe(old);
  expect(fresh.executable).toBe("/new");
  expect(JSON.parse(fresh.environment[TAKEOVER] ?? "")).toEqual({
    streams: ["a", "b"],
    socket: "/run/socket",
  });
  expect(old.sent).toEqual([{ type: "running" }]);
  await handOver(old, fresh);
  expect(old.sent).toEqual([{ type: "running" }, {
    type: "hand over",
    socket: "/run/socket",
    folder: "/run",
  }]);
  expect(fresh.sent).toEqual([
    { type: "adopt", stream: "a", file: "/run/a" },
    { type: "adopt", stream: "b" },
    { type: "listen" },
  ]);
  fresh.report({ type: "listening", version: "2" });
  expect((await result).version).toBe("2");
  expect(old.sent.at(-1)).toEqual({ type: "leave", millis: 30_000 });
  old.end({ code: 0, signal: undefined });
  expect(stage.codes).toEqual([]);
  fresh.end({ code: undefined, signal: "SIGKILL" });
  expect(stage.last.executable).toBe("/new");
  expect(stage.last.environment[TAKEOVER]).toBe("");
});

test("a new server that is never ready is ended, and the old one goes on", async () => {
  const stage = new Stage();
  const { old, fresh, result } = await begin(stage);
  stage.pass(PREPARE_MILLIS);
  expect((await result).error).toMatch(/not ready/);
  expect(stage.discarded).toBe(1);
  expect(fresh.gone).toBe(true);
  expect(old.gone).toBe(false);
  expect(old.sent.length).toBe(1);
  expect(stage.guardian.current?.pid).toBe(old.pid);
});

test("a new server that dies is not started again, and the old one goes on", async () => {
  const stage = new Stage();
  const { old, fresh, result } = await begin(stage);
  fresh.end({ code: 2, signal: undefined });
  expect((await result).error).toMatch(/it ended: exit code 2$/);
  expect(stage.servers.length).toBe(2);
  expect(old.gone).toBe(false);
  expect(stage.codes).toEqual([]);
});

test("a new server that dies with the streams in its hands: the old program starts afresh", async () => {
  const stage = new Stage();
  const { old, fresh, result } = await begin(stage);
  fresh.report({ type: "prepared", missing: [] });
  await settle();
  fresh.end({ code: undefined, signal: "SIGSEGV" });
  old.report({ type: "handed over" });
  expect((await result).error).toMatch(/died while it took over/);
  expect(old.gone).toBe(true);
  expect(stage.servers.length).toBe(3);
  expect(stage.last.executable).toBeUndefined();
});

test("an old server that does not leave is killed", async () => {
  const stage = new Stage({ leaveMillis: 1000 });
  const { old, fresh, result } = await begin(stage);
  await handOver(old, fresh);
  fresh.report({ type: "listening", version: "2" });
  await result;
  stage.pass(5000);
  expect(old.signals).toEqual([]);
  stage.pass(2000);
  expect(old.signals).toEqual(["SIGKILL"]);
  expect(stage.discarded).toBe(1);
  expect(stage.guardian.current?.pid).toBe(fresh.pid);
});

test("a signal in the middle ends both", async () => {
  const stage = new Stage();
  const { old, fresh } = await begin(stage);
  stage.guardian.stop("SIGTERM");
  expect([old.signals, fresh.signals]).toEqual([["SIGTERM"], ["SIGTERM"]]);
  old.end({ code: 0, signal: undefined });
  expect(stage.codes).toEqual([]);
  fresh.end({ code: 0, signal: undefined });
  expect(stage.codes).toEqual([0]);
});

test("one upgrade at a time, and none without a server", async () => {
  const stage = new Stage();
  expect(stage.guardian.upgrade("/new")).rejects.toThrow("no server runs");
  await begin(stage);
  expect(stage.guardian.upgrade("/new")).rejects.toThrow("under way");
});
