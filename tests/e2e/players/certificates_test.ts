import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answered } from "../../peers/answered.ts";
import { type Certificate, makeCertificate } from "../../peers/certificate.ts";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { BINARY, type RunningFogcast, startCommand, until } from "../../peers/fogcast.ts";
import { runProgram } from "../../peers/run_program.ts";

describe("certificates of HTTPS while the server runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-https-"));
  const own = `${folder}/state/tls/own.pem`;
  const made: Certificate[] = [];
  let camera: ClipCamera;
  let server: RunningFogcast;
  let secure: string;

  const configure = (tls: string) =>
    writeFileSync(
      `${folder}/fogcast.yaml`,
      `http: { listen: 127.0.0.1:0, redirect: true, http3: true, tls: { listen: 127.0.0.1:0${tls} } }
api: { listen: [] }
streams: { cam: { source: "${camera.url("cam")}", alwaysOn: true } }
`,
    );
  /** Puts a certificate for other names where the configuration says. */
  const put = (file: string, ...names: string[]) => {
    const certificate = makeCertificate(...names);
    made.push(certificate);
    copyFileSync(certificate.key, `${folder}/${file}.key`);
    copyFileSync(certificate.cert, `${folder}/${file}.pem`);
  };
  /** The subject that a new connection sees. */
  const subject = async (...name: string[]) => {
    const host = new URL(secure).host;
    const { out } = await runProgram(15_000, "openssl", "s_client", "-connect", host, ...name);
    return /^subject=CN ?= ?(\S+)/m.exec(out)?.[1];
  };
  const becomes = (wanted: string, ...name: string[]) =>
    until(20_000, `the certificate ${wanted}`, async () => await subject(...name) === wanted || undefined);

  beforeAll(async () => {
    camera = await startClipCamera();
    configure("");
    const config = ["--config", `${folder}/fogcast.yaml`, "--state", `${folder}/state`];
    server = await startCommand([BINARY, "serve", "--no-guardian", ...config]);
    secure = await server.printed(/https:\/\/127\.0\.0\.1:\d+/);
  }, 20_000);
  afterAll(async () => {
    await server?.stop();
    camera?.close();
    for (const certificate of made) certificate.remove();
    rmSync(folder, { recursive: true });
  }, 30_000);

  test("without one, the server makes its own, which curl takes; plain HTTP leads there", async () => {
    expect(existsSync(own)).toBe(true);
    expect(statSync(own.replace(".pem", ".key")).mode & 0o777).toBe(0o600);
    const url = `${server.url}/streams.json?x=1`;
    const { out, said } = await runProgram(
      15_000,
      "curl",
      ..."-sS -L --http2 -o /dev/null --cacert".split(" "),
      own,
      "-w",
      "%{num_redirects} %{http_version} %{http_code} %{url_effective}",
      url,
    );
    expect([said, out]).toEqual(["", `1 2 200 ${secure}/streams.json?x=1`]);
  }, 40_000);

  test("hundreds of streams of one HTTP/2 connection, as players of many parts open them", async () => {
    const { out } = await runProgram(
      30_000,
      "h2load",
      "-n",
      "400",
      "-c",
      "1",
      "-m",
      "100",
      `${secure}/streams.json`,
    );
    expect(out).toContain("400 succeeded, 0 failed");
    expect(out).toContain("Application protocol: h2");
  }, 40_000);

  test(
    "changed files are taken, each for its names, without an end to what runs; faulty ones are not",
    async () => {
      put("a", "a.test");
      put("b", "*.b.test");
      configure(", cert: [a.pem, b.pem], key: [a.key, b.key]");
      await becomes("a.test", "-noservername");
      expect(await subject("-servername", "cam.b.test")).toBe("*.b.test");
      expect(await subject("-servername", "unknown.test")).toBe("a.test");

      const watching = await fetch(`${secure}/cam.ts`, { tls: { rejectUnauthorized: false } });
      const reader = (watching.body as ReadableStream<Uint8Array>).getReader();
      const read = async () => expect((await reader.read()).done).toBe(false);
      await read();
      put("a", "c.test");
      await becomes("c.test", "-noservername");
      writeFileSync(`${folder}/a.pem`, "nonsense");
      await server.printed("Cannot use the certificate");
      expect(await subject("-noservername")).toBe("c.test");
      put("a", "d.test");
      await becomes("d.test", "-noservername");
      const quic = { protocol: "http3", tls: { rejectUnauthorized: false } };
      await answered(`${secure}/streams.json`, 200, quic as RequestInit);
      // the connection is older than all of that
      for (let n = 0; n < 3; n++) await read();
      await reader.cancel();
    },
    100_000,
  );
});
