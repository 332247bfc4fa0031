import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { playback, startChromium } from "../../peers/browser.ts";
import { type Certificate, makeCertificate } from "../../peers/certificate.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { runProgram } from "../../peers/run_program.ts";

describe("HTTPS with a certificate of one's own", () => {
  let certificate: Certificate;
  let camera: GstCamera;
  let server: RunningFogcast;
  let secure: string;
  let port: number;

  beforeAll(async () => {
    certificate = makeCertificate();
    camera = await startGstCamera();
    const { cert, key } = certificate;
    server = await startFogcast(
      `streams:\n  cam:\n    source: ${camera.url("h264aac")}\n`,
      undefined,
      `http3: true\ntls:\n  listen: 127.0.0.1:0\n  cert: ${cert}\n  key: ${key}`,
    );
    secure = await server.printed(/https:\/\/127\.0\.0\.1:\d+/);
    port = Number(new URL(secure).port);
  }, 30_000);
  afterAll(async () => {
    await server?.stop();
    await camera?.kill();
    certificate?.remove();
  }, 30_000);

  const curl = (version: string, path: string) =>
    runProgram(
      10_000,
      "curl",
      "-sS",
      "--cacert",
      certificate.cert,
      version,
      "-o",
      "-",
      "-w",
      "\n%{http_version} %{http_code}",
      `${secure}${path}`,
    );

  test("curl reads a playlist over HTTP/2, and over HTTP/1.1 where it wants that", async () => {
    for (const [flag, version] of [["--http2", "2"], ["--http1.1", "1.1"]] as const) {
      const { out, said } = await curl(flag, "/hls/cam/index.m3u8");
      expect(said).toBe("");
      expect(out).toContain("#EXT-X-STREAM-INF");
      expect(out.trim().split("\n").at(-1)).toBe(`${version} 200`);
    }
  }, 20_000);

  test("curl gets the same segment over HTTP/2 as over plain HTTP", async () => {
    const list = await until(20_000, "a segment", async () => {
      const text = await (await fetch(`${server.url}/hls/cam/0/index.m3u8`)).text();
      return /^(\d+\.m4s)$/m.exec(text)?.[1];
    });
    const plain = await (await fetch(`${server.url}/hls/cam/0/${list}`)).bytes();
    const { cert } = certificate;
    const child = Bun.spawn(["curl", "-sS", "--http2", "--cacert", cert, `${secure}/hls/cam/0/${list}`]);
    expect(await new Response(child.stdout).bytes()).toEqual(plain);
  }, 40_000);

  // Chromium opens QUIC to a server with such a certificate only when it is told which key to trust
  for (
    const [name, protocol, flags] of [
      ["HTTP/2", "h2", ["--disable-quic"]],
      ["HTTP/3", "h3", ["--enable-quic", "--origin-to-force-quic-on=127.0.0.1:PORT"]],
    ] as const
  ) {
    test(`the page plays in Chromium over ${name}`, async () => {
      const browser = await startChromium(
        `--ignore-certificate-errors-spki-list=${certificate.keyHash}`,
        ...flags.map((flag) => flag.replace("PORT", String(port))),
      );
      try {
        const page = await browser.newPage();
        await page.goto(`${secure}/cam.html?forcePlayer=hlsjs`);
        const now = await until(30_000, "2 s of frames", async () => {
          const now = await playback(page);
          return now.frames >= 50 ? now : undefined;
        });
        expect(now.audio).toBeGreaterThan(0);
        const protocols = await page.evaluate<string[]>(
          'performance.getEntriesByType("resource").filter((e) => e.name.includes("/hls/")).map((e) => e.nextHopProtocol)',
        );
        expect(protocols.length).toBeGreaterThan(5);
        expect([...new Set(protocols.filter((p) => p !== ""))]).toEqual([protocol]);
      } finally {
        await browser.close();
      }
    }, 60_000);
  }
});
