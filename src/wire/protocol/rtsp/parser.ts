// RFC 2326, 4 to 6 and 10.12: messages and interleaved frames on one connection.
import { parseHead } from "./head.ts";
import type { RtspRequest, RtspResponse } from "./message.ts";

/** Longest head of a message (start line and fields), bytes. */
export const RTSP_HEAD_MAX = 64 * 1024;
/** Longest body of a message, bytes. */
export const RTSP_BODY_MAX = 512 * 1024;

const DOLLAR = 0x24;
const CR = 13;
const LF = 10;

/** Takes what a parser found. Views are valid during the call only. */
export interface RtspReceiver {
  request(message: RtspRequest): void;
  response(message: RtspResponse): void;
  interleaved(channel: number, data: Uint8Array): void;
}

/** Bad input: `at` counts from the first byte of the connection. A parser that answered it takes nothing more. */
export interface RtspBad {
  readonly kind: "bad";
  readonly at: number;
  readonly why: string;
}

/** Bytes that a piece which is held takes at least. */
const HELD_MIN = 1024;

/** The answer of a step: bytes used, 0 where more are needed. */
const MORE = 0;

/**
 * Takes a connection's bytes in pieces of any size. Interleaved frames that lie whole in a piece are handed on as views
 * of it; only what is cut by its end is copied. Line ends in front of frames and messages are skipped (some cameras put
 * CRLF before each `$`), and a lone LF ends a line too.
 */
export class RtspParser {
  readonly #out: RtspReceiver;
  /** Grows with the first piece that is cut: most connections of a flood never send one. */
  #held = new Uint8Array(0);
  #have = 0;
  /** Where the search for the end of the head goes on. */
  #searched = 0;
  #passed = 0;
  #bad: RtspBad | undefined;

  constructor(out: RtspReceiver) {
    this.#out = out;
  }

  /** Takes the next bytes. Undefined: all is well and more may come. */
  push(bytes: Uint8Array): RtspBad | undefined {
    let at = 0;
    while (this.#bad === undefined) {
      if (this.#have > 0) {
        at += this.#fill(bytes, at);
        const used = this.#step(this.#held.subarray(0, this.#have), 0);
        if (used === MORE) {
          if (at < bytes.length) continue;
          return this.#bad;
        }
        this.#held.copyWithin(0, used, this.#have);
        this.#have -= used;
        this.#passed += used;
        continue;
      }
      if (at >= bytes.length) return undefined;
      const used = this.#step(bytes, at);
      if (used === MORE) {
        if (this.#bad === undefined) at += this.#hold(bytes, at);
      } else {
        at += used;
        this.#passed += used;
      }
    }
    return this.#bad;
  }

  /** Adds what the held piece lacks: of a frame exactly that, so that the next ones are read where they lie. */
  #fill(bytes: Uint8Array, at: number): number {
    let take = bytes.length - at;
    if (this.#held[0] === DOLLAR) {
      const length = this.#have < 4 ? 0 : ((this.#held[2] as number) << 8) | (this.#held[3] as number);
      take = Math.min(take, Math.max(0, 4 + length - this.#have));
    } else take = Math.min(take, 4096);
    return this.#append(bytes, at, take);
  }

  #hold(bytes: Uint8Array, at: number): number {
    this.#searched = 0;
    return this.#append(bytes, at, bytes.length - at);
  }

  #append(bytes: Uint8Array, at: number, length: number): number {
    const end = this.#have + length;
    if (end > this.#held.length) {
      const grown = new Uint8Array(Math.max(end, this.#held.length * 2, HELD_MIN));
      grown.set(this.#held.subarray(0, this.#have));
      this.#held = grown;
    }
    this.#held.set(bytes.subarray(at, at + length), this.#have);
    this.#have = end;
    return length;
  }

  /** Reads one thing at `at`. */
  #step(bytes: Uint8Array, at: number): number {
    const first = bytes[at] as number;
    if (first === DOLLAR) {
      if (bytes.length - at < 4) return MORE;
      const end = at + 4 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
      if (end > bytes.length) return MORE;
      this.#out.interleaved(bytes[at + 1] as number, bytes.subarray(at + 4, end));
      return end - at;
    }
    if (first === CR || first === LF || first === 0 || first === 0x20) return 1;
    if (!isLetter(first)) {
      return this.#fail(`Cannot read an RTSP message that begins with byte 0x${first.toString(16)}`);
    }
    return this.#message(bytes, at);
  }

  #message(bytes: Uint8Array, at: number): number {
    const from = bytes.buffer === this.#held.buffer ? this.#searched : 0;
    const end = endOfHead(bytes, Math.max(at, at + from - 3));
    if (end < 0) {
      if (bytes.length - at > RTSP_HEAD_MAX) {
        return this.#fail(`RTSP head longer than ${RTSP_HEAD_MAX} bytes`);
      }
      this.#searched = bytes.length - at;
      return MORE;
    }
    if (end - at > RTSP_HEAD_MAX) return this.#fail(`RTSP head longer than ${RTSP_HEAD_MAX} bytes`);
    const head = parseHead(bytes.subarray(at, end));
    if (typeof head === "string") return this.#fail(head);
    if (head.length > RTSP_BODY_MAX) {
      return this.#fail(`RTSP body of ${head.length} bytes is over ${RTSP_BODY_MAX}`);
    }
    if (end + head.length > bytes.length) {
      this.#searched = Math.max(0, end - at - 4);
      return MORE;
    }
    this.#searched = 0;
    const body = bytes.slice(end, end + head.length);
    if ("method" in head.start) this.#out.request({ ...head.start, headers: head.headers, body });
    else this.#out.response({ ...head.start, headers: head.headers, body });
    return end + head.length - at;
  }

  #fail(why: string): number {
    this.#bad = { kind: "bad", at: this.#passed, why };
    return MORE;
  }
}

/** Offset behind the empty line that ends a head, -1 where there is none yet. */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let i = bytes.indexOf(LF, from); i >= 0; i = bytes.indexOf(LF, i + 1)) {
    if (bytes[i + 1] === LF) return i + 2;
    if (bytes[i + 1] === CR && bytes[i + 2] === LF) return i + 3;
  }
  return -1;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
