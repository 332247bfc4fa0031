import { expect, test } from "bun:test";
import { load } from "./memory_files.ts";

async function good(content: Record<string, string>, path: string | undefined, more = {}) {
  const loaded = await load(content, path, more);
  expect(loaded.errors.map((e) => e.message)).toEqual([]);
  if (loaded.config === undefined) throw new Error("expected a configuration");
  return { ...loaded, config: loaded.config };
}

test("loadConfig() of the smallest file decides everything else", async () => {
  const yaml = `streams:
  front-door:
    source: rtsp://user:pass@camera.local:554/Streaming/Channels/101
`;
  const { config, warnings } = await good({ "fogcast.yaml": yaml }, "fogcast.yaml");
  expect(warnings).toEqual([]);
  expect(config).toEqual(
    {
      log: {
        level: "info",
        format: "text",
        colour: "auto",
        lines: 1000,
        linesPerSecond: 50,
        file: "",
        fileMaxBytes: 10 * 1024 * 1024,
        fileKeep: 5,
        syslog: undefined,
        priorities: "auto",
      },
      accessLog: { target: "", maxBytes: 20 * 1024 * 1024, keep: 5 },
      metrics: { enabled: true, perStream: true, passphrase: undefined },
      http: {
        listen: [{ hostname: "", port: 8080 }],
        tls: undefined,
        http2: true,
        http3: false,
        workers: 0,
        proxies: [],
        publicAddress: [],
        redirect: false,
        noStreamText: "",
      },
      rtspServer: {
        listen: [{ hostname: "", port: 5554 }],
        tls: undefined,
        packetSize: 1472,
        timeoutMillis: 60_000,
        accounts: {},
        multicast: { group: "239.192.54.1", port: 30_000, ttl: 16, interface: "" },
      },
      api: { listen: [{ hostname: "", port: 4242 }], udp: true, browse: [], uiSettings: "", accounts: {} },
      hls: { segmentMillis: 2000, partMillis: 200, windowMillis: 30_000, lowLatency: true },
      buffer: { maxBytesPerTrack: 64 * 1024 * 1024, totalBytes: 0 },
      limits: { maxViewers: 0, bandwidth: 0 },
      push: { waitMillis: 3000, maxSpeed: 0, auto: new Map() },
      variables: new Map(),
      sources: { rtsp: { transport: "auto", timeout: 10_000 }, file: { loop: true } },
      streams: new Map([["front-door", {
        name: "front-door",
        source: "rtsp://user:pass@camera.local:554/Streaming/Channels/101",
        sourceKind: "rtsp",
        alwaysOn: false,
        idleMillis: 30_000,
        rtspPassword: undefined,
        tags: [],
        segmentMillis: 2000,
        partMillis: 200,
        windowMillis: 30_000,
        values: { transport: "auto", timeout: 10_000 },
      }]]),
    },
  );
  expect(structuredClone(config)).toEqual(config);
});

test("loadConfig() without a path answers defaults", async () => {
  expect((await good({}, undefined)).config.streams.size).toBe(0);
});

test("loadConfig() takes comments alone, and sections without a value, for nothing", async () => {
  expect((await good({ "f.yaml": "# nothing yet\n" }, "f.yaml")).config.streams.size).toBe(0);
  expect((await good({ "f.yaml": "http:\nstreams:\nhls: ~\n" }, "f.yaml")).config.http.listen[0]?.port).toBe(
    8080,
  );
});

test("streams inherit from hls and from their source's section, and may differ", async () => {
  const yaml = `
hls: { segment: 4, part: 0.5, window: 1m }
rtsp: { transport: tcp }
streams:
  a: { source: rtsp://c/1 }
  b: { source: rtsp://c/2, transport: udp, segment: 1s, part: 100ms, idle: 5m, alwaysOn: true, timeout: 2 }
  c: { source: /clip.mp4, loop: false }
`;
  const { config } = await good({ "f.yaml": yaml }, "f.yaml");
  expect(config.streams.get("a")).toMatchObject({
    segmentMillis: 4000,
    partMillis: 500,
    windowMillis: 60_000,
  });
  expect(config.streams.get("a")?.values).toEqual({ transport: "tcp", timeout: 10_000 });
  expect(config.streams.get("b")).toMatchObject({
    segmentMillis: 1000,
    partMillis: 100,
    windowMillis: 60_000,
    idleMillis: 300_000,
    alwaysOn: true,
    values: { transport: "udp", timeout: 2000 },
  });
  expect(config.streams.get("c")).toMatchObject({ sourceKind: "file", values: { loop: false } });
});

test("loadConfig() reads listening addresses and TLS files beside the file that names them", async () => {
  const yaml = `
http:
  listen: [":80", "127.0.0.1:8080", "[::1]:8080", 81]
  tls: { cert: tls/a.pem, key: /etc/k.pem }
  http3: true
`;
  const { config } = await good({ "/etc/fogcast/f.yaml": yaml }, "/etc/fogcast/f.yaml");
  expect(config.http).toEqual({
    listen: [
      { hostname: "", port: 80 },
      { hostname: "127.0.0.1", port: 8080 },
      { hostname: "::1", port: 8080 },
      { hostname: "", port: 81 },
    ],
    tls: {
      listen: [{ hostname: "", port: 8443 }],
      certificates: [{ cert: "/etc/fogcast/tls/a.pem", key: "/etc/k.pem" }],
      names: [],
    },
    http2: true,
    http3: true,
    workers: 0,
    proxies: [],
    publicAddress: [],
    redirect: false,
    noStreamText: "",
  });
  expect((await good({ "f.yaml": "http: { listen: [] }" }, "f.yaml")).config.http.listen).toEqual([]);
});

test("loadConfig() reads several certificates, one of its own making, proxies and public addresses", async () => {
  const yaml = `
http:
  tls: { listen: ":443", cert: [a.pem, b.pem], key: [a.key, b.key] }
  proxies: [10.0.0.2, 10.1.0.0/16, "2001:db8::/32", proxy.local]
  publicAddress: [HTTPS://Cdn.Example/cams/, "http://192.0.2.1:8080"]
  redirect: true
`;
  const { http } = (await good({ "/etc/f.yaml": yaml }, "/etc/f.yaml")).config;
  expect(http.tls?.certificates).toEqual([
    { cert: "/etc/a.pem", key: "/etc/a.key" },
    { cert: "/etc/b.pem", key: "/etc/b.key" },
  ]);
  expect(http.proxies).toEqual(["10.0.0.2", "10.1.0.0/16", "2001:db8::/32", "proxy.local"]);
  expect(http.publicAddress).toEqual(["https://cdn.example/cams", "http://192.0.2.1:8080"]);
  expect(http.redirect).toBe(true);
  const own = { listen: [{ hostname: "", port: 8443 }], certificates: [] };
  const auto = await good({ "f.yaml": "http: { tls: auto }" }, "f.yaml");
  expect(auto.config.http.tls).toEqual({ ...own, names: [] });
  const named = await good({ "f.yaml": "http: { tls: { names: [box.example, 192.0.2.1] } }" }, "f.yaml");
  expect(named.config.http.tls).toEqual({ ...own, names: ["box.example", "192.0.2.1"] });
});

test("loadConfig() reads JSON with comments and tabs, with true positions", async () => {
  const json =
    '{\n\t// the "cameras"\n\t"streams": { /* one, */ "a": {\n\t\t"source": "rtsp://c/1//x",\n\t} },\n}\n';
  expect((await good({ "f.json": json }, "f.json")).config.streams.get("a")?.source).toBe("rtsp://c/1//x");
  const bad = await load({ "f.json": '{\n\t/* \n */ "http": { "prt": 1 } }' }, "f.json");
  expect(bad.errors.map((e) => e.message)).toEqual([
    "f.json:3:15: http.prt: unknown key, did you mean port?",
  ]);
});

test("loadConfig() joins the files of a folder in order", async () => {
  const { config, files, warnings } = await good({
    "/c/fogcast.yaml": "hls: { segment: 3 }\nstreams: { a: { source: rtsp://main/a, idle: 1s } }\n",
    "/c/hls.yaml": "window: 20\n",
    "/c/streams.yaml": "a: { source: rtsp://own/a }\nb: { source: rtsp://own/b }\n",
    "/c/streams.d/10-hall.yaml": "b: { source: rtsp://hall/b }\nc: { source: rtsp://hall/c }\n",
    "/c/streams.d/20-yard.json": '{ "c": { "source": "rtsp://yard/c" } }',
    "/c/streams.d/README.md": "not read",
    "/c/streams.d/.hidden.yaml": "][",
    "/c/notes.txt": "not read",
  }, "/c");
  expect(warnings).toEqual([]);
  expect(config.hls).toMatchObject({ segmentMillis: 3000, windowMillis: 20_000 });
  expect([...config.streams].map(([name, s]) => [name, s.source, s.idleMillis])).toEqual([
    ["a", "rtsp://own/a", 1000],
    ["b", "rtsp://hall/b", 30_000],
    ["c", "rtsp://yard/c", 30_000],
  ]);
  expect(files.map((f) => [f.path, ...f.sections])).toEqual([
    ["/c/fogcast.yaml", "hls", "streams"],
    ["/c/hls.yaml", "hls"],
    ["/c/streams.yaml", "streams"],
    ["/c/streams.d/10-hall.yaml", "streams"],
    ["/c/streams.d/20-yard.json", "streams"],
  ]);
});

test("loadConfig() needs no main file in a folder, but some file", async () => {
  const one = await good({ "/c/streams.yaml": "a: { source: rtsp://c/1 }" }, "/c");
  expect(one.config.streams.size).toBe(1);
  const none = await load({ "/c/notes.txt": "" }, "/c");
  expect(none.errors[0]?.message).toContain("/c: no configuration in this folder");
  const two = await load({ "/c/fogcast.yaml": "{}", "/c/fogcast.json": "{}" }, "/c");
  expect(two.errors[0]?.message).toBe("/c: more than one main file: fogcast.json, fogcast.yaml");
});

test("loadConfig() warns of a file in the folder that is no section", async () => {
  const { warnings } = await good({ "/c/fogcast.yaml": "{}", "/c/stream.yaml": "{}" }, "/c");
  expect(warnings.map((w) => w.message)).toEqual([
    "/c/stream.yaml: not read: no section has this name, did you mean streams?",
  ]);
});

test("loadConfig() says the file of an error in any of them, with the section's path", async () => {
  const loaded = await load({
    "/c/fogcast.yaml": "{}",
    "/c/streams.d/a.yaml": "cam:\n  source: rtsp://c/1\n  transport: upd\ncam: {}\n",
    "/c/log.yaml": "- 1\n",
  }, "/c");
  expect(loaded.errors.map((e) => e.message)).toEqual([
    "/c/log.yaml:1:1: expected a mapping: the keys of log, got a list",
    "/c/streams.d/a.yaml:4:1: streams.cam: key is given twice in one mapping",
    '/c/streams.d/a.yaml:3:14: streams.cam.transport: expected tcp, udp or auto, got "upd"',
  ]);
});

test("loadConfig() follows include, relative to the main file, and reads no file twice", async () => {
  const { config, files } = await good({
    "/c/fogcast.yaml": "include: { streams: [streams.yaml, ../site/more.yaml], hls: hls.json }\n",
    "/c/streams.yaml": "a: { source: rtsp://c/1 }\n",
    "/c/../site/more.yaml": "streams: { b: { source: rtsp://c/2 } }\n",
    "/c/hls.json": '{ "hls": { "segment": "5s" } }',
  }, "/c");
  expect([...config.streams.keys()]).toEqual(["a", "b"]);
  expect(config.hls.segmentMillis).toBe(5000);
  expect(files.length).toBe(4);
  const single = await good({
    "f.yaml": "include: { log: sub/log.yaml }",
    "sub/log.yaml": "level: debug",
    "http.yaml": "port: 1",
  }, "f.yaml");
  expect([single.config.log.level, single.config.http.listen[0]?.port]).toEqual(["debug", 8080]);
});

test("aliases and merge keys carry settings from stream to stream", async () => {
  const yaml = `
streams:
  a: &camera { source: rtsp://c/1, alwaysOn: true, transport: tcp }
  b: { <<: *camera, source: rtsp://c/2 }
  c: { <<: [{ idle: 1s }, *camera], transport: udp }
`;
  const { config } = await good({ "f.yaml": yaml }, "f.yaml");
  expect(config.streams.get("b")).toMatchObject({
    source: "rtsp://c/2",
    alwaysOn: true,
    values: { transport: "tcp" },
  });
  expect(config.streams.get("c")).toMatchObject({
    source: "rtsp://c/1",
    idleMillis: 1000,
    values: { transport: "udp" },
  });
});

test("environment variables win over files, whatever their case and underscores", async () => {
  const environment = {
    FOGCAST_HTTP__PORT: "9000",
    FOGCAST_BUFFER__MAX_MEGABYTES_PER_TRACK: "8",
    FOGCAST_BUFFER__TOTAL_MEGABYTES: "96",
    FOGCAST_HLS__LOW_LATENCY: "false",
    FOGCAST_RTSP__TRANSPORT: "tcp",
    FOGCAST_STREAMS__FRONT_DOOR__IDLE: "5s",
    FOGCAST_STREAMS__YARD__SOURCE: "rtsp://yard/1",
    FOGCAST_STREAMS__YARD__ALWAYS_ON: "true",
    FOGCAST_HOME: "not ours",
    PATH: "not ours",
  };
  const yaml = "http: { listen: ':1' }\nstreams: { front-door: { source: rtsp://c/1, idle: 1h } }\n";
  const { config } = await good({ "f.yaml": yaml }, "f.yaml", { environment });
  expect(config.http.listen).toEqual([{ hostname: "", port: 9000 }]);
  expect(config.buffer).toEqual({ maxBytesPerTrack: 8 * 1024 * 1024, totalBytes: 96 * 1024 * 1024 });
  expect(config.hls.lowLatency).toBe(false);
  expect(config.streams.get("front-door")).toMatchObject({ idleMillis: 5000, values: { transport: "tcp" } });
  expect(config.streams.get("yard")).toMatchObject({ source: "rtsp://yard/1", alwaysOn: true });
  const list = await good({}, undefined, { environment: { FOGCAST_HTTP__LISTEN: ":1, [::1]:2" } });
  expect(list.config.http.listen).toEqual([{ hostname: "", port: 1 }, { hostname: "::1", port: 2 }]);
});

test("an environment variable of a section with one underscore too few is warned of", async () => {
  const environment = {
    FOGCAST_HTTP_PORT: "9000",
    FOGCAST_RTSP_SERVER_PACKET_SIZE: "1000",
    FOGCAST_STREAMS: "{}",
    FOGCAST_HOME: "not ours",
    FOGCAST_HTTPD_PORT: "not ours",
  };
  const loaded = await load({}, undefined, { environment });
  expect(loaded.errors).toEqual([]);
  const as = "not read: two underscores divide section and key, as in";
  expect(loaded.warnings.map((w) => w.message)).toEqual([
    `FOGCAST_HTTP_PORT: ${as} FOGCAST_HTTP__PORT`,
    `FOGCAST_RTSP_SERVER_PACKET_SIZE: ${as} FOGCAST_RTSP_SERVER__PACKET_SIZE`,
    `FOGCAST_STREAMS: ${as} FOGCAST_STREAMS__KEY`,
  ]);
});

test("errors of environment variables name the variable", async () => {
  const environment = {
    FOGCAST_HTTP__PROT: "1",
    FOGCAST_HTTPS__PORT: "1",
    FOGCAST_LOG__LEVEL: "loud",
    FOGCAST_LOG__: "x",
  };
  const loaded = await load({}, undefined, { environment });
  expect(loaded.errors.map((e) => e.message)).toEqual([
    "FOGCAST_HTTPS__PORT: unknown section, did you mean http?",
    "FOGCAST_HTTP__PROT: unknown key, did you mean port?",
    "FOGCAST_LOG__: expected a key between the underscores",
    'FOGCAST_LOG__LEVEL: log.level: expected debug, info, warn or error, got "loud"',
  ]);
});

test("values refer to the environment and to files, which keeps secrets out of synced files", async () => {
  const { config, decided } = await good(
    {
      "/c/f.yaml": `
http: { workers: "\${WORKERS}" }
rtsp: { token: !file secret.txt }
streams:
  a: { source: "rtsp://\${USER:-admin}:\${PASS}@c/1", idle: "\${IDLE:-7s}" }
  b: { source: "rtsp://c/$\${literal}" }
`,
      "/c/secret.txt": "hush\n",
    },
    "/c/f.yaml",
    { environment: { WORKERS: "3", PASS: "p4ss" } },
  );
  expect(config.http.workers).toBe(3);
  expect(config.streams.get("a")).toMatchObject({
    source: "rtsp://admin:p4ss@c/1",
    idleMillis: 7000,
    values: { token: "hush" },
  });
  expect(config.streams.get("b")?.source).toBe("rtsp://c/${literal}");
  expect(JSON.stringify(decided)).not.toMatch(/p4ss|hush/);
});

test("a password of digits keeps its leading zeros", async () => {
  const { config } = await good({ "f.yaml": "rtsp: { token: 0042 }" }, "f.yaml");
  expect(config.sources.rtsp?.token).toBe("0042");
});

test("loadConfig() keeps the documents, comments included, for saving", async () => {
  const yaml = "# my cameras\nstreams:\n  # front\n  a:\n    source: rtsp://c/1 # loud\n";
  const { files } = await good({ "f.yaml": yaml }, "f.yaml");
  expect(String(files[0]?.document)).toBe(yaml);
});

test("loadConfig() reports a main file that cannot be read", async () => {
  const loaded = await load({}, "gone.yaml");
  expect(loaded.errors.map((e) => e.message)).toEqual(["gone.yaml: cannot be read: no such file"]);
});
