import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFogcast } from "../../peers/fogcast.ts";
import { streamsYaml, untilCodecs, untilState } from "../../peers/fogcast_streams.ts";
import { gstCameraMissing, startGstCamera, startGstCameraAt } from "../../peers/gst_camera.ts";
import { openNetworkNamespace } from "../../peers/network_namespace.ts";
import { runProgram } from "../../peers/run_program.ts";

const missing = gstCameraMissing();
if (missing !== undefined) {
  console.warn(`SKIPPED: GStreamer's guarded cameras through the binary: ${missing}`);
}

/** Why there can be no second network here; undefined where there can. */
function namespaceMissing(): string | undefined {
  try {
    openNetworkNamespace().close();
    return undefined;
  } catch (e) {
    return e instanceof Error ? e.message : String(e);
  }
}
const noNamespace = missing ?? namespaceMissing();
if (noNamespace !== undefined) console.warn(`SKIPPED: multicast through the binary: ${noNamespace}`);

const H264_AAC = /^avc1\.42[0-9A-F]{4},mp4a\.40\.2$/;
const SECRETS = ["hush", "p%40ss", "p@ss", "w0rd"];

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function run(streams: Parameters<typeof streamsYaml>[0]) {
  const fogcast = await startFogcast(streamsYaml(streams));
  closers.push(() => fogcast.stop());
  return fogcast;
}

async function camera(...args: string[]) {
  const started = await startGstCamera(...args);
  closers.push(() => started.kill());
  return started;
}

describe.skipIf(missing !== undefined)("GStreamer's guarded cameras through the binary", () => {
  for (const auth of ["digest", "basic"]) {
    test(`${auth}: the right password plays, a wrong one is said once and nowhere shown`, async () => {
      const guarded = await camera("--user", "admin", "--password", "p@ss w0rd", "--auth", auth);
      const fogcast = await run({
        right: { source: guarded.url("h264aac", "admin:p%40ss%20w0rd"), alwaysOn: "true" },
        wrong: { source: guarded.url("h264aac", "admin:hush"), alwaysOn: "true" },
        none: { source: guarded.url("h264aac"), alwaysOn: "true" },
      });
      const refused = await untilState(fogcast, "wrong", "refused");
      const reason = "camera refuses the user name or password (401)";
      expect(refused.reason).toBe(reason);
      const anonymous = await untilState(fogcast, "none", "refused");
      expect(anonymous.reason).toBe("camera wants a user name and password (401)");

      const answer = await fetch(`${fogcast.url}/hls/wrong/index.m3u8`);
      const text = await answer.text();
      expect([answer.status, text]).toEqual([503, `stream offline: ${reason}\n`]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);

      await untilState(fogcast, "right", "online");
      await untilCodecs(fogcast, "right", H264_AAC);
      const lines = fogcast.output().split("\n").filter((line) => line.includes("wrong: "));
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain(`ERROR rtsp  wrong: ${reason}; next try every 30 s`);
      const shown = fogcast.output() + text + await (await fetch(`${fogcast.url}/streams.json`)).text();
      for (const secret of SECRETS) expect(shown).not.toContain(secret);
    }, 90_000);
  }

  test("RTSPS plays, and is refused where the certificate is to be checked", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fogcast-rtsps-"));
    closers.push(() => rm(folder, { recursive: true }));
    const [key, certificate, both] = ["key", "crt", "pem"].map((name) => join(folder, `tls.${name}`)) as [
      string,
      string,
      string,
    ];
    const subject = ["-days", "2", "-subj", "/CN=localhost"];
    const files = ["-keyout", key, "-out", certificate];
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes"];
    const made = await runProgram(20_000, "openssl", ...request, ...subject, ...files);
    expect(made.code).toBe(0);
    await Bun.write(both, await Bun.file(certificate).text() + await Bun.file(key).text());

    const secure = await camera("--tls-pem", both);
    const fogcast = await run({
      trusting: { source: secure.url("h264aac"), alwaysOn: "true" },
      strict: { source: secure.url("h264aac"), alwaysOn: "true", tlsVerify: "true" },
    });
    await untilState(fogcast, "trusting", "online");
    await untilCodecs(fogcast, "trusting", H264_AAC);
    const strict = await untilState(fogcast, "strict", "waiting");
    expect(strict.reason).toMatch(/cannot connect to 127\.0\.0\.1:\d+: .*certificate/i);
  }, 90_000);

  test.skipIf(noNamespace !== undefined)("multicast, by wish and by auto", async () => {
    // GStreamer's server keeps multicast from its own machine
    const network = openNetworkNamespace();
    closers.push(() => network.close());
    const group = ["--multicast", "239.255.79.1", "--multicast-port", "26000"];
    const far = await startGstCameraAt(network.there, network.prefix, "--only", "mcast", ...group);
    closers.push(() => far.kill());
    const fogcast = await run({
      // both groups in one server: a packet must reach its own stream only
      wish: { source: far.url("h264aac"), transport: "multicast", alwaysOn: "true" },
      other: { source: far.url("h264pcma"), transport: "multicast", alwaysOn: "true" },
      auto: { source: far.url("h264opus"), alwaysOn: "true" },
    });
    for (const name of ["wish", "other", "auto"]) await untilState(fogcast, name, "online", 40_000);
    await untilCodecs(fogcast, "wish", H264_AAC);
    await untilCodecs(fogcast, "other", /fLaC/);
    await untilCodecs(fogcast, "auto", /opus/i);
    expect(fogcast.output()).toContain("auto: plays H264 + OPUS over multicast");
  }, 120_000);
});
