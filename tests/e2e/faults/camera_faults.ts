import type { RtspRequest } from "../../../src/wire/protocol/rtsp/message.ts";
import type { TcpConnection } from "../../../src/host/tcp.ts";
import { type Answer, framed, rtp } from "../../link/rtsp/scripted_camera.ts";

/** What a faulty camera does, and what the server has to say of it. */
export interface CameraFault {
  readonly name: string;
  readonly script: (method: string, count: number, request: RtspRequest, tcp: TcpConnection) => Answer;
  /** Called when the server connects, before it says anything. */
  readonly connected?: (tcp: TcpConnection) => void;
  readonly sdp?: string;
  /** The reason in `/streams.json` and in the log. */
  readonly reason: RegExp;
  /** A refusal is retried every 30 s only: not waited for here. */
  readonly refused?: true;
}

export const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "a=control:*",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1",
  "a=control:trackID=0",
  "",
].join("\r\n");

const text = (s: string) => new TextEncoder().encode(s);

/** Bytes that repeat from run to run and are of no protocol. */
export function rubbish(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, x = seed; i < length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    bytes[i] = x >>> 16;
  }
  return bytes;
}

/** Closes instead of answering this method. */
const hangsUpAt = (at: string) => (method: string): Answer => method === at ? "hang up" : undefined;

/** Writes a byte a second for as long as the connection lives. */
function drip(tcp: TcpConnection, bytes: Uint8Array): void {
  let at = 0;
  const timer = setInterval(() => {
    if (at >= bytes.length || tcp.write(bytes.subarray(at, ++at)) > 1024) clearInterval(timer);
  }, 1000);
}

/** Interleaved frames that say they are one byte longer than they are. */
function lyingFrames(): Uint8Array {
  const frame = framed(0, rtp(96, 1, 1, [0x65, 1, 2, 3]));
  frame[3] = (frame[3] as number) + 1;
  const lies = new Uint8Array(frame.length * 40);
  for (let n = 0; n < 40; n++) lies.set(frame, n * frame.length);
  return lies;
}

const usual = (): Answer => undefined;
const CLOSED = /camera closed the connection|connection to the camera lost/;
const MANY_MEDIAS = SDP + Array.from(
  { length: 4000 },
  (_, n) => `m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=${n + 1}\r\n`,
).join("");

export const CAMERA_FAULTS: readonly CameraFault[] = [
  {
    name: "rubbish-at-once",
    connected: (tcp) => void tcp.write(rubbish(64 * 1024)),
    script: () => "silence",
    reason: /camera sends no RTSP at byte 0/,
  },
  {
    name: "rubbish-as-answer",
    script: (method) => method === "DESCRIBE" ? { raw: Uint8Array.of(0x80, ...rubbish(3000)) } : undefined,
    reason: /camera sends no RTSP at byte \d+/,
  },
  {
    name: "web-page-as-answer",
    script: () => ({ raw: text("HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\n<br/>") }),
    reason: /camera sends no RTSP|camera answers OPTIONS|camera answers DESCRIBE with 400/,
  },
  {
    name: "text-without-end",
    connected(tcp) {
      for (let n = 0; n < 8; n++) tcp.write(text(`RTSP/1.0 200 OK ${"x".repeat(32 * 1024)}`));
    },
    script: () => "silence",
    reason: /RTSP head longer than 65536 bytes/,
  },
  {
    name: "huge-headers",
    script: () => ({
      raw: text(`RTSP/1.0 200 OK\r\n${"X-Filler: 0123456789abcdef\r\n".repeat(40_000)}\r\n`),
    }),
    reason: /RTSP head longer than 65536 bytes|RTSP head .*fields/,
  },
  { name: "closes-at-options", script: hangsUpAt("OPTIONS"), reason: CLOSED },
  { name: "closes-at-describe", script: hangsUpAt("DESCRIBE"), reason: CLOSED },
  { name: "closes-at-setup", script: hangsUpAt("SETUP"), reason: CLOSED },
  { name: "closes-at-play", script: hangsUpAt("PLAY"), reason: CLOSED },
  {
    name: "closes-after-play",
    script(method, _count, _request, tcp) {
      if (method === "PLAY") setTimeout(() => tcp.end(), 100);
      return undefined;
    },
    reason: CLOSED,
  },
  {
    name: "closes-at-once",
    connected: (tcp) => tcp.destroy(),
    script: usual,
    reason: /camera closed|connection to the camera lost|cannot connect/,
  },
  {
    name: "a-byte-a-second",
    script(method, _count, request, tcp) {
      if (method !== "DESCRIBE") return undefined;
      drip(tcp, text(`RTSP/1.0 200 OK\r\nCSeq: ${request.headers.get("cseq")}\r\n\r\n`));
      return "silence";
    },
    reason: /camera does not answer DESCRIBE within 10 s/,
  },
  {
    name: "never-answers",
    script: () => "silence",
    reason: /camera does not answer DESCRIBE within 10 s/,
  },
  {
    name: "silent-setup",
    script: (method) => method === "SETUP" ? "silence" : undefined,
    reason: /camera does not answer SETUP within 10 s/,
  },
  {
    name: "no-packets",
    script: usual,
    reason: /camera announces H264 and sends nothing over TCP for 4 s/,
  },
  {
    name: "stops-sending",
    script: (method) => method === "PLAY" ? { after: framed(0, rtp(96, 1, 1, [0x41, 1, 2])) } : undefined,
    reason: /camera is silent for 4 s/,
  },
  {
    name: "lies-about-lengths",
    script: (method) => method === "PLAY" ? { after: lyingFrames() } : undefined,
    reason: /camera sends no RTSP at byte \d+/,
  },
  {
    name: "frame-never-completed",
    script: (method) =>
      method === "PLAY" ? { after: Uint8Array.of(0x24, 0, 0xff, 0xff, ...rubbish(500)) } : undefined,
    reason: /camera announces H264 and sends nothing over TCP for 4 s/,
  },
  {
    name: "description-of-10-megabytes",
    script: (method) =>
      method === "DESCRIBE"
        ? { fields: ["Content-Type: application/sdp"], body: SDP + "a=x:y\r\n".repeat(1_500_000) }
        : undefined,
    reason: /RTSP body of \d+ bytes is over 524288/,
  },
  {
    name: "description-of-4000-medias",
    sdp: MANY_MEDIAS,
    script: usual,
    reason: /camera announces H264|camera describes|camera sends|medias/,
  },
  {
    name: "description-of-rubbish",
    script: (method) =>
      method === "DESCRIBE"
        ? { fields: ["Content-Type: application/sdp"], body: new TextDecoder("latin1").decode(rubbish(5000)) }
        : undefined,
    reason: /camera describes no media/,
    refused: true,
  },
  {
    name: "redirects-for-ever",
    script: (method, _count, request) =>
      method === "DESCRIBE" ? { status: "302 Found", fields: [`Location: ${request.uri}`] } : undefined,
    reason: /camera redirects without end/,
  },
  {
    name: "challenges-for-ever",
    script: (_method, count) => ({
      status: "401 Unauthorized",
      fields: [`WWW-Authenticate: Digest realm="r", nonce="${count}", stale=true`],
    }),
    reason: /camera (refuses|wants) .*\(401\)/,
    refused: true,
  },
  {
    name: "status-999",
    script: (method) => method === "DESCRIBE" ? { status: "999 \x1b[31mRed\x07" } : undefined,
    reason: /camera answers DESCRIBE with 999/,
  },
];
