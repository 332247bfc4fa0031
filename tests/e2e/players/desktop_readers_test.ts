import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answered, answeredText } from "../../peers/answered.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";
import { runProgram } from "../../peers/run_program.ts";
import { readPlaylist } from "../../wire/protocol/hls/read_playlist.ts";

type Mount = "h264aac" | "h264pcma" | "h265aac";
/** Codecs by ffmpeg's names. */
const MOUNTS: Readonly<Record<Mount, readonly string[]>> = {
  h264aac: ["h264", "aac"],
  h264pcma: ["h264", "flac"],
  h265aac: ["hevc", "aac"],
};

/** Makes GStreamer say what its sinks were given. */
const SINK = "silent=false sync=false";

describe("players outside the browser", () => {
  let camera: GstCamera;
  let server: RunningFogcast;
  const playlist = (mount: Mount, query = "") => `${server.url}/hls/${mount}/index.m3u8${query}`;

  beforeAll(async () => {
    camera = await startGstCamera();
    const streams = Object.keys(MOUNTS).map((mount) => `  ${mount}:\n    source: ${camera.url(mount)}\n`);
    server = await startFogcast(`streams:\n${streams.join("")}`);
    // wakes them all, so that each test finds its stream running
    await Promise.all((Object.keys(MOUNTS) as Mount[]).map((mount) => answered(playlist(mount))));
  }, 30_000);
  afterAll(async () => {
    await server?.stop();
    await camera?.kill();
  }, 30_000);

  for (const mount of Object.keys(MOUNTS) as Mount[]) {
    for (const query of ["", "?muxed=1"]) {
      test(`ffprobe finds both tracks of ${mount}${query}`, async () => {
        const show = ["-show_entries", "stream=codec_name", "-of", "csv=p=0"];
        const { out, said, code } = await runProgram(
          40_000,
          "ffprobe",
          "-v",
          "error",
          ...show,
          playlist(mount, query),
        );
        expect([code, said]).toEqual([0, ""]);
        for (const codec of MOUNTS[mount]) expect(out.split(/\s+/)).toContain(codec);
      }, 60_000);

      test(`ffmpeg decodes 4 s of ${mount}${query} without a complaint`, async () => {
        const { out, said, code } = await runProgram(
          40_000,
          ..."ffmpeg -hide_banner -v warning -progress - -i".split(" "),
          playlist(mount, query),
          ..."-t 4 -map 0:v -map 0:a -enc_time_base -1 -f null -".split(" "),
        );
        // ffmpeg reads the init section again when it reloads a live playlist, and wonders about it itself
        const complaints = said.split("\n").filter((line) =>
          line !== "" && !line.includes("Found duplicated MOOV Atom")
        );
        expect([code, complaints]).toEqual([0, []]);
        const frames = Number([...out.matchAll(/^frame=(\d+)$/gm)].at(-1)?.[1]);
        // at the start the camera's sender reports may bend the video's time by a sixteenth, and G.711 begins late
        expect(frames).toBeGreaterThanOrEqual(85);
        expect(frames).toBeLessThanOrEqual(108);
      }, 60_000);
    }
  }

  /** Runs GStreamer until its sinks had so many buffers. */
  async function gstreamer(wanted: { video: number; audio: number }, ...pipeline: string[]) {
    const child = Bun.spawn(["gst-launch-1.0", "-v", ...pipeline], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), 40_000);
    let text = "";
    const had = { video: 0, audio: 0 };
    for await (const chunk of child.stdout) {
      const lines = (text + new TextDecoder().decode(chunk)).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (!line.includes("last-message = chain")) continue;
        if (line.includes("GstFakeSink:video")) had.video++;
        if (line.includes("GstFakeSink:audio")) had.audio++;
      }
      if (had.video >= wanted.video && had.audio >= wanted.audio) break;
    }
    clearTimeout(timer);
    child.kill("SIGKILL");
    await child.exited;
    const said = await new Response(child.stderr).text();
    expect(had.video).toBeGreaterThanOrEqual(wanted.video);
    expect(had.audio).toBeGreaterThanOrEqual(wanted.audio);
    // GStreamer 1.22 knows no caps for "fLaC" in CODECS, stumbles in itself and plays on
    expect(said.replaceAll(/^.*gst_caps_append: assertion.*$/gm, "").trim()).toBe("");
  }

  for (const mount of Object.keys(MOUNTS) as Mount[]) {
    test(`GStreamer's playbin3 plays ${mount}`, async () => {
      // a FLAC frame is as long as a part
      await gstreamer(
        { video: 60, audio: MOUNTS[mount].includes("flac") ? 10 : 60 },
        "playbin3",
        `uri=${playlist(mount)}`,
        `video-sink=fakesink name=video ${SINK}`,
        `audio-sink=fakesink name=audio ${SINK}`,
      );
    }, 60_000);
  }

  test("GStreamer's older hlsdemux plays one playlist with both tracks", async () => {
    await gstreamer(
      { video: 60, audio: 60 },
      ...`souphttpsrc location=${playlist("h264aac", "?muxed=1")} ! hlsdemux ! qtdemux name=d`.split(" "),
      ...`d. ! queue ! h264parse ! avdec_h264 ! fakesink name=video ${SINK}`.split(" "),
      ...`d. ! queue ! aacparse ! avdec_aac ! fakesink name=audio ${SINK}`.split(" "),
    );
  }, 60_000);

  test("m3u8-parser reads every playlist, and every address in them is there", async () => {
    for (const mount of Object.keys(MOUNTS) as Mount[]) {
      for (const query of ["", "?muxed=1"]) {
        const at = playlist(mount, query);
        const master = readPlaylist(await answeredText(at));
        const groups = Object.values(master.mediaGroups?.AUDIO ?? {}).flatMap((group) =>
          Object.values(group)
        );
        const uris = [...(master.playlists ?? []), ...groups].map((entry) => String(entry.uri));
        expect(uris.length).toBe(query === "" ? 2 : 1);
        for (const uri of uris) {
          const media = new URL(uri, at);
          const list = await until(20_000, "a complete segment", async () => {
            const read = readPlaylist(await (await fetch(media)).text());
            return read.segments.length > 0 ? read : undefined;
          });
          expect(list.targetDuration).toBe(2);
          expect(list.serverControl["canBlockReload"]).toBe(true);
          expect(list.partTargetDuration).toBeGreaterThan(0.19);
          const parts = list.segments.flatMap((s) => s.parts ?? []);
          for (const part of parts) expect(part.duration).toBeLessThanOrEqual(list.partTargetDuration);
          for (const address of [list.segments[0]?.map.uri, list.segments[0]?.uri, parts[0]?.uri]) {
            const answer = await answered(new URL(String(address), media));
            expect((await answer.bytes()).length).toBeGreaterThan(100);
          }
        }
      }
    }
  }, 60_000);
});
