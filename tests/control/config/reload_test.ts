import { expect, test } from "bun:test";
import { keeperOf } from "./memory_store.ts";

const TWO = "streams:\n  a: { source: rtsp://c/1 }\n  b: { source: rtsp://c/2 }\n";

test("reload() tells listeners what differs, and only then", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": TWO }, "f.yaml");
  const seen: unknown[] = [];
  keeper.onChange((after, change) => void seen.push([after.streams.get("a")?.source, change]));
  expect(await keeper.reload("test")).toMatchObject({ ok: true });
  expect(seen).toEqual([]);
  store.files["f.yaml"] = TWO.replace("c/1", "c/9") + "  d: { source: /x }\nlog: { level: debug }\n";
  await keeper.reload("test");
  const change = { sections: ["log"], added: ["d"], removed: [], changed: new Map([["a", ["source"]]]) };
  expect(seen).toEqual([["rtsp://c/9", change]]);
  expect(keeper.current.log.level).toBe("debug");
  expect(keeper.decided.find((d) => d.path.join(".") === "log.level")?.origin).toBe("f.yaml:5:8");
});

test("reload() refuses a faulty configuration whole, and says file, line, key, expected and found", async () => {
  const { keeper, store, log } = await keeperOf({ "f.yaml": TWO }, "f.yaml");
  const before = keeper.current;
  let called = false;
  keeper.onChange(() => void (called = true));
  store.files["f.yaml"] = TWO.replace("c/1", "c/9") + "  d: { source: rtsp://c/3, transport: upd }\n";
  const answer = await keeper.reload("test");
  expect(answer).toMatchObject({
    ok: false,
    errors: [{
      file: "f.yaml",
      line: 4,
      path: "streams.d.transport",
      expected: "tcp, udp or auto",
      found: '"upd"',
    }],
  });
  expect(keeper.current).toBe(before);
  expect(called).toBe(false);
  expect(log.lines).toEqual([
    "error: configuration refused (test), the running one stays",
    'error: f.yaml:4:39: streams.d.transport: expected tcp, udp or auto, got "upd"',
  ]);
});

test("reload() says once that a refused configuration is right again, though it says what runs", async () => {
  const { keeper, store, log } = await keeperOf({ "f.yaml": TWO }, "f.yaml");
  store.files["f.yaml"] = "streams: 5";
  await keeper.reload("test");
  store.files["f.yaml"] = TWO;
  await keeper.reload("mended");
  expect(log.lines.at(-1)).toBe("info: configuration is right again (mended): it says what runs");
  await keeper.reload("once more");
  expect(log.lines.at(-1)).toBe("debug: configuration read again (once more): nothing differs");
});

test("reload() of a folder that vanished keeps what runs, and takes it up again when it is back", async () => {
  const files = { "/c/streams.yaml": "a: { source: rtsp://c/1 }\n" };
  const { keeper, store } = await keeperOf(files, "/c");
  delete store.files["/c/streams.yaml"];
  expect((await keeper.reload("gone")).ok).toBe(false);
  expect([...keeper.current.streams.keys()]).toEqual(["a"]);
  expect(keeper.watched.folders.has("/c")).toBe(true);
  store.files["/c/streams.yaml"] = "b: { source: rtsp://c/1 }\n";
  expect((await keeper.reload("back")).ok).toBe(true);
  expect([...keeper.current.streams.keys()]).toEqual(["b"]);
});

test("reload() goes through every listener though one throws, and says so", async () => {
  const { keeper, store, log } = await keeperOf({ "f.yaml": TWO }, "f.yaml");
  let reached = false;
  keeper.onChange(() => Promise.reject(new Error("no room")));
  keeper.onChange(() => void (reached = true));
  store.files["f.yaml"] = "{}";
  expect((await keeper.reload("test")).ok).toBe(true);
  expect(reached).toBe(true);
  expect(log.lines.at(-1)).toBe("error: a part of the new configuration could not be applied: no room");
});

test("reloads come one after the other", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": TWO }, "f.yaml");
  let running = 0;
  let most = 0;
  keeper.onChange(async () => {
    most = Math.max(most, ++running);
    await Bun.sleep(5);
    running--;
  });
  const turns = [1, 2, 3].map((n) => {
    store.files["f.yaml"] = `streams: { x${n}: { source: /x } }`;
    return keeper.reload(String(n));
  });
  await Promise.all(turns);
  expect(most).toBe(1);
  expect([...keeper.current.streams.keys()]).toEqual(["x3"]);
});

test("the log line of a change lists names up to a limit, and fields", async () => {
  const { keeper, store, log } = await keeperOf({ "f.yaml": TWO }, "f.yaml");
  const many = Array.from({ length: 12 }, (_, n) => `  s${n}: { source: /x }\n`).join("");
  store.files["f.yaml"] = `streams:\n  a: { source: rtsp://c/1, idle: 1s }\n${many}`;
  await keeper.reload("SIGHUP");
  expect(log.lines.at(-1)).toBe(
    "info: configuration changed (SIGHUP): streams added: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more; " +
      "streams removed: b; streams changed: a (idle)",
  );
});

test("what was read is what to watch: includes, values from files, and files that are missing", async () => {
  const { keeper } = await keeperOf({
    "/c/f.yaml": "include: { streams: more/s.yaml }\n",
    "/c/more/s.yaml": "a: { source: !file key.txt }\n",
    "/c/more/key.txt": "rtsp://c/1\n",
  }, "/c/f.yaml");
  expect([...keeper.watched.files].sort()).toEqual(["/c/f.yaml", "/c/more/key.txt", "/c/more/s.yaml"]);
});
