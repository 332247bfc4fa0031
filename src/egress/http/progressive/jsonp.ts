import { CONTAINER_FORMATS } from "../../../wire/container/formats.ts";
import type { ContainerFormat, LiveMuxer, MuxFrame } from "../../../wire/container/live_muxer.ts";
import { checkRoom } from "../../../wire/container/live_muxer.ts";

const NEWLINE = 10;
const END = new TextEncoder().encode(");\n");

/** JSON lines as calls of a page's function: `callback(…);`, one a line. */
export function jsonpFormat(callback: string): ContainerFormat {
  const { json } = CONTAINER_FORMATS;
  const begin = new TextEncoder().encode(`${callback}(`);
  return {
    ...json,
    name: `jsonp ${callback}`,
    mimeType: () => "text/javascript; charset=utf-8",
    open: (tracks) => new CallMuxer(json.open(tracks), begin),
  };
}

class CallMuxer implements LiveMuxer {
  readonly #lines: LiveMuxer;
  readonly #begin: Uint8Array;
  entry = false;

  constructor(lines: LiveMuxer, begin: Uint8Array) {
    this.#lines = lines;
    this.#begin = begin;
  }

  header(): Uint8Array {
    return this.#lines.header();
  }

  size(frame: MuxFrame): number {
    return this.#begin.length + this.#lines.size(frame) + END.length;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const begin = this.#begin;
    const length = this.#lines.write(out, at + begin.length, frame);
    this.entry = this.#lines.entry;
    if (length === 0) return 0;
    // The line's own end is written over.
    const end = at + begin.length + length - (out[at + begin.length + length - 1] === NEWLINE ? 1 : 0);
    checkRoom(out, end, END.length);
    out.set(begin, at);
    out.set(END, end);
    return end + END.length - at;
  }

  trailer(): Uint8Array {
    return this.#lines.trailer();
  }
}
