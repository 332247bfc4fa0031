import { mergedPlain } from "../../../src/config/edit/plan_edits.ts";
import { Histogram, LATENCY_BOUNDS } from "../../../src/base/histogram.ts";
import { configSchema } from "../../../src/config/json_schema.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { ApiApp } from "../../../src/control/api/api_app.ts";
import type { ApiPorts } from "../../../src/control/api/api_ports.ts";
import { FileConfigKeeper } from "../../../src/control/config/file_config_keeper.ts";
import { PushTable } from "../../../src/control/push/push_table.ts";
import { SessionTable } from "../../../src/control/session/session_table.ts";
import { LogRing } from "../../../src/control/telemetry/log_ring.ts";
import { StreamTags } from "../../../src/control/stream/stream_tags.ts";
import { Variables } from "../../../src/control/variables/variables.ts";
import type { StreamStatus } from "../../../src/control/telemetry/stream_status.ts";
import { COUNTERS } from "../../../src/control/supervise/vitals.ts";
import { equalSecrets, hmacSha256Hex, md5Hex, randomBytes, sha256Hex } from "../../../src/host/hash.ts";
import { FILE, RTSP, WIRE } from "../../config/memory_files.ts";
import { ManualClock } from "../../manual_clock.ts";
import { keptLog, MemoryStore } from "../config/memory_store.ts";

export const YAML = `# my box
log: { level: info } # quiet
streams:
  # the door
  front: # north
    source: rtsp://joe:hush@cam/1
    transport: tcp
`;

/** A camera as the network would show it. */
function foundCamera(trouble: string) {
  const of = {
    id: "1",
    host: "10.0.0.7",
    name: "Gate",
    hardware: "M",
    location: "",
    manufacturer: "X",
    model: "M",
  };
  const stream = {
    token: "t",
    name: "Main",
    video: "H264",
    width: 640,
    height: 360,
    framesPerSecond: 25,
    audio: "",
  };
  const streams = trouble === "" ? [{ ...stream, url: "rtsp://10.0.0.7/1" }] : [];
  return { ...of, firmware: "1", serial: "2", streams, trouble };
}

/** What an API that was taken apart has, for tests. */
export interface TestApi {
  readonly app: ApiApp;
  readonly store: MemoryStore;
  readonly clock: ManualClock;
  readonly sessions: SessionTable;
  readonly logs: LogRing;
  readonly log: ReturnType<typeof keptLog>;
  /** What the stream table would say; tests change it. */
  readonly running: StreamStatus[];
  readonly ended: { count: number };
  ready: boolean;
  handingOver: boolean;
  /** Text of the configuration file now. */
  file(): string;
  /** Asks as a program on this machine would, unless told otherwise. */
  ask(path: string, init?: RequestInit & { remote?: string }): Promise<Response>;
  /** An object of commands, minimal. */
  command(commands: unknown, init?: RequestInit & { remote?: string }): Promise<Record<string, unknown>>;
}

/** Pushes whose workers are never there. */
function makePushTable(clock: ManualClock, log: ReturnType<typeof keptLog>, tags: StreamTags): PushTable {
  const launcher = { launch: () => ({ post: () => {}, terminate: () => {} }) };
  return new PushTable({
    launcher,
    clock,
    logLevel: () => "info",
    random: () => 0.5,
    putLog: (line) => log.info(line.message),
    pushes: [WIRE],
    cores: 4,
    sessions: { takeOutput: () => {}, endOutput: () => {} },
    variables: () => new Map(),
    streams: () => [{ name: "door", online: true, tags: tags.of("door") }, {
      name: "yard",
      online: false,
      tags: tags.of("yard"),
    }],
    open: (stream) =>
      stream === "door" || stream === "yard"
        ? { allowed: true, name: stream, page: new SharedArrayBuffer(8), tracks: [] }
        : { allowed: false, status: 404, reason: "no such stream" },
    touch: () => {},
    sourceOf: () => "",
  });
}

/** The real API over a real keeper of files in memory; hashing of passwords is as cheap as can be. */
export async function makeApi(yaml = YAML): Promise<TestApi> {
  const store = new MemoryStore({ "/etc/fogcast.yaml": yaml });
  const clock = new ManualClock();
  const log = keptLog();
  const request = { path: "/etc/fogcast.yaml", sources: [RTSP, FILE], pushes: [WIRE], environment: {} };
  const { keeper, loaded } = await FileConfigKeeper.open({ store, request, log });
  if (keeper === undefined) throw new Error(loaded.errors.map((e) => e.message).join("\n"));
  const sessions = new SessionTable({
    clock,
    hash: (text) => sha256Hex(text).slice(0, 32),
    refuse: () => {},
  });
  const logs = new LogRing(100);
  const running: StreamStatus[] = [];
  const tags = new StreamTags({
    clock,
    configured: (base) => keeper.current.streams.get(base)?.tags ?? [],
    running: () => running.map((s) => s.name),
  });
  const pushes = makePushTable(clock, log, tags);
  const variables = new Variables({
    clock,
    log,
    read: (target) => Promise.resolve(new TextEncoder().encode(`answer of ${target}\n`)),
  });
  variables.configure(keeper.current.variables);
  keeper.onChange((after) => variables.configure(after.variables));
  const ended = { count: 0 };
  const folders: Record<string, readonly { name: string; kind: "file" | "directory" }[]> = {
    "/media": [{ name: "a.mp4", kind: "file" }, { name: "sub", kind: "directory" }],
    "/media/sub": [],
    "/mediaother": [{ name: "secret", kind: "file" }],
    "/etc": [{ name: "passwd", kind: "file" }],
  };
  const ports: ApiPorts = {
    keeper,
    written: async () => mergedPlain((await loadConfig(store, request)).files),
    schema: () => configSchema([RTSP, FILE]),
    streams: () => running,
    sessions,
    tags,
    variables,
    pushes,
    logs,
    sources: [RTSP, FILE],
    outputs: [{
      name: "hls",
      urls: ["/hls/NAME/index.m3u8"],
      help: "HLS",
      codecs: ["h264", "aac"],
      options: [],
    }],
    version: "1.2.3",
    clock,
    log,
    secrets: {
      md5Hex,
      sha256Hex,
      hmacSha256Hex,
      randomBytes,
      equalSecrets,
      hashPassword: (password) => Promise.resolve(testHash(password)),
      isPassword: (password, stored) => Promise.resolve(testHash(password) === stored),
    },
    folders: {
      realPath: (path) => {
        const real = path === "/media/link" ? "/etc" : new URL(`file://${path}`).pathname.replace(/\/$/, "");
        return Promise.resolve(folders[real] === undefined ? undefined : real);
      },
      list: (path) => Promise.resolve(folders[path]),
    },
    cameras: {
      find: ({ interfaces, user }) =>
        interfaces[0] === "none"
          ? Promise.reject(new Error("no interface none: there are lo"))
          : Promise.resolve([foundCamera(user === "" ? "wants a login" : "")]),
      entries: (cameras, existing, { user, password }) =>
        cameras.flatMap((c) => c.streams).map((s, i) => ({
          name: `found-${existing.size + i}`,
          source: s.url.replace("://", `://${user}:${password}@`),
        })),
    },
    machine: {
      cpuMillis: () => 12,
      residentBytes: () => 34,
      processors: 2,
      load: () => ({
        cpuShare: 0.1234,
        memoryTotal: 512 * 1024 ** 2,
        memoryUsed: 128 * 1024 ** 2,
        loadAverages: [0.5, 0.25, 1],
        bufferUsedBytes: 96 * 1024 ** 2,
        bufferBudgetBytes: 128 * 1024 ** 2,
      }),
    },
    metrics: () => "up 1\n",
    referenceMetrics: () => ({ curr: [1] }),
    metricsPassphrase: () => "open-sesame",
    urls: () => ["http://localhost:8080"],
    ready: () => api.ready,
    handingOver: () => api.handingOver,
    shutdown: () => ended.count++,
  };
  const app = new ApiApp(ports);
  const ask: TestApi["ask"] = (path, { remote = "127.0.0.1", ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has("host")) headers.set("host", "127.0.0.1:4242");
    return app.answer(new Request(`http://127.0.0.1:4242${path}`, { ...init, headers }), { remote });
  };
  const api: TestApi = {
    app,
    store,
    clock,
    sessions,
    logs,
    log,
    running,
    ended,
    ready: true,
    handingOver: false,
    file: () => store.files["/etc/fogcast.yaml"] ?? "",
    ask,
    async command(commands, init) {
      const answer = await ask("/api2", { method: "POST", body: JSON.stringify(commands), ...init });
      return await answer.json() as Record<string, unknown>;
    },
  };
  return api;
}

/** A hash that looks as real ones do. */
export function testHash(password: string): string {
  const hash = sha256Hex(password);
  return `scrypt$16384$8$1$${hash.slice(0, 32)}$${hash}`;
}

/** A running stream with a viewer. */
export function status(name: string, more: Partial<StreamStatus> = {}): StreamStatus {
  return {
    name,
    state: "online",
    reason: "",
    source: "rtsp://***@cam/1",
    tags: ["north"],
    tracks: [],
    input: Object.fromEntries(COUNTERS.map((c) => [c, 0])) as StreamStatus["input"],
    bitsPerSecond: 1_000_000,
    latency: new Histogram(LATENCY_BOUNDS),
    bufferSeconds: 30,
    bufferBytes: 1000,
    workerRestarts: 0,
    viewers: 1,
    inputs: 1,
    outputs: 0,
    viewersByProtocol: new Map([["HLS", 1]]),
    views: 3,
    viewSeconds: 12.4,
    viewerPackets: 0,
    viewerPacketsLost: 0,
    viewerJitterMillis: 0,
    viewerRoundTripMillis: 0,
    bytesOut: 5000,
    bytesIn: 6000,
    ...more,
  };
}

/** A viewer of a stream, as an HTTP worker reports it. */
export function addViewer(api: TestApi, handle: number, stream: string, remote = "10.0.0.9"): void {
  api.sessions.take(0, {
    opened: [{ handle, stream, remote, userAgent: "tv", protocol: "HLS", token: "" }],
    counts: new Float64Array([handle, 1000, 2, api.clock.mono()]),
    closed: [],
  });
}
