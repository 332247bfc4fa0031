import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clipTs } from "../../peers/clip_ts.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { streamsYaml, untilState } from "../../peers/fogcast_streams.ts";
import { type GstCamera, gstCameraMissing, startGstCameraAt } from "../../peers/gst_camera.ts";
import { openSwitchedNamespace, type SwitchedNamespace } from "../../peers/network_namespace.ts";
import { runProgram } from "../../peers/run_program.ts";
import { freePorts } from "../../ingest/free_ports.ts";

const PULLED_MILLIS = 5000;

function openNetwork(): SwitchedNamespace | undefined {
  const missing = gstCameraMissing();
  try {
    if (missing !== undefined) throw new Error(missing);
    return openSwitchedNamespace();
  } catch (e) {
    console.warn(`SKIPPED: a cable that is pulled: ${e instanceof Error ? e.message : String(e)}`);
    return undefined;
  }
}
const network = openNetwork();

const folder = mkdtempSync(join(tmpdir(), "fogcast-cable-"));
const clip = join(folder, "clip.ts");
const programs: ReturnType<typeof Bun.spawn>[] = [];
const net = `239.253.${process.pid % 250}`;
const NAMES = [
  "sdp-unicast",
  "sdp-multicast",
  "ts-unicast",
  "ts-multicast",
  "ts-multicast-again",
  "rtsp-udp",
  "rtsp-tcp",
] as const;
let camera: GstCamera | undefined;
let fogcast: RunningFogcast;
let api = "";

/** A viewer of one stream: what it got, and when. */
interface Viewer {
  readonly pieces: { readonly at: number; readonly bytes: Uint8Array }[];
  stop(): void;
}

async function view(name: string): Promise<Viewer> {
  const abort = new AbortController();
  const answer = await fetch(`${fogcast.url}/${name}.h264`, { signal: abort.signal });
  if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  const read = async () => {
    for await (const bytes of answer.body!) pieces.push({ at: performance.now(), bytes });
  };
  void read().catch(() => undefined);
  return { pieces, stop: () => abort.abort() };
}

interface Input {
  readonly state: string;
  readonly input: Record<string, number>;
}

async function report(name: string): Promise<Input> {
  return await (await fetch(`${api}/v1/streams/${name}`)).json() as Input;
}

/** Types of the NAL units of an Annex B byte stream that are pictures. */
function pictureTypes(bytes: Uint8Array): number[] {
  const types: number[] = [];
  for (let i = 0; i + 3 < bytes.length; i++) {
    if (bytes[i] !== 0 || bytes[i + 1] !== 0 || bytes[i + 2] !== 1) continue;
    const type = bytes[i + 3]! & 0x1f;
    if (type === 1 || type === 5) types.push(type);
  }
  return types;
}

/** What a decoder says of a recording: each picture that lacks what it refers to, or a part of itself. */
async function complaints(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.h264`);
  writeFileSync(path, bytes);
  const decode = ["ffmpeg", "-v", "error", "-f", "h264", "-i", path, "-f", "null", "-"];
  return (await runProgram(20_000, ...decode)).said;
}

beforeAll(async () => {
  if (network === undefined) return;
  const { here, there, prefix, device } = network;
  writeFileSync(clip, clipTs(32));
  const port = await freePorts(16);
  const send = (...output: string[]) => {
    const input = ["-re", "-stream_loop", "-1", "-i", clip, "-c", "copy"];
    const quiet = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
    programs.push(Bun.spawn([...prefix, "ffmpeg", "-v", "error", ...input, ...output], quiet));
  };
  const [unicast, multicast] = [join(folder, "unicast.sdp"), join(folder, "multicast.sdp")];
  send("-an", "-f", "rtp", "-sdp_file", unicast, `rtp://${here}:${port}`);
  send("-an", "-f", "rtp", "-sdp_file", multicast, `rtp://${net}.1:${port + 2}?ttl=1`);
  send("-f", "mpegts", `udp://${here}:${port + 4}?pkt_size=1316`);
  send("-f", "mpegts", `udp://${net}.2:${port + 6}?pkt_size=1316&ttl=1`);
  camera = await startGstCameraAt(there, prefix);
  await until(20_000, "descriptions", () =>
    Promise.resolve(
      [unicast, multicast].every((path) => {
        try {
          return readFileSync(path, "utf8").includes("H264");
        } catch {
          return false;
        }
      }) || undefined,
    ));
  const on = { alwaysOn: "true" };
  fogcast = await startFogcast(streamsYaml({
    "sdp-unicast": { source: unicast, ...on },
    "sdp-multicast": { source: multicast, interface: device, ...on },
    "ts-unicast": { source: `tsudp://${here}:${port + 4}`, ...on },
    "ts-multicast": { source: `tsudp://${net}.2:${port + 6}/${device}`, ...on },
    "ts-multicast-again": { source: `tsudp://${net}.2:${port + 6}/${device}`, ...on },
    "rtsp-udp": { source: camera.url("h264"), transport: "udp", ...on },
    "rtsp-tcp": { source: camera.url("h264aac"), transport: "tcp", ...on },
    "elsewhere": {
      source: `"ts-exec:ffmpeg -v error -re -stream_loop -1 -i '${clip}' -c copy -f mpegts -"`,
      ...on,
    },
  }));
  api = `http://${(await fogcast.printed(/API on [\d.]+:\d+/)).slice(7)}`;
  await Promise.all([...NAMES, "elsewhere"].map((name) => untilState(fogcast, name, "online", 40_000)));
}, 90_000);

afterAll(async () => {
  await fogcast?.stop();
  for (const program of programs) program.kill("SIGKILL");
  await camera?.kill();
  network?.close();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(network === undefined)(
  "a cable pulled for 5 s: all sources go on by themselves, with a key frame and whole pictures; others play on",
  async () => {
    const { pull, plug, members } = network!;
    const viewers = new Map<string, Viewer>();
    await Promise.all(NAMES.map(async (name) => viewers.set(name, await view(name))));
    const frames = (name: string) => viewers.get(name)!.pieces.length;
    await until(
      20_000,
      "pictures of all",
      () => Promise.resolve(NAMES.every((n) => frames(n) > 25) || undefined),
    );
    expect(members()).toContain(`${net}.1`);
    expect(members()).toContain(`${net}.2`);
    const before = new Map(
      await Promise.all(
        [...NAMES, "elsewhere"].map(async (name) => [name, await report(name)] as const),
      ),
    );
    pull();
    await Bun.sleep(PULLED_MILLIS);
    const meanwhile = await report("elsewhere");
    expect(members()).not.toContain(`${net}.2`);
    plug();
    const plugged = performance.now();
    const back = (name: string) => viewers.get(name)!.pieces.filter((p) => p.at > plugged).length > 60;
    await until(40_000, "pictures again", () => {
      const missing = NAMES.filter((name) => !back(name));
      if (missing.length > 0) throw new Error(`none of ${missing.join(", ")}\n${fogcast.output()}`);
      return Promise.resolve(true);
    });
    expect(members()).toContain(`${net}.1`);
    expect(members()).toContain(`${net}.2`);
    for (const name of NAMES) {
      const viewer = viewers.get(name)!;
      viewer.stop();
      const { pieces } = viewer;
      // the longest silence is that of the cable
      let gap = 1;
      for (let i = 1; i < pieces.length; i++) {
        if (pieces[i]!.at - pieces[i - 1]!.at > pieces[gap]!.at - pieces[gap - 1]!.at) gap = i;
      }
      const rest = Buffer.concat(pieces.slice(gap).map((p) => p.bytes));
      // TCP has brought all that was sent meanwhile
      if (name !== "rtsp-tcp") expect([name, pictureTypes(rest)[0]]).toEqual([name, 5]);
      expect([name, await complaints(Buffer.concat(pieces.map((p) => p.bytes)))]).toEqual([name, ""]);
      const { state, input } = await report(name);
      expect([name, state, input["reconnects"]]).toEqual([
        name,
        "online",
        before.get(name)!.input["reconnects"],
      ]);
    }
    const other = before.get("elsewhere")!.input;
    expect(meanwhile.input["framesIn"]! - other["framesIn"]!).toBeGreaterThan(100);
    const after = await report("elsewhere");
    for (const count of ["reconnects", "tsDiscontinued", "framesDamaged"]) {
      expect([count, after.input[count]]).toEqual([count, other[count]]);
    }
  },
  120_000,
);
