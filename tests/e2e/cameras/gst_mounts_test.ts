import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { probeCodecs } from "../../peers/ffprobe.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import {
  listed,
  nextSegmentOf,
  residentBytes,
  streamsYaml,
  untilCodecs,
  untilState,
  variantsOf,
} from "../../peers/fogcast_streams.ts";
import { type GstCamera, gstCameraMissing, startGstCamera } from "../../peers/gst_camera.ts";

const missing = gstCameraMissing();
if (missing !== undefined) console.warn(`SKIPPED: GStreamer's mounts through the binary: ${missing}`);

const VIDEO = "320x180";

interface Mount {
  /** As `/streams.json` names what comes, sorted. */
  readonly labels: readonly string[];
  /** CODECS of the playlist. */
  readonly codecs?: RegExp;
  /** What ffprobe finds behind the playlist. */
  readonly probe?: readonly string[];
  /** Why there is no playlist. */
  readonly refusal?: string;
}

const MOUNTS: Readonly<Record<string, Mount>> = {
  h264aac: {
    labels: ["AAC", "H.264"],
    codecs: /^avc1\.42[0-9A-F]{4},mp4a\.40\.2$/,
    probe: ["aac", `h264 ${VIDEO}`],
  },
  h264latm: {
    labels: ["AAC", "H.264"],
    codecs: /^avc1\.42[0-9A-F]{4},mp4a\.40\.2$/,
    probe: ["aac", `h264 ${VIDEO}`],
  },
  h264pcma: {
    labels: ["G.711 A-law", "H.264"],
    codecs: /^avc1\.42[0-9A-F]{4},fLaC$/,
    probe: ["flac", `h264 ${VIDEO}`],
  },
  h264pcmu: {
    labels: ["G.711 µ-law", "H.264"],
    codecs: /^avc1\.42[0-9A-F]{4},fLaC$/,
    probe: ["flac", `h264 ${VIDEO}`],
  },
  h264l16: {
    labels: ["H.264", "L16"],
    codecs: /^avc1\.42[0-9A-F]{4},fLaC$/,
    probe: ["flac", `h264 ${VIDEO}`],
  },
  h264opus: {
    labels: ["H.264", "Opus"],
    codecs: /^avc1\.42[0-9A-F]{4},opus$/i,
    probe: [`h264 ${VIDEO}`, "opus"],
  },
  h265aac: {
    labels: ["AAC", "H.265"],
    codecs: /^hvc1\.1\.[0-9A-F.L]+,mp4a\.40\.2$/,
    probe: ["aac", `hevc ${VIDEO}`],
  },
  vp9: { labels: ["VP9"], codecs: /^vp09\.00\.\d\d\.08/, probe: [`vp9 ${VIDEO}`] },
  aac: { labels: ["AAC"], codecs: /^mp4a\.40\.2$/, probe: ["aac"] },
  // the picture has no form in HLS, the sound has
  vp8opus: { labels: ["Opus", "VP8"], codecs: /^opus$/i, probe: ["opus"] },
  mjpegpcma: { labels: ["G.711 A-law", "JPEG"], codecs: /^fLaC$/, probe: ["flac"] },
  mjpeg: { labels: ["JPEG"], refusal: "JPEG" },
};

// one after the other: two players that join a shared mount of GStreamer's at once may both get nothing
for (const transport of ["tcp", "udp"]) {
  describe.skipIf(missing !== undefined)(`GStreamer's mounts over ${transport} through the binary`, () => {
    let camera: GstCamera;
    let fogcast: RunningFogcast;

    beforeAll(async () => {
      camera = await startGstCamera();
      const options = { transport, alwaysOn: "true", segment: "1s" };
      const streams = Object.keys(MOUNTS).map((mount) => [mount, { source: camera.url(mount), ...options }]);
      fogcast = await startFogcast(streamsYaml(Object.fromEntries(streams)));
    }, 30_000);

    afterAll(async () => {
      await fogcast?.stop();
      await camera?.kill();
    });

    for (const [name, { labels, codecs, probe, refusal }] of Object.entries(MOUNTS)) {
      test.concurrent(name, async () => {
        await untilState(fogcast, name, "online", 40_000);
        await until(30_000, `all tracks of ${name}`, async () => {
          const found = (await listed(fogcast, name))?.tracks.map((t) => t.label).sort();
          if (found?.join() !== labels.join()) throw new Error(`it has ${found}`);
          return true;
        });
        if (refusal !== undefined) {
          const answer = await fetch(`${fogcast.url}/hls/${name}/index.m3u8`);
          expect([answer.status, await answer.text()]).toEqual([406, expect.stringContaining(refusal)]);
          return;
        }
        await untilCodecs(fogcast, name, codecs as RegExp);
        const found = await probeCodecs(`${fogcast.url}/hls/${name}/index.m3u8`, 25_000);
        expect(found).toEqual([...probe ?? []]);
      }, 130_000);
    }

    test("all of them at once lose nothing and take little memory", async () => {
      const [video] = await variantsOf(fogcast, "h264aac");
      const begun = await nextSegmentOf(video?.url ?? "");
      await until(
        30_000,
        "2 more segments",
        async () => await nextSegmentOf(video?.url ?? "") >= begun + 2 ? true : undefined,
      );
      expect(fogcast.output()).not.toMatch(/damaged|gap|jumped|ERROR/);
      const streams = Object.keys(MOUNTS).length;
      const resident = residentBytes(fogcast.pid);
      console.log(`${streams} streams: ${Math.round(resident / 1e6)} MB resident`);
      expect(resident).toBeLessThan((80 + 12 * streams) * 1024 * 1024);
    }, 60_000);
  });
}
