import { startDemoCamera } from "../../../src/app/demo/camera.ts";
import { readClip } from "../../../src/app/demo/clip.ts";
import { systemClock } from "../../../src/host/clock.ts";
import { connectTcp } from "../../../src/host/tcp.ts";
import { RtspParser } from "../../../src/wire/protocol/rtsp/parser.ts";

/** Same numbers in every run, 0 ≤ x < below. */
export function dice(seed: number): (below: number) => number {
  let x = seed >>> 0;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

/** What the clip camera sends in its first moments: its description and its RTP packets, with their channels. */
export async function recordClip(packets: number) {
  const folder = new URL("../../../src/app/demo/clip/", import.meta.url);
  const read = async (name: string) => new Uint8Array(await Bun.file(new URL(name, folder)).arrayBuffer());
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
  const clip = readClip(await read("clip.h264"), await read("clip.aac"));
  const camera = await startDemoCamera(clip, systemClock, quiet);
  const base = `rtsp://127.0.0.1:${camera.port}/demo/`;
  const frames: { channel: number; packet: Uint8Array }[] = [];
  let sdp = "";
  await new Promise<void>((resolve, reject) => {
    const parser = new RtspParser({
      request() {},
      response(message) {
        if (message.body.length > 0) sdp = new TextDecoder().decode(message.body);
      },
      interleaved(channel, data) {
        if (channel % 2 === 0) frames.push({ channel, packet: data.slice() });
        if (frames.length === packets) resolve();
      },
    });
    const connected = connectTcp({ host: "127.0.0.1", port: camera.port, timeoutMs: 5000 }, {
      data: (bytes) => void parser.push(bytes),
      close: () => reject(new Error("the clip camera closed")),
    });
    connected.then((tcp) => {
      const ask = (sequence: number, method: string, uri: string, more = "") =>
        tcp.write(
          new TextEncoder().encode(`${method} ${uri} RTSP/1.0\r\nCSeq: ${sequence}\r\n${more}\r\n`),
        );
      ask(1, "DESCRIBE", base.slice(0, -1));
      ask(2, "SETUP", `${base}video`, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
      ask(3, "SETUP", `${base}audio`, "Transport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n");
      ask(4, "PLAY", base);
    }, reject);
  });
  camera.close();
  return { sdp, frames };
}

/** A packet with some of its bits and bytes changed, its head kept or not. */
export function mutate(packet: Uint8Array, roll: (below: number) => number): Uint8Array {
  const out = packet.slice(0, roll(12) === 0 ? 1 + roll(packet.length) : packet.length);
  const first = roll(4) === 0 ? 0 : 12;
  for (let n = roll(4); n > 0 && out.length > first; n--) {
    const at = first + roll(roll(2) === 0 ? Math.min(12, out.length - first) : out.length - first);
    out[at] = roll(3) === 0 ? [0, 0xff, 0x7f, 0x80][roll(4)] as number : (out[at] as number) ^ (1 << roll(8));
  }
  return out;
}
