import { expect, test } from "bun:test";
import { systemClock } from "../../src/host/clock.ts";
import { spawnWorkerFrom, type WorkerExit, type WorkerHandle, workerUrl } from "../../src/host/worker.ts";
import { eventually as until } from "../eventually.ts";

class Owner {
  readonly messages: unknown[] = [];
  exits: WorkerExit[] = [];
  handle: WorkerHandle;

  constructor(file: string, init: unknown = undefined) {
    this.handle = spawnWorkerFrom(new URL(`./workers/${file}.ts`, import.meta.url).href, file, init, {
      message: (message) => void this.messages.push(message),
      exit: (why) => void this.exits.push(why),
    });
  }

  async heard(count: number): Promise<unknown[]> {
    await until(() => this.messages.length >= count);
    return this.messages;
  }

  async ended(): Promise<WorkerExit> {
    await until(() => this.exits.length > 0);
    await Bun.sleep(20);
    expect(this.exits.length).toBe(1);
    return this.exits[0]!;
  }
}

test("a worker gets its init, answers, and shares memory", async () => {
  const owner = new Owner("echo", { role: "ingest", page: new Uint8Array([1, 2]) });
  owner.handle.post("hello");
  const shared = new SharedArrayBuffer(8);
  owner.handle.post(shared);
  expect(await owner.heard(3)).toEqual([
    { init: { role: "ingest", page: new Uint8Array([1, 2]) } },
    { echo: "hello" },
    "written",
  ]);
  expect(new Uint8Array(shared)[0]).toBe(42);
  owner.handle.terminate();
  expect(await owner.ended()).toEqual({});
  owner.handle.post("too late");
});

test("an error that nothing caught ends that worker alone and is told with its stack", async () => {
  const other = new Owner("echo");
  for (const [how, says] of [["throw", "thrown in a worker"], ["reject", "rejected in a worker"]] as const) {
    const owner = new Owner("echo");
    owner.handle.post(how);
    const { error } = await owner.ended();
    expect(error).toStartWith(`Error: ${says}`);
    expect(error).toContain("tests/host/workers/echo.ts:");
    expect(error).not.toContain("case ");
  }
  other.handle.post("alive");
  expect(await other.heard(2)).toContainEqual({ echo: "alive" });
  other.handle.terminate();
});

test("process.exit in a worker ends that worker alone and is told", async () => {
  const owner = new Owner("echo");
  owner.handle.post("exit");
  expect(await owner.ended()).toEqual({ error: "Worker echo ended by itself with code 7" });
});

test("a worker that closes its port ends without an error", async () => {
  const owner = new Owner("echo");
  owner.handle.post("close");
  expect(await owner.ended()).toEqual({});
});

test("terminate() ends an endless loop", async () => {
  const owner = new Owner("echo");
  await owner.heard(1);
  owner.handle.post("loop");
  await Bun.sleep(50);
  owner.handle.terminate();
  expect(await owner.ended()).toEqual({});
});

test("a worker whose modules cannot be loaded is told", async () => {
  expect((await new Owner("broken").ended()).error).toContain("broken at import");
  expect((await new Owner("missing").ended()).error).toMatch(/missing/);
});

test("the monotonic clock of a worker is its owner's", async () => {
  const owner = new Owner("echo");
  await owner.heard(1);
  let best = Infinity;
  for (let i = 0; i < 20; i++) {
    const before = systemClock.mono();
    owner.handle.post("clock");
    const answers = await owner.heard(2 + i);
    const after = systemClock.mono();
    const { mono } = answers[1 + i] as { mono: number };
    if (mono < before || mono > after) best = Math.min(best, Math.max(before - mono, mono - after));
    else best = 0;
  }
  expect(best).toBeLessThan(0.1);
  owner.handle.terminate();
});

test("workerUrl() takes the names of files only", () => {
  expect(workerUrl("ingest")).toEndWith("/src/app/workers/ingest.ts");
  expect(() => workerUrl("../main")).toThrow('No worker can be called "../main"');
});
