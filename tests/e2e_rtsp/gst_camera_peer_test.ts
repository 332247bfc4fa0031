import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refused } from "../../src/ingest/source.ts";
import type { Codec } from "../../src/media/codec.ts";
import { ArraySink } from "../ingest/array_sink.ts";
import { pull, type Pulled } from "../ingest/rtsp/pull.ts";
import { type GstCamera, gstCameraMissing, startGstCamera, startGstCameraAt } from "../peers/gst_camera.ts";
import { openNetworkNamespace } from "../peers/network_namespace.ts";

const missing = gstCameraMissing();
if (missing !== undefined) console.warn(`SKIPPED: GStreamer as camera: ${missing}`);

/** Why there can be no second network here; undefined where there can. */
function namespaceMissing(): string | undefined {
  try {
    openNetworkNamespace().close();
    return undefined;
  } catch (e) {
    return e instanceof Error ? e.message : String(e);
  }
}
const noNamespace = missing === undefined ? namespaceMissing() : missing;
if (noNamespace !== undefined) console.warn(`SKIPPED: RTSP over multicast: ${noNamespace}`);

const MOUNTS: Readonly<Record<string, readonly Codec[]>> = {
  h264: ["h264"],
  h264aac: ["h264", "aac"],
  h264bframes: ["h264"],
  h264latm: ["h264", "aac"],
  h264pcma: ["h264", "alaw"],
  h264pcmu: ["h264", "ulaw"],
  h264l16: ["h264", "l16"],
  h264opus: ["h264", "opus"],
  h264mp3: ["h264", "mp3"],
  h265aac: ["h265", "aac"],
  mjpeg: ["jpeg"],
  mjpegpcma: ["jpeg", "alaw"],
  vp8opus: ["vp8", "opus"],
  vp9: ["vp9"],
  aac: ["aac"],
};

/** Several pulls in a row, each as slow as a pull may be. */
const SLOW = 60_000;
const each = (codecs: readonly Codec[], frames: number) => (sink: ArraySink) =>
  codecs.every((codec) => sink.tracks.some((t) => t.track.codec === codec && t.frames.length >= frames));

/** What must hold of any pull: key first, time grows, about as much time as frames, tracks beside one another. */
function check({ sink, millis }: Pulled): void {
  const starts: number[] = [];
  for (const { track, frames } of sink.tracks) {
    const first = frames[0];
    const last = frames.at(-1);
    if (first === undefined || last === undefined) continue;
    expect(first.key).toBe(true);
    frames.slice(1).forEach((f, i) => expect(f.dts).toBeGreaterThan(frames[i]?.dts as number));
    starts.push(first.dts / track.timescale);
    if (track.kind === "video" && track.codec !== "jpeg") {
      expect([track.width, track.height]).toEqual([320, 180]);
    }
    if (track.kind === "audio") expect(track.sampleRate).toBeGreaterThan(0);
  }
  // a camera's video may wait a second for its key frame, or as long as a busy encoder takes: no longer than we waited
  expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(Math.max(2, millis / 1000));
}

describe.skipIf(missing !== undefined)("GStreamer as camera", () => {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-rtsp-"));
  const cameras: GstCamera[] = [];
  let plain = undefined as unknown as GstCamera;
  const start = async (...args: string[]) => {
    const camera = await startGstCamera(...args);
    cameras.push(camera);
    return camera;
  };
  beforeAll(async () => {
    plain = await start();
  }, SLOW);
  afterAll(async () => {
    for (const camera of cameras) await camera.kill();
    rmSync(folder, { recursive: true });
  });

  for (const [mount, codecs] of Object.entries(MOUNTS)) {
    for (const transport of ["tcp", "udp"]) {
      test(`${mount} over ${transport}`, async () => {
        const pulled = await pull(plain.url(mount), {
          values: { transport },
          enough: each(codecs, 10),
          limitMillis: 40_000,
        });
        const { sink, error, tally, lines } = pulled;
        expect(error).toBeUndefined();
        expect([sink.codecs(10), lines]).toEqual([[...codecs], lines]);
        expect(tally.totals().get("access unit damaged")).toBeUndefined();
        check(pulled);
      }, SLOW);
    }
  }

  test("auto takes UDP, and TCP from a camera that has no other", async () => {
    const byUdp = await pull(plain.url("h264aac"));
    expect([...byUdp.remember.values()]).toEqual(["udp"]);
    const tcpOnly = await start("--only", "tcp");
    const byTcp = await pull(tcpOnly.url("h264aac"));
    expect(byTcp.error).toBeUndefined();
    expect(byTcp.sink.frames).toBeGreaterThanOrEqual(10);
    expect([...byTcp.remember.values()]).toEqual(["tcp"]);
  }, SLOW);

  test.skipIf(noNamespace !== undefined)("multicast, by wish and where auto finds nothing else", async () => {
    // GStreamer's server does not share the group's port and keeps multicast from its own machine
    const network = openNetworkNamespace();
    const group = ["--multicast", "239.255.77.1", "--multicast-port", "25000"];
    const camera = await startGstCameraAt(network.there, network.prefix, "--only", "mcast", ...group);
    try {
      for (const transport of ["multicast", "auto"]) {
        const { sink, error, remember } = await pull(camera.url("h264aac"), {
          values: { transport },
          enough: each(["h264", "aac"], 10),
        });
        expect(error).toBeUndefined();
        expect(sink.codecs(10)).toEqual(["h264", "aac"]);
        expect([...remember.values()]).toEqual(["multicast"]);
      }
    } finally {
      await camera.kill();
      network.close();
    }
  }, SLOW);

  for (const auth of ["digest", "basic"]) {
    test(`${auth} authentication with a password that needs escapes`, async () => {
      const camera = await start("--user", "admin", "--password", "p@ss w0rd", "--auth", auth);
      const good = await pull(camera.url("h264aac", "admin:p%40ss%20w0rd"), { values: { transport: "tcp" } });
      expect(good.error).toBeUndefined();
      expect(good.sink.frames).toBeGreaterThanOrEqual(10);
      const wrong = await pull(camera.url("h264aac", "admin:hush"));
      expect(wrong.error).toBeInstanceOf(Refused);
      expect(wrong.error?.message).toBe("camera refuses the user name or password (401)");
      expect(wrong.lines.join("\n")).not.toContain("hush");
      const none = await pull(camera.url("h264aac"));
      expect(none.error?.message).toBe("camera wants a user name and password (401)");
    }, SLOW);
  }

  test("RTSPS: certificate not checked unless wished", async () => {
    const pem = join(folder, "tls.pem");
    const made = Bun.spawnSync([
      ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
      ...["-keyout", pem, "-out", `${pem}.crt`],
    ]);
    expect(made.exitCode).toBe(0);
    await Bun.write(pem, `${await Bun.file(`${pem}.crt`).text()}${await Bun.file(pem).text()}`);
    const camera = await start("--tls-pem", pem);
    const open = await pull(camera.url("h264aac"));
    expect(open.error).toBeUndefined();
    expect(open.sink.frames).toBeGreaterThanOrEqual(10);
    const strict = await pull(camera.url("h264aac"), { values: { tlsVerify: true } });
    expect(strict.error?.message).toContain("cannot connect to 127.0.0.1");
  }, SLOW);

  test("sender reports give wall-clock time", async () => {
    const { sink } = await pull(plain.url("h264aac"), {
      values: { transport: "tcp" },
      enough: (s) => s.clocks.length >= 2,
    });
    for (const { at, wall } of sink.clocks) {
      expect(Math.abs(wall - at / 1000 - Date.now())).toBeLessThan(15_000);
    }
    expect(sink.clocks.length).toBeGreaterThanOrEqual(2);
  }, SLOW);

  test("a camera that loses power ends the pull with an error", async () => {
    const camera = await start();
    const sink = new ArraySink();
    const running = pull(camera.url("h264aac"), {
      values: { transport: "tcp" },
      enough: () => false,
      limitMillis: 40_000,
      sink,
    });
    await Promise.race([sink.until(() => sink.frames > 0), running]);
    await camera.kill();
    const { error } = await running;
    expect(error?.message).toMatch(/camera closed the connection|connection to the camera lost/);
    expect(sink.frames).toBeGreaterThan(0);
  }, SLOW);

  test("an unknown mount is refused by name", async () => {
    const { error } = await pull(plain.url("nothing"));
    expect(error).toBeInstanceOf(Refused);
    expect(error?.message).toBe("camera answers DESCRIBE with 404 Not Found");
  });
});
