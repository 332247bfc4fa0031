import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { openProgram } from "../../../../src/wire/container/ts/mux/program.ts";
import { TsUnitWriter } from "../../../../src/wire/container/ts/mux/unit.ts";
import { playback, startChromium } from "../../../peers/browser.ts";
import { makeClip } from "../mp4/peer_media.ts";
import { framesOf } from "./ts_media.ts";

const HLS = new URL("../../../../node_modules/hls.js/dist/hls.min.js", import.meta.url).pathname;

/** Segments of a second, each written by a writer that knows of no other. */
function segments(): Uint8Array[] {
  const clips = [makeClip("h264b"), makeClip("aac")];
  const program = openProgram(clips.map((c) => c.track));
  const secondOf = (track: number, dts: number) =>
    Math.floor(dts / (clips[track]?.track.timescale ?? NaN) + 1e-6);
  return [0, 1].map((second) => {
    const frames = framesOf(clips).filter((f) => secondOf(f.track, f.dts) === second);
    const writer = new TsUnitWriter(program);
    const out = new Uint8Array(writer.size(frames, second));
    writer.write(out, 0, frames, second);
    return out;
  });
}

const PAGE = `<!doctype html><video muted></video><script src="hls.js"></script><script>
globalThis.failures = [];
const video = document.querySelector("video");
const hls = new Hls();
hls.on(Hls.Events.ERROR, (_, e) => failures.push(e.details + " " + (e.reason ?? "")));
hls.loadSource("index.m3u8");
hls.attachMedia(video);
video.play();
</script>`;
const LIST =
  "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n0.ts\n#EXTINF:1,\n1.ts\n#EXT-X-ENDLIST\n";

test("hls.js in Chromium plays segments written apart from one another, to the last picture", async () => {
  const files = segments();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const name = new URL(request.url).pathname.slice(1);
      if (name === "") return new Response(PAGE, { headers: { "content-type": "text/html" } });
      if (name === "hls.js") {
        return new Response(readFileSync(HLS), { headers: { "content-type": "text/javascript" } });
      }
      if (name === "index.m3u8") return new Response(LIST);
      const file = files[Number.parseInt(name)];
      return file === undefined ? new Response("", { status: 404 }) : new Response(file.slice());
    },
  });
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.port}/`);
    await page.waitForFunction("document.querySelector('video').ended", undefined, { timeout: 20_000 });
    const played = await playback(page);
    // Sound begins before the first picture is shown; hls.js may look while only the picture is buffered, and steps over.
    expect(played.failures.filter((line) => !/buffer holes, seeking from 0 to 0\.\d+$/.test(line))).toEqual(
      [],
    );
    expect(played.width).toBe(320);
    expect(played.time).toBeGreaterThan(1.9);
    expect(played.frames).toBeGreaterThan(40);
    expect(played.audio).toBeGreaterThan(10_000);
  } finally {
    await browser.close();
    await server.stop(true);
  }
}, 40_000);
