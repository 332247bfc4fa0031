import { makeLog } from "../src/base/log.ts";
import { systemClock } from "../src/host/clock.ts";
import { bindUdp } from "../src/host/udp.ts";
import { serveRtsp } from "../src/link/rtsp/server.ts";
import { printSdp } from "../src/wire/protocol/sdp/print.ts";
import { drawClock, HEIGHT, WIDTH } from "./screen_clock.ts";

const FRAMES_PER_SECOND = 25;
const FRAME_MILLIS = 1000 / FRAMES_PER_SECOND;

export interface ClockCamera {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A camera that films a clock: pictures drawn here, encoded by ffmpeg (x264, no lookahead, a key frame every 2 s), whose
 * RTP packets are passed on over RTSP as they come.
 */
export async function startClockCamera(): Promise<ClockCamera> {
  const players = new Set<(packet: Uint8Array) => void>();
  const udp = await bindUdp({ address: "127.0.0.1", receiveBufferBytes: 1 << 20 }, (packet) => {
    for (const send of players) send(packet);
  });
  const size = ["-s", `${WIDTH}x${HEIGHT}`, "-framerate", String(FRAMES_PER_SECOND)];
  const input = ["-probesize", "32", "-f", "rawvideo", "-pix_fmt", "yuv420p", ...size, "-i", "-"];
  const coder = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "50", "-bf", "0"];
  const output = ["-f", "rtp", "-payload_type", "96", `rtp://127.0.0.1:${udp.port}?pkt_size=1400`];
  const ffmpeg = Bun.spawn(["ffmpeg", "-v", "error", ...input, ...coder, ...output], {
    stdin: "pipe",
    stdout: "ignore",
  });
  const started = performance.now();
  let frames = 0;
  const picture = drawClock(0);
  const film = setInterval(() => {
    if (started + frames * FRAME_MILLIS > performance.now()) return;
    frames++;
    ffmpeg.stdin.write(drawClock(Date.now(), picture).slice());
    ffmpeg.stdin.flush();
  }, 4);
  const sdp = printSdp({
    name: "clock",
    id: 1,
    origin: "127.0.0.1",
    address: "0.0.0.0",
    control: "*",
    medias: [{
      type: "video",
      port: 0,
      control: "video",
      frameRate: FRAMES_PER_SECOND,
      formats: [{
        payloadType: 96,
        encoding: "H264",
        clockRate: 90_000,
        channels: 1,
        fmtp: new Map([["packetization-mode", "1"]]),
      }],
    }],
  });
  const server = await serveRtsp({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    log: makeLog(() => {}, { stream: "", part: "bench", least: "error" }, () => Date.now()),
    describe: () => ({ sdp, tracks: [{ control: "video", clockRate: 90_000 }] }),
    play(session) {
      const send = (packet: Uint8Array) => session.send(0, packet);
      players.add(send);
      return () => players.delete(send);
    },
  });
  return {
    url: `rtsp://127.0.0.1:${server.port}/clock`,
    async close() {
      clearInterval(film);
      server.close();
      udp.close();
      ffmpeg.kill("SIGKILL");
      await ffmpeg.exited;
    },
  };
}
