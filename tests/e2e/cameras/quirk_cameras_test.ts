import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { listed, residentBytes, streamsYaml, variantsOf } from "../../peers/fogcast_streams.ts";
import { startLastingQuirkCamera } from "../../peers/lasting_quirk_camera.ts";
import { quirkCameraMissing } from "../../peers/quirk_camera.ts";

const missing = quirkCameraMissing();
if (missing !== undefined) console.warn(`SKIPPED: cameras with quirks through the binary: ${missing}`);

/** Labels of the tracks that come, sorted; or the reason why none do. Device by device: tests/e2e_rtsp. */
const DEVICES: Readonly<Record<string, string>> = {
  "anjvision": "H.265",
  "anpviz": "AAC, H.264",
  "dahua-h264-aac-onvif": "AAC, H.264",
  "dahua-h265-pcma": "G.711 A-law, H.265",
  "geovision": "H.264",
  "gw-main": "G.711 µ-law, H.264",
  "h264dvr": "G.711 A-law, H.264",
  "hikvision": "H.264",
  "macrovideo": "H.264",
  "missing-content-type": "AAC, H.264",
  "reolink-control-first": "AAC, H.264",
  "tplink": "G.711 A-law, H.265",
  "vstarcam": "G.711 A-law, H.264",
  "g-unordered-global-attributes": "H.264",
  "g-mediamtx-85-sony-snc-wr630": "H.264",
  "g-mediamtx-115-rr-bitrate": "AAC, H.264",
  "g-mediamtx-121-empty-unicast-address": "G.711 µ-law, H.264",
  "g-mediamtx-136-rs-bandwidth": "!camera offers X-ASF-PF, X-WMS-RTX: none that fogcast reads",
  "g-mediamtx-227-hik-media-server": "H.264",
  "g-gortsplib-85-flir-timing": "!camera announces H264 and sends nothing",
  "g-gortsplib-112-a-hex-session": "!camera describes no media",
  "g-gortsplib-112-b-hex-session": "!camera describes no media",
  "g-mediamtx-1119-fritzbox-6660-cable": "!camera offers MP2T: none that fogcast reads",
  "g-gortsplib-201-invalid-origin": "AAC, H.264",
  "g-mediamtx-2128-vurix-nvr": "H.264",
  "g-mediamtx-2473-no-session-name": "G.711 A-law, H.265",
  "g-mediamtx-2558-decimal-numbers-in-origin": "H.264",
  "g-gortsplib-474-udp-technology-cameras": "!camera offers METADATA: none that fogcast reads",
  "g-gortsplib-501-avigilon-cameras": "G.711 µ-law",
  "g-mediamtx-2708-y-cam-bullet-hd": "!camera offers MP4V-ES: none that fogcast reads",
  "g-gortsplib-879-aja-encoder": "!camera offers payload type 96 without a name: none that fogcast reads",
  "g-mediamtx-5008-uniview-ipc2122lb-sf28k-a": "H.264",
  "g-mediamtx-5292-verint-cameras-ip-instead-": "H.264",
  "g-gortsplib-1068-bzbgear-bg-vptz-10hsu3": "!camera offers META: none that fogcast reads",
  "go2rtc-testbugsdp2": "G.711 A-law, H.264",
  "go2rtc-testbugsdp3": "AAC, H.264",
  "go2rtc-testbugsdp6": "G.711 µ-law",
  "go2rtc-testbugsdp7": "G.711 µ-law, H.264",
  "axis-2017": "H.264",
  "tapo-c200-null": "G.711 A-law, H.264",
  "hiipcam-foscam-fi8620": "H.264",
  "dahua-onvif-backchannel": "G.711 A-law, H.264",
};

/** Switches of the simulator; each on a camera of H.264 and AAC. */
const QUIRKS = (
  "annexb marks nomark fuboth nops seqjump tsjump ssrcchange reorder dup badrtcp early crlf chanswap unkchan nort " +
  "spaces escam rtpneg rtpsemi noinfo noct cbnoscheme cbdouble cbnone lf nul cseqlc chgsess split big digest " +
  "digestsha basicdigest stale"
).split(" ");

interface Case {
  readonly name: string;
  readonly path: string;
  readonly want: string;
}
const CASES: readonly Case[] = [
  ...Object.entries(DEVICES).map(([id, want]) => ({ name: id, path: id, want })),
  ...QUIRKS.map((q) => ({ name: `quirk-${q}`, path: `dahua-h264-aac-onvif?q=${q}`, want: "AAC, H.264" })),
];
/** Streams of one run of the server. */
const AT_ONCE = 26;

describe.skipIf(missing !== undefined)("cameras with quirks through the binary", () => {
  for (const transport of ["tcp", "udp"]) {
    for (let first = 0; first < CASES.length; first += AT_ONCE) {
      const cases = CASES.slice(first, first + AT_ONCE);
      describe(`${transport}, ${first} to ${first + cases.length - 1}`, () => {
        let camera: { readonly port: number; stop(): void };
        let fogcast: RunningFogcast;
        beforeAll(async () => {
          camera = await startLastingQuirkCamera();
          const streams = cases.map(({ name, path }) => [name, {
            source: `rtsp://admin:pass@127.0.0.1:${camera.port}/${path}`,
            transport,
            timeout: "2s",
            alwaysOn: "true",
            segment: "1s",
          }]);
          fogcast = await startFogcast(streamsYaml(Object.fromEntries(streams)));
        }, 30_000);
        afterAll(async () => {
          await fogcast?.stop();
          camera?.stop();
        });

        for (const { name, want } of cases) {
          test.concurrent(name, async () => {
            if (want.startsWith("!")) {
              await until(40_000, `${name} says why it does not play`, async () => {
                const now = await listed(fogcast, name);
                if (now?.reason.startsWith(want.slice(1)) !== true) throw new Error(JSON.stringify(now));
                return true;
              });
              const answer = await fetch(`${fogcast.url}/hls/${name}/index.m3u8`);
              expect([answer.status, await answer.text()]).toEqual([
                503,
                expect.stringContaining(want.slice(1)),
              ]);
              return;
            }
            await until(40_000, `${name} plays ${want}`, async () => {
              const now = await listed(fogcast, name);
              const labels = now?.tracks.map((t) => t.label).filter((l) => !l.includes("ONVIF")).sort().join(
                ", ",
              );
              if (now?.state !== "online" || labels !== want) throw new Error(JSON.stringify(now));
              return true;
            });
            // on a busy machine the sound of a camera may come late: it is listed then
            const variants = await until(20_000, `${name} is listed with ${want}`, async () => {
              const found = await variantsOf(fogcast, name);
              if (found[0]?.codecs.split(",").length === want.split(", ").length) return found;
              throw new Error(JSON.stringify(found));
            });
            expect(variants.length).toBe(1);
            const playlist = await (await fetch(variants[0]?.url ?? "")).text();
            const part = /#EXT-X-PART:.*URI="([^"]+)"/.exec(playlist)?.[1];
            const bytes = await (await fetch(new URL(part ?? "none", variants[0]?.url))).bytes();
            expect(new TextDecoder().decode(bytes.subarray(4, 8))).toMatch(/moof|styp|prft/);
          }, 90_000);
        }

        test("no worker ended, no password was shown", () => {
          expect(fogcast.output()).not.toMatch(/worker ended|admin:|Something went wrong/);
          console.log(`${cases.length} streams: ${Math.round(residentBytes(fogcast.pid) / 1e6)} MB resident`);
        });
      });
    }
  }
});
