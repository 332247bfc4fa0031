import type { FrameRecord } from "../../../buffer/track_view.ts";
import type { Track } from "../../../media/track.ts";
import { lengthsToStartCodes, parameterSetsOf } from "../../../wire/codec/annexb_prefix.ts";
import type { Message, Packager, SocketFormat } from "./packager.ts";
import { scratch } from "./scratch.ts";

/**
 * Before each message: number of the track (one byte), what it is (one byte: 0, 1 a key frame, 2 parameter sets), its
 * decoding time (64 bits) and how much later it is shown (16 bits, signed), both in milliseconds, big-endian.
 */
const HEAD = 12;
const KEY = 1, SETS = 2;

interface Held {
  readonly track: Track;
  readonly data: Uint8Array;
  readonly dts: number;
  readonly ptsOffset: number;
  readonly key: boolean;
}

/** One frame a message, as Annex B: the canonical form has lengths where start codes go. */
class RawPackager implements Packager {
  readonly codecs: readonly string[];
  readonly header: Uint8Array | undefined;
  readonly #tracks: readonly Track[];
  readonly #held: Held[] = [];

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks;
    this.codecs = tracks.map((t) => t.codecString);
    const [first] = tracks;
    this.header = first === undefined ? undefined : parameterSets(first);
  }

  add(n: number, { data, dts, ptsOffset, key }: FrameRecord): void {
    const track = this.#tracks[n];
    if (track !== undefined && data.length > 4) this.#held.push({ track, data, dts, ptsOffset, key });
  }

  end(put: (message: Message) => void): void {
    for (const { track, data, dts, ptsOffset, key } of this.#held) {
      const bytes = scratch(HEAD + data.length);
      writeHead(bytes, track.id, key ? KEY : 0, millis(dts, track), millis(ptsOffset, track));
      bytes.set(data, HEAD);
      lengthsToStartCodes(bytes, HEAD, bytes.length);
      put(bytes);
    }
    this.drop();
  }

  drop(): void {
    this.#held.length = 0;
  }
}

function millis(time: number, { timescale }: Track): number {
  return Math.round((time / timescale) * 1000);
}

function writeHead(out: Uint8Array, track: number, what: number, dts: number, offset: number): void {
  const view = new DataView(out.buffer, out.byteOffset, HEAD);
  view.setUint8(0, track);
  view.setUint8(1, what);
  view.setBigInt64(2, BigInt(dts));
  view.setInt16(10, offset);
}

function parameterSets(track: Track): Uint8Array {
  const sets = parameterSetsOf(track) ?? [];
  const out = new Uint8Array(HEAD + sets.reduce((sum, set) => sum + 4 + set.length, 0));
  writeHead(out, track.id, SETS, 0, 0);
  let at = HEAD;
  for (const set of sets) {
    out[at + 3] = 1;
    out.set(set, at + 4);
    at += 4 + set.length;
  }
  return out;
}

/** H.264 and H.265 as Annex B, frame by frame, for decoders in the page. */
export const RAW_SOCKET: SocketFormat = {
  name: "raw",
  protocol: "Raw/WS",
  kinds: ["video"],
  several: false,
  eager: false,
  carries: ({ codec }) => codec === "h264" || codec === "h265",
  open: (tracks) => new RawPackager(tracks),
};
