// RFC 2046, 5.1 and what browsers make of multipart/x-mixed-replace: each part replaces the picture before it.
import type { Track } from "../../../media/track.ts";
import { checkRoom, type ContainerFormat, type LiveMuxer, type MuxFrame, NOTHING } from "../live_muxer.ts";
import { refuseAllBut } from "../single_track.ts";

const CODECS = ["jpeg"] as const;
const BOUNDARY = "fogcast-frame";
const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

const DELIMITER = ascii(`--${BOUNDARY}\r\n`);
const PART = ascii("Content-Type: image/jpeg\r\nContent-Length: ");
const TIME = ascii("\r\nX-Timestamp: ");
const END_OF_HEAD = ascii("\r\n\r\n");
/** The delimiter follows its picture at once: browsers show a part when they see the next one begin. */
const AFTER = ascii(`\r\n--${BOUNDARY}\r\n`);
/** Digits of a length, and of a time with its point and six places. */
const NUMBER_MAX = 16, TIME_MAX = 24;

/** Writes a whole number in decimal, with at least `digits`; answers where it ends. */
export function putDecimal(out: Uint8Array, at: number, value: number, digits = 1): number {
  let count = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) count++;
  if (count < digits) count = digits;
  for (let i = count - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 10)) {
    out[at + i] = 0x30 + rest % 10;
  }
  return at + count;
}

function putBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  out.set(bytes, at);
  return at + bytes.length;
}

/** JPEG images as parts, each with its length and its presentation time in seconds. */
class MultipartLiveMuxer implements LiveMuxer {
  readonly #timescale: number;
  entry = false;

  constructor(timescale: number) {
    this.#timescale = timescale;
  }

  header(): Uint8Array {
    return DELIMITER;
  }

  size(frame: MuxFrame): number {
    return PART.length + NUMBER_MAX + TIME.length + TIME_MAX + END_OF_HEAD.length + frame.data.length +
      AFTER.length;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const { data } = frame;
    this.entry = data.length > 0;
    if (data.length === 0) return 0;
    checkRoom(out, at, this.size(frame));
    const micros = Math.max(0, Math.round(((frame.dts + frame.ptsOffset) * 1e6) / this.#timescale));
    let o = putBytes(out, at, PART);
    o = putDecimal(out, o, data.length);
    o = putBytes(out, o, TIME);
    o = putDecimal(out, o, Math.floor(micros / 1e6));
    out[o++] = 0x2e;
    o = putDecimal(out, o, micros % 1e6, 6);
    o = putBytes(out, o, END_OF_HEAD);
    o = putBytes(out, o, data);
    return putBytes(out, o, AFTER) - at;
  }

  /** The end needs no close delimiter: it would have to follow a part, and the next one is already announced. */
  trailer(): Uint8Array {
    return NOTHING;
  }
}

export const MULTIPART_FORMAT: ContainerFormat = {
  name: "mjpeg",
  codecs: CODECS,
  joinable: true,
  mimeType: () => `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
  refuse: (tracks) => refuseAllBut(tracks, CODECS, "a stream of JPEG images"),
  open: (tracks) => new MultipartLiveMuxer((tracks[0] as Track).timescale),
};
