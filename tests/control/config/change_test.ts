import { expect, test } from "bun:test";
import type { ChangeAnswer } from "../../../src/control/config/config_keeper.ts";
import { keeperOf } from "./memory_store.ts";

const MAIN = `# the box
streams:
  a: # first
    source: rtsp://u:secret@c/1 # keep
    idle: 5s
  # between
  b: { source: rtsp://c/2 }
`;

function refusal(answer: ChangeAnswer): string {
  if (answer.ok) throw new Error("expected a refusal");
  return answer.reason;
}

test("change() writes one key to the main file, byte for byte the same elsewhere, and applies it", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  const seen: unknown[] = [];
  keeper.onChange((_after, change) => void seen.push([...change.changed]));
  const answer = await keeper.change([{ path: ["streams", "a", "alwaysOn"], value: true }]);
  expect(answer).toMatchObject({ ok: true, written: ["f.yaml"] });
  expect(store.files["f.yaml"]).toBe(MAIN.replace("idle: 5s\n", "idle: 5s\n    alwaysOn: true\n"));
  expect(keeper.current.streams.get("a")?.alwaysOn).toBe(true);
  expect(seen).toEqual([[["a", ["alwaysOn"]]]]);
});

test("change() of a whole stream writes only what differs", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  const value = { source: "rtsp://u:secret@c/1", transport: "tcp", token: null };
  expect(await keeper.change([{ path: ["streams", "a"], value }])).toMatchObject({ ok: true });
  expect(store.files["f.yaml"]).toBe(MAIN.replace("    idle: 5s\n", "    transport: tcp\n"));
});

test("change() leaves values as written that come masked or written out", async () => {
  const text = "streams:\n  a: { source: rtsp://u:secret@c/1, token: '${KEY}' }\n";
  const { keeper, store } = await keeperOf({ "f.yaml": text }, "f.yaml", { environment: { KEY: "k1" } });
  const value = { source: "rtsp://***@c/1", token: "k1", transport: "udp" };
  expect(await keeper.change([{ path: ["streams", "a"], value }])).toMatchObject({ ok: true });
  expect(store.files["f.yaml"]).toBe(text.replace("}' }", "}', transport: udp }"));
});

test("change() removes a stream and adds another at once", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  const answer = await keeper.change([
    { path: ["streams", "a"], value: undefined },
    { path: ["streams", "n"], value: { source: "/n" } },
  ]);
  expect(answer).toMatchObject({ ok: true, change: { added: ["n"], removed: ["a"] } });
  expect(store.files["f.yaml"]).toBe(
    "# the box\nstreams:\n  # between\n  b: { source: rtsp://c/2 }\n  n:\n    source: /n\n",
  );
});

test("change() refuses a value that is invalid, and changes nothing", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  const before = keeper.current;
  const answer = await keeper.change([{ path: ["streams", "a", "transport"], value: "upd" }]);
  expect(refusal(answer)).toBe('f.yaml:6:16: streams.a.transport: expected tcp, udp or auto, got "upd"');
  expect(answer).toMatchObject({ errors: [{ path: "streams.a.transport" }] });
  expect([store.files["f.yaml"], store.writes, keeper.current]).toEqual([MAIN, [], before]);
});

for (
  const [what, path, value, reason] of [
    ["an unknown section", ["strems"], { a: 1 }, "unknown key, did you mean streams?"],
    ["an unknown key to remove", ["streams", "zz"], undefined, "streams.zz is not set in any file"],
    ["no path", [], 1, "expected the path of a key"],
    ["include", ["include"], { streams: "x.yaml" }, "include is changed by hand only"],
    ["a function", ["log", "level"], () => 1, "log.level: expected plain data, got a function"],
    ["not a number", ["log", "lines"], NaN, "log.lines: expected a number, got NaN"],
    ["too much", ["log", "lines"], new Array(300_000).fill(1), "log.lines: more than 200000 values"],
    ["a name that is none", ["streams", "A b"], { source: "/x" }, "expected a stream name"],
    ["a key of every object", ["__proto__", "x"], 1, "unknown key"],
  ] as const
) {
  test(`change() refuses ${what}`, async () => {
    const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
    expect(refusal(await keeper.change([{ path, value }]))).toContain(reason);
    expect(store.files["f.yaml"]).toBe(MAIN);
  });
}

test("change() refuses what is nested too deep", async () => {
  const { keeper } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  let value: unknown = 1;
  for (let n = 0; n < 100_000; n++) value = { a: value };
  expect(refusal(await keeper.change([{ path: ["log"], value }]))).toBe("log: nested deeper than 32 levels");
});

const FOLDER = {
  "/c/fogcast.yaml": "include: { hls: /site/hls.yaml }\nlog: { level: info }\n",
  "/c/streams.yaml": "# synced\na: { source: rtsp://c/1 }\n",
  "/c/streams.d/10.json": '{\n  // ours\n  "b": { "source": "rtsp://c/2" }\n}\n',
  "/site/hls.yaml": "hls:\n  window: 30s # long\n",
};

test("change() writes each section to the file that it came from", async () => {
  const { keeper, store } = await keeperOf(FOLDER, "/c");
  const answer = await keeper.change([
    { path: ["streams", "a", "idle"], value: "1s" },
    { path: ["streams", "b", "idle"], value: "2s" },
    { path: ["hls", "window"], value: "20s" },
    { path: ["log"], value: { level: "warn", format: "json" } },
  ]);
  expect(answer).toMatchObject({ ok: true });
  expect(store.files).toEqual({
    "/c/fogcast.yaml": "include: { hls: /site/hls.yaml }\nlog: { level: warn, format: json }\n",
    "/c/streams.yaml": "# synced\na: { source: rtsp://c/1, idle: 1s }\n",
    "/c/streams.d/10.json": '{\n  // ours\n  "b": { "source": "rtsp://c/2", "idle": "2s" }\n}\n',
    "/site/hls.yaml": "hls:\n  window: 20s # long\n",
  });
});

test("a read-only file makes its section read-only: the whole change is refused and nothing is written", async () => {
  const { keeper, store } = await keeperOf(FOLDER, "/c");
  store.readOnly.add("/c/streams.yaml");
  const edits = [
    { path: ["log", "level"], value: "warn" },
    { path: ["streams", "a", "idle"], value: "1s" },
  ];
  expect(refusal(await keeper.change(edits))).toBe("/c/streams.yaml is read-only (mode 0444)");
  expect(store.files).toEqual(FOLDER);
  expect(keeper.current.log.level).toBe("info");
  expect(await keeper.change([{ path: ["streams", "b", "idle"], value: "1s" }])).toMatchObject({ ok: true });
});

test("new streams go to the last writable file of the section", async () => {
  const { keeper, store } = await keeperOf(FOLDER, "/c");
  await keeper.change([{ path: ["streams", "n"], value: { source: "/n" } }]);
  expect(store.writes).toEqual(["/c/streams.d/10.json"]);
  store.readOnly.add("/c/streams.d/10.json");
  await keeper.change([{ path: ["streams", "m"], value: { source: "/m" } }]);
  expect(store.files["/c/streams.yaml"]).toBe("# synced\na: { source: rtsp://c/1 }\nm:\n  source: /m\n");
});

test("new streams get a file of their own in streams.d where all others are read-only", async () => {
  const { keeper, store } = await keeperOf(FOLDER, "/c");
  for (const path of ["/c/streams.yaml", "/c/streams.d/10.json", "/c/fogcast.yaml"]) store.readOnly.add(path);
  const edit = { path: ["streams", "n"], value: { source: "/n", idle: "1s" } };
  expect(await keeper.change([edit])).toMatchObject({ ok: true, written: ["/c/streams.d/n.yaml"] });
  expect(store.files["/c/streams.d/n.yaml"]).toBe("n:\n  source: /n\n  idle: 1s\n");
  expect(keeper.current.streams.get("n")?.idleMillis).toBe(1000);
  store.readOnly.add("/c/streams.d");
  const refused = await keeper.change([{ path: ["streams", "o"], value: { source: "/o" } }]);
  expect(refusal(refused)).toStartWith("streams.o cannot be changed: /c/streams.d is read-only");
});

test("a section that no file holds goes to the main file, or to a file of its own beside a read-only one", async () => {
  const { keeper, store } = await keeperOf(FOLDER, "/c");
  await keeper.change([{ path: ["buffer", "maxMegabytesPerTrack"], value: 8 }]);
  expect(store.files["/c/fogcast.yaml"]).toBe(
    `${FOLDER["/c/fogcast.yaml"]}buffer:\n  maxMegabytesPerTrack: 8\n`,
  );
  store.readOnly.add("/c/fogcast.yaml");
  await keeper.change([{ path: ["http", "port"], value: 81 }]);
  expect(store.files["/c/http.yaml"]).toBe("port: 81\n");
});

test("a key that several files give is changed in the one that wins, and removed from all", async () => {
  const { keeper, store } = await keeperOf({
    "/c/fogcast.yaml": "streams: { a: { source: /1, idle: 1s } }\n",
    "/c/streams.yaml": "a: { idle: 2s }\n",
  }, "/c");
  await keeper.change([{ path: ["streams", "a", "idle"], value: "3s" }]);
  expect(store.files["/c/streams.yaml"]).toBe("a: { idle: 3s }\n");
  await keeper.change([{ path: ["streams", "a", "idle"], value: undefined }]);
  expect(store.files).toEqual({
    "/c/fogcast.yaml": "streams: { a: { source: /1 } }\n",
    "/c/streams.yaml": "a: {  }\n",
  });
  expect(await keeper.change([{ path: ["streams", "a"], value: undefined }])).toMatchObject({ ok: true });
  expect(keeper.current.streams.size).toBe(0);
});

test("the last stream of a file can be removed and another added again", async () => {
  const { keeper, store } = await keeperOf({ "/c/streams.yaml": "# mine\na: { source: /1 }\n" }, "/c");
  await keeper.change([{ path: ["streams", "a"], value: undefined }]);
  expect(store.files["/c/streams.yaml"]).toBe("# mine\n");
  await keeper.change([{ path: ["streams", "b"], value: { source: "/2" } }]);
  expect(store.files["/c/streams.yaml"]).toBe("# mine\nb:\n  source: /2\n");
});

test("change() refuses what the environment or the command line decides", async () => {
  const more = {
    environment: { FOGCAST_LOG__LEVEL: "warn" },
    overrides: [{ path: ["http", "listen"], value: ":0", from: "--port" }],
  };
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml", more);
  expect(refusal(await keeper.change([{ path: ["log", "level"], value: "debug" }]))).toBe(
    "log.level is decided by FOGCAST_LOG__LEVEL: a change would have no effect",
  );
  expect(refusal(await keeper.change([{ path: ["http"], value: { listen: ":90" } }]))).toBe(
    "http.listen is decided by --port: a change would have no effect",
  );
  expect(store.files["f.yaml"]).toBe(MAIN);
});

test("change() keeps what somebody else saved since the file was read", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  store.files["f.yaml"] = MAIN.replace("idle: 5s", "idle: 6s # by hand");
  await keeper.change([{ path: ["streams", "b", "idle"], value: "1s" }]);
  expect(store.files["f.yaml"]).toContain("idle: 6s # by hand");
  expect(keeper.current.streams.get("a")?.idleMillis).toBe(6000);
  expect(keeper.current.streams.get("b")?.idleMillis).toBe(1000);
});

test("change() starts over when somebody else saves while it does", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  let others = 2;
  store.beforeWrite = () => {
    if (others-- > 0) store.files["f.yaml"] += `  o${others}: { source: /o }\n`;
  };
  const answer = await keeper.change([{ path: ["streams", "b", "idle"], value: "1s" }]);
  expect(answer).toMatchObject({ ok: true });
  expect([...keeper.current.streams.keys()]).toEqual(["a", "b", "o1", "o0"]);
  store.beforeWrite = () => void (store.files["f.yaml"] += "# again\n");
  const late = await keeper.change([{ path: ["streams", "b", "idle"], value: "2s" }]);
  expect(refusal(late)).toBe("the files keep changing on the disk: try again");
});

test("two changes at once are both kept", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  await Promise.all([
    keeper.change([{ path: ["streams", "a", "idle"], value: "1s" }]),
    keeper.change([{ path: ["streams", "b", "idle"], value: "2s" }]),
  ]);
  expect(store.files["f.yaml"]).toBe(
    MAIN.replace("idle: 5s", "idle: 1s").replace("c/2 }", "c/2, idle: 2s }"),
  );
});

test("change() refuses while the disk holds something faulty, which stays as it is", async () => {
  const { keeper, store } = await keeperOf({ "f.yaml": MAIN }, "f.yaml");
  store.files["f.yaml"] = "streams: [";
  const answer = await keeper.change([{ path: ["log", "level"], value: "warn" }]);
  expect(refusal(answer)).toBe("the files on the disk are faulty: mend them first");
  expect(store.files["f.yaml"]).toBe("streams: [");
  expect(keeper.current.streams.size).toBe(2);
});

test("a full disk leaves every file and the running configuration as they were", async () => {
  const { keeper, store } = await keeperOf(FOLDER, "/c");
  store.beforeWrite = (path) => {
    if (path === "/site/hls.yaml") throw new Error("ENOSPC: no space left on device");
  };
  const answer = await keeper.change([
    { path: ["log", "level"], value: "warn" },
    { path: ["streams", "n"], value: { source: "/n" } },
    { path: ["hls", "window"], value: "20s" },
  ]);
  expect(refusal(answer)).toBe(
    "nothing was changed: Cannot write /site/hls.yaml: ENOSPC: no space left on device",
  );
  expect(store.files).toEqual(FOLDER);
  expect(keeper.current.log.level).toBe("info");
});

test("a disk that is full for putting back too is said, with the file that stayed changed", async () => {
  const { keeper, store } = await keeperOf(FOLDER, "/c");
  store.beforeWrite = () => {
    if (store.writes.length > 0) throw new Error("ENOSPC: no space left on device");
  };
  const answer = await keeper.change([
    { path: ["log", "level"], value: "warn" },
    { path: ["hls", "window"], value: "20s" },
  ]);
  expect(refusal(answer)).toBe(
    "saved in part only, these files could not be put back: /c/fogcast.yaml (ENOSPC: no space left on device)",
  );
  expect(keeper.current.log.level).toBe("info");
});

test("a server without files refuses changes", async () => {
  const { keeper } = await keeperOf({}, undefined);
  expect(refusal(await keeper.change([{ path: ["log", "level"], value: "warn" }]))).toBe(
    "this server runs without configuration files",
  );
});

test("a stream named as the section is not mistaken for it", async () => {
  const { keeper, store } = await keeperOf({ "/c/streams.yaml": "{}\n" }, "/c");
  const answer = await keeper.change([{ path: ["streams", "streams"], value: { source: "/x" } }]);
  expect(answer.ok).toBe(false);
  expect(store.files["/c/streams.yaml"]).toBe("{}\n");
});
