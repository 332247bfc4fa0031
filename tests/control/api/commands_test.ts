import { expect, test } from "bun:test";
import { COMMANDS } from "../../../src/control/api/command_table.ts";
import { printKey } from "../../../src/control/session/session_row.ts";
import { sha256Hex } from "../../../src/host/hash.ts";
import { addViewer, makeApi, status, type TestApi } from "./api_fixture.ts";

/** Each command with a value, and what its part of the answer must hold. */
interface Case {
  readonly name: string;
  readonly give: Record<string, unknown>;
  readonly before?: (api: TestApi) => void;
  /** What the answer has beside LTS and authorize. */
  readonly want: unknown;
  readonly after?: (api: TestApi) => void;
}

/** Id of the session that `addViewer` makes. */
function idOf(stream: string): string {
  return sha256Hex(
    printKey({ stream, remote: "10.0.0.9", userAgent: "tv", protocol: "HLS", token: "" }),
  ).slice(0, 32);
}

const FRONT = { name: "front", source: "rtsp://***@cam/1", transport: "tcp", online: 0 };

const PUSHED = [
  1,
  "door",
  "wire://***@h?ttl=2",
  "wire://***@h?ttl=2",
  [],
  {
    active_seconds: 0,
    active_ms: 0,
    bytes: 0,
    mediatime: 0,
    media_tx: 0,
    tracks: [],
    current_target: "wire://***@h?ttl=2",
    pkt_sent_count: 0,
    pkt_loss_count: 0,
    pkt_loss_perc: 0,
    pkt_retrans_count: 0,
  },
];

const cases: readonly Case[] = [
  {
    name: "discover",
    give: { discover: true },
    want: {
      discover: {
        cameras: [expect.objectContaining({ host: "10.0.0.7", streams: [], trouble: "wants a login" })],
        new: [],
      },
    },
  },
  {
    name: "discover with a login, adding what is found",
    give: { discover: { user: "joe", password: "hush", add: true, seconds: 1, interfaces: "lo" } },
    want: {
      discover: {
        cameras: [
          expect.objectContaining({ streams: [expect.objectContaining({ url: "rtsp://10.0.0.7/1" })] }),
        ],
        added: [{ name: "found-1", source: "rtsp://***@10.0.0.7/1" }],
      },
    },
    after: (api) => expect(api.file()).toContain("found-1:\n    source: rtsp://joe:hush@10.0.0.7/1"),
  },
  { name: "version", give: { version: true }, want: { version: "1.2.3" } },
  {
    name: "several at once, in one answer",
    give: { version: true, save: true },
    want: { version: "1.2.3", save: true },
  },
  {
    name: "a command that is none",
    give: { frobnicate: 1 },
    want: { frobnicate: { error: "unknown command" } },
  },
  {
    name: "proc_list, which is not there yet",
    give: { proc_list: "front" },
    want: { proc_list: { error: "unknown command" } },
  },
  {
    name: "push_start, and a list of what runs",
    give: { push_start: { stream: "door", target: "wire://joe:hush@h?ttl=2" }, push_list: true },
    want: { push_list: [PUSHED] },
  },
  {
    name: "push_start as a list, to a target that cannot be",
    give: { push_start: ["door", "smoke://h"] },
    want: {
      push_start: {
        error: "expected the target of a push: wire (wire://239.1.2.3:5000)",
        key: "target",
      },
    },
  },
  {
    name: "push_stop of numbers and of a stream",
    give: { push_stop: ["door", 99] },
    want: { push_list: [] },
  },
  { name: "push_stop_graceful", give: { push_stop_graceful: 7 }, want: { push_list: [] } },
  {
    name: "push_auto_add as an object of pushes: written to the file",
    give: {
      push_auto_add: {
        lobby: { stream: "front", target: "wire://joe:hush@h", end_rule: ["hour", 10, "17"] },
      },
    },
    want: {
      push_auto_list: {
        lobby: {
          stream: "front",
          target: "wire://***@h",
          scheduletime: 0,
          completetime: 0,
          start_rule: [],
          end_rule: ["hour", 10, "17"],
          inhibit: [],
        },
      },
    },
    after: (api) => expect(api.file()).toContain("target: wire://joe:hush@h"),
  },
  {
    name: "push_auto_add of a target that cannot be: refused whole",
    give: { push_auto_add: ["front", "smoke://h"] },
    want: {
      push_auto_add: expect.objectContaining({
        error: expect.stringContaining("expected the target of a push: wire"),
        file: "/etc/fogcast.yaml",
      }),
    },
    after: (api) => expect(api.file()).not.toContain("smoke"),
  },
  { name: "push_auto_list", give: { push_auto_list: true }, want: { push_auto_list: {} } },
  { name: "push_auto_remove", give: { push_auto_remove: ["lobby"] }, want: { push_auto_list: {} } },
  {
    name: "push_settings",
    give: { push_settings: { wait: 7, maxspeed: 3 } },
    want: { push_settings: { wait: 7, maxspeed: 3 } },
    after: (api) => expect(api.file()).toContain("wait: 7"),
  },
  { name: "streams", give: { streams: true }, want: { streams: { front: FRONT } } },
  {
    name: "streams of one that runs and one that cannot",
    give: { streams: true },
    before: (api) => api.running.push(status("front", { state: "waiting", reason: "no route" })),
    want: { streams: { front: { ...FRONT, error: "no route" } } },
  },
  {
    name: "streams, replacing all: the one that stays keeps its comments and its password",
    give: { streams: { front: FRONT, back: { source: "rtsp://cam/2" } } },
    want: { streams: { front: FRONT, back: { name: "back", source: "rtsp://cam/2", online: 0 } } },
    after: (api) => {
      expect(api.file()).toContain("  # the door\n  front: # north\n    source: rtsp://joe:hush@cam/1\n");
      expect(api.file()).not.toContain("***");
    },
  },
  {
    name: "streams, replacing all by none",
    give: { streams: {} },
    want: { streams: {} },
    after: (api) => expect(api.file()).toContain("log: { level: info } # quiet"),
  },
  {
    name: "addstream in the reference's words",
    give: {
      addstream: {
        cam2: {
          name: "cam2",
          source: "rtsp://cam/2",
          always_on: true,
          DVR: 60000,
          segmentsize: 4000,
          tags: [],
          stop_sessions: false,
        },
      },
    },
    want: {
      streams: {
        "cam2": {
          name: "cam2",
          source: "rtsp://cam/2",
          always_on: true,
          DVR: 60000,
          segmentsize: 4000,
          online: 0,
        },
        "incomplete list": 1,
      },
    },
    after: (api) => {
      expect(api.file()).toContain(
        "  cam2:\n    source: rtsp://cam/2\n    alwaysOn: true\n    window: 1m\n    segment: 4s\n",
      );
      expect(api.file()).toContain("# the door");
    },
  },
  {
    name: "addstream of what the answer said, sent back with one change",
    give: { addstream: { front: { ...FRONT, transport: "udp" } } },
    want: { streams: { "front": { ...FRONT, transport: "udp" }, "incomplete list": 1 } },
    after: (api) => expect(api.file()).toContain("source: rtsp://joe:hush@cam/1\n    transport: udp"),
  },
  {
    name: "addstream with a wrong value: nothing is written",
    give: { addstream: { cam2: { source: "rtsp://c/2", transport: "upd" } } },
    want: {
      addstream: {
        error: expect.stringContaining("streams.cam2.transport: expected tcp, udp or auto"),
        file: "/etc/fogcast.yaml",
        line: 10,
        key: "streams.cam2.transport",
        expected: "tcp, udp or auto",
        found: '"upd"',
      },
    },
    after: (api) => expect(api.store.writes).toEqual([]),
  },
  {
    name: "addstream into a read-only file",
    give: { addstream: { cam2: { source: "rtsp://c/2" } } },
    before: (api) => api.store.readOnly.add("/etc/fogcast.yaml"),
    want: { addstream: { error: expect.stringContaining("read-only") } },
    after: (api) => expect(api.store.writes).toEqual([]),
  },
  {
    name: "addstream under an impossible name",
    give: { addstream: { "a/b": { source: "rtsp://c/2" } } },
    want: { addstream: expect.objectContaining({ key: "name", found: "a/b" }) },
  },
  { name: "deletestream by name", give: { deletestream: "front" }, want: { streams: {} } },
  { name: "deletestream by list", give: { deletestream: ["front", "nosuch"] }, want: { streams: {} } },
  { name: "deletestream by keys", give: { deletestream: { front: {} } }, want: { streams: {} } },
  {
    name: "deletestream of a number",
    give: { deletestream: 5 },
    want: { deletestream: expect.objectContaining({ found: "5" }) },
  },
  {
    name: "active_streams",
    give: { active_streams: true },
    before: (api) => api.running.push(status("front"), status("b", { state: "idle" })),
    want: { active_streams: ["front"] },
  },
  {
    name: "active_streams with fields",
    give: { active_streams: ["viewers", "status", "nosuch", "viewseconds"] },
    before: (api) => api.running.push(status("front")),
    want: { active_streams: { front: [1, 4, null, 12] } },
  },
  {
    name: "active_streams, long, of some",
    give: { active_streams: { fields: ["clients", "upbytes"], streams: ["base+"], longform: true } },
    before: (api) => api.running.push(status("front"), status("base+x")),
    want: { active_streams: { "base+x": { clients: 2, upbytes: 5000 } } },
  },
  {
    name: "active_streams with tags",
    give: { active_streams: ["tags"] },
    before: (api) => api.running.push(status("front")),
    want: { active_streams: { front: [["north"]] } },
  },
  {
    name: "tag_stream, and the tags of all that run",
    give: {
      tag_stream: { front: ["day", "day", "recorded"], yard: "day", "base+x": "day" },
      stream_tags: true,
    },
    before: (api) => api.running.push(status("front"), status("b"), status("yard", { state: "idle" })),
    want: { stream_tags: { front: ["day", "recorded"], b: null } },
    after: (api) => expect(api.file()).not.toContain("recorded"),
  },
  {
    name: "tag_stream with what is no tag",
    give: { tag_stream: { front: "#day" }, stream_tags: "front" },
    want: {
      tag_stream: {
        error: expect.stringContaining("expected a tag of at most 64 letters"),
        key: "tag",
        expected: expect.anything(),
        found: '"#day"',
      },
      stream_tags: { front: null },
    },
  },
  {
    name: "tags of the configuration, and untag_stream of one",
    give: {
      addstream: { gate: { source: "rtsp://g/", tags: ["day", "north"] } },
      untag_stream: { gate: "day", front: "nosuch" },
      stream_tags: ["gate", "gate+x"],
    },
    want: {
      streams: expect.objectContaining({ gate: expect.objectContaining({ tags: ["day", "north"] }) }),
      stream_tags: { gate: ["north"], "gate+x": ["day", "north"] },
    },
  },
  {
    name: "push_start of all streams of a tag",
    give: { tag_stream: { yard: "day", door: "day" }, push_start: ["#day", "wire://h"] },
    want: {
      push_list: [expect.arrayContaining([1, "door"]), expect.arrayContaining([2, "yard"])],
    },
  },
  {
    name: "push_start of a tag that no stream has",
    give: { push_start: ["#day", "wire://h"] },
    want: { push_start: { error: "there is no stream of #day" } },
  },
  {
    name: "stats_streams",
    give: { stats_streams: ["clients", "lastms"] },
    before: (api) => api.running.push(status("front")),
    want: { stats_streams: { front: [2, 0] } },
  },
  {
    name: "clients without a time",
    give: { clients: { fields: ["host", "stream", "protocol", "up"] } },
    before: (api) => addViewer(api, 1, "front"),
    want: {
      clients: {
        time: 1_700_000_001,
        fields: ["host", "stream", "protocol", "up"],
        data: [["10.0.0.9", "front", "HLS", 1000]],
      },
    },
  },
  {
    name: "clients of other streams",
    give: { clients: [{ streams: ["back"], fields: ["host"] }] },
    before: (api) => addViewer(api, 1, "front"),
    want: { clients: [{ time: 1_700_000_001, fields: ["host"], data: [] }] },
  },
  {
    name: "totals",
    give: { totals: { start: -60, fields: ["clients", "upbps"] } },
    before: (api) => {
      addViewer(api, 1, "front");
      api.clock.advance(5000);
      api.sessions.tick();
    },
    want: {
      totals: {
        start: 1_700_000_006,
        end: 1_700_000_006,
        interval: [[1, 5]],
        fields: ["clients", "upbps"],
        data: [[1, 200]],
      },
    },
  },
  {
    name: "stop_sessions of one stream",
    give: { stop_sessions: "front" },
    before: (api) => {
      addViewer(api, 1, "front");
      addViewer(api, 2, "back");
    },
    want: {},
    after: (api) => expect(api.sessions.list().map((s) => s.stream)).toEqual(["back"]),
  },
  {
    name: "stop_sessions of a protocol that nobody uses",
    give: { stop_sessions: { front: "RTMP" } },
    before: (api) => addViewer(api, 1, "front"),
    want: {},
    after: (api) => expect(api.sessions.size).toBe(1),
  },
  {
    name: "tag_sessid, and stop_tag of another tag",
    give: {
      tag_sessid: { [idOf("front")]: ["vip", "vip", "paid"], [idOf("back")]: "vip" },
      stop_tag: ["free"],
    },
    before: (api) => {
      addViewer(api, 1, "front");
      addViewer(api, 2, "back");
    },
    want: {},
    after: (api) => expect(api.sessions.list().map((s) => s.tags)).toEqual([["vip", "paid"], ["vip"]]),
  },
  {
    name: "tag_sessid of one that is not there",
    give: { tag_sessid: { nosuch: "vip" } },
    want: { tag_sessid: { error: "no such session", key: "nosuch" } },
  },
  {
    name: "stop_tag",
    give: { tag_sessid: { [idOf("front")]: "paid" }, stop_tag: "paid" },
    before: (api) => {
      addViewer(api, 1, "front");
      addViewer(api, 2, "back");
    },
    want: {},
    after: (api) => {
      expect(api.sessions.list().map((s) => s.stream)).toEqual(["back"]);
      expect(api.sessions.refused().map((r) => r.key.stream)).toEqual(["front"]);
    },
  },
  {
    name: "stop_tag of a user agent",
    give: { stop_tag: ["UA:tv", "free"] },
    before: (api) => addViewer(api, 1, "front"),
    want: {},
    after: (api) => expect(api.sessions.size).toBe(0),
  },
  {
    name: "stop_sessid of one that is not there",
    give: { stop_sessid: "nosuch" },
    want: {},
  },
  { name: "invalidate_sessions", give: { invalidate_sessions: "front" }, want: {} },
  {
    name: "variable_add of a value, as a list and as an object",
    give: { variable_add: ["room", "hall"] },
    want: { variable_list: { room: { target: "", interval: 0, waitTime: 5, lastunix: 0, value: "hall" } } },
    after: (api) => expect(api.file()).toContain("variables:\n  room: hall\n"),
  },
  {
    name: "variable_add of what a command answers, and its list",
    give: {
      variable_add: { name: "room", target: "hostname -s", interval: 9, waitTime: 1, value: "first" },
      variable_list: true,
    },
    want: {
      variable_list: {
        room: {
          target: "hostname -s",
          interval: 9,
          waitTime: 1,
          lastunix: expect.any(Number),
          value: "answer of hostname -s",
        },
      },
    },
    after: (api) => expect(api.file()).toContain("target: hostname -s"),
  },
  {
    name: "variable_add, the long list, credentials not shown",
    give: { variable_add: ["room", "http://joe:hush@h/", 60, "", 2] },
    want: {
      variable_list: {
        room: expect.objectContaining({ target: "http://***@h/", interval: 60, waitTime: 2 }),
      },
    },
  },
  {
    name: "variable_add of a name that cannot be one",
    give: { variable_add: ["a b", "x"] },
    want: { variable_add: expect.objectContaining({ error: expect.stringContaining("expected a name") }) },
  },
  {
    name: "variable_remove",
    give: { variable_add: ["room", "hall"], variable_remove: ["room", "nosuch"] },
    want: { variable_list: {} },
    after: (api) => expect(api.file()).not.toContain("hall"),
  },
  {
    name: "log",
    give: { log: true },
    before: (api) =>
      api.logs.put({ at: 5000, level: "warn", stream: "front", part: "rtsp", message: "gap rtsp://a:b@c/" }),
    want: { log: [[5, "WARN", "gap rtsp://***@c/", "front", 0, "rtsp", ""]] },
  },
  {
    name: "clearstatlogs before log",
    give: { clearstatlogs: true, log: true },
    before: (api) => api.logs.put({ at: 5000, level: "info", stream: "", part: "x", message: "y" }),
    want: { log: [] },
  },
  {
    name: "config",
    give: { config: true },
    want: { config: expect.objectContaining({ debug: 4, version: "1.2.3", time: 1_700_000_001 }) },
  },
  {
    name: "config with a new level, which survives a restart",
    give: { config: { debug: 5 } },
    want: { config: expect.objectContaining({ debug: 5 }) },
    after: (api) => expect(api.file()).toContain("level: debug"),
  },
  {
    name: "config with proxies that are trusted",
    give: { config: { trustedproxy: ["192.0.2.1", "10.0.0.0/8"] } },
    want: { config: expect.objectContaining({ trustedproxy: ["192.0.2.1", "10.0.0.0/8"] }) },
    after: (api) => expect(api.file()).toContain("10.0.0.0/8"),
  },
  {
    name: "config with one proxy, not in a list",
    give: { config: { trustedproxy: "proxy.local" } },
    want: { config: expect.objectContaining({ trustedproxy: ["proxy.local"] }) },
  },
  {
    name: "config with a proxy that is none",
    give: { config: { trustedproxy: ["1.2.3"] } },
    want: { config: expect.objectContaining({ key: "http.proxies[0]", found: '"1.2.3"' }) },
  },
  {
    name: "config of something that cannot be set",
    give: { config: { serverid: "box 7" } },
    want: { config: expect.objectContaining({ key: "config.serverid" }) },
  },
  {
    name: "config_backup, with what a restore needs",
    give: { config_backup: true },
    want: {
      config_backup: {
        log: { level: "info" },
        streams: { front: { source: "rtsp://joe:hush@cam/1", transport: "tcp" } },
      },
    },
  },
  {
    name: "config_restore writes what differs",
    give: {
      config_restore: {
        log: { level: "warn" },
        streams: { front: { source: "rtsp://joe:hush@cam/1", transport: "tcp" } },
      },
    },
    want: { config_restore: { written: true } },
    after: (api) => {
      expect(api.file()).toContain("log: { level: warn } # quiet");
      expect(api.file()).toContain("front: # north");
    },
  },
  {
    name: "config_restore of a section that is none",
    give: { config_restore: { nosuch: {} } },
    want: { config_restore: expect.objectContaining({ key: "nosuch" }) },
  },
  {
    name: "config_reload",
    give: { config_reload: true },
    before: (api) => {
      api.store.files["/etc/fogcast.yaml"] = "streams: { a: { source: rtsp://c/1 } }\n";
    },
    want: { config_reload: { added: ["a"], removed: ["front"], changed: [], sections: [] } },
  },
  {
    name: "config_reload of a faulty file",
    give: { config_reload: true },
    before: (api) => {
      api.store.files["/etc/fogcast.yaml"] = "stream: {}\n";
    },
    want: { config_reload: expect.objectContaining({ file: "/etc/fogcast.yaml", line: 1, key: "stream" }) },
  },
  { name: "save", give: { save: true }, want: { save: true } },
  {
    name: "capabilities, from the descriptors",
    give: { capabilities: true },
    want: {
      capabilities: expect.objectContaining({
        inputs: expect.objectContaining({ RTSP: expect.objectContaining({ name: "rtsp" }) }),
        connectors: { HLS: expect.objectContaining({ url_rel: "/hls/$/index.m3u8" }) },
        cpu: [{ cores: 2, threads: 2 }],
        cpu_use: 123,
        mem: { total: 512, used: 128, free: 384, shmtotal: 128, shmfree: 32 },
        load: expect.objectContaining({ one: 50, five: 25, fifteen: 100, mem: 25, shm: 75, memory: 25 }),
      }),
    },
  },
  {
    name: "browse, when no folder is allowed",
    give: { browse: "/" },
    want: { browse: { error: expect.stringContaining("api.browse") } },
  },
  { name: "ui_settings before any", give: { ui_settings: true }, want: { ui_settings: {} } },
  {
    name: "ui_settings kept",
    give: { ui_settings: { dark: true } },
    want: { ui_settings: { dark: true } },
    after: (api) => expect(api.file()).toContain("uiSettings"),
  },
  {
    name: "api_endpoint, by the address that was asked",
    give: { api_endpoint: true },
    want: { api_endpoint: "http://127.0.0.1:4242/" },
  },
  {
    name: "load, in percent, as the reference's health check wants it",
    give: { load: true },
    want: { load: { cpu: 12.3, mem: 25, shm: 75, cpu_millis: 12, memory_bytes: 34 } },
  },
  { name: "health", give: { health: true }, want: { health: expect.objectContaining({ status: "ok" }) } },
  { name: "logout of a local caller", give: { logout: true }, want: {} },
  {
    name: "shutdown",
    give: { shutdown: true },
    want: { shutdown: true },
    after: (api) => {
      expect(api.ended.count).toBe(0);
      api.clock.advance(100);
      expect(api.ended.count).toBe(1);
    },
  },
];

for (const c of cases) {
  test(`${c.name}`, async () => {
    const api = await makeApi();
    c.before?.(api);
    const { LTS, authorize, ...answers } = await api.command(c.give);
    expect(LTS).toBe(1);
    expect(authorize).toEqual({ status: "OK", local: true });
    expect(answers).toEqual(c.want as Record<string, unknown>);
    c.after?.(api);
  });
}

test("every command has a case", () => {
  const given = new Set(cases.flatMap((c) => Object.keys(c.give)));
  expect(COMMANDS.map((c) => c.name).filter((name) => !given.has(name))).toEqual([]);
});

test("what was added is there after the configuration was loaded anew", async () => {
  const api = await makeApi();
  await api.command({ addstream: { cam2: { source: "rtsp://c/2" } } });
  const again = await makeApi(api.file());
  expect(Object.keys((await again.command({ streams: true }))["streams"] as object)).toEqual([
    "front",
    "cam2",
  ]);
});

test("browse stays inside the allowed folders", async () => {
  const api = await makeApi(`${YAML_BROWSE}`);
  expect((await api.command({ browse: "/media" }))["browse"]).toEqual({
    path: ["/media"],
    files: ["a.mp4"],
    subdirectories: ["sub"],
  });
  for (
    const path of [
      "/etc",
      "/media/../etc",
      "/mediaother",
      "/media/link",
      "/media/nosuch",
      "/med\0ia",
      "media",
    ]
  ) {
    expect((await api.command({ browse: path }))["browse"]).toEqual({
      error: "no folder that may be listed",
      key: "browse",
    });
  }
});
const YAML_BROWSE = "api: { browse: [/media] }\n";
